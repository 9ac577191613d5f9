"""<Play>.

| attribute | values | default |
|---|---|---|
| loop | 0 (at most 1000 times) and up | 1 |
| digits | 0-9 A-D w W # *; w waits half a second, W a second | |

Text: the URL of audio, fetched by GET without the standard parameters. Source: twilio.com/docs/voice/twiml/play.
"""

from __future__ import annotations

import asyncio
import io
import os
import wave
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

NUMBER = "+12025550100"


def wav(seconds: float, rate_hz: int = 8000) -> bytes:
    """Silence, 16 bit, mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(rate_hz)
        audio.writeframes(bytes(2 * round(seconds * rate_hz)))
    return file.getvalue()


def audio(body: bytes, content_type: str) -> web.Response:
    return web.Response(body=body, content_type=content_type)


@pytest.mark.parametrize(
    ("sound", "seconds"),
    [
        (audio(wav(2.5), "audio/wav"), 2.5),
        (audio(wav(2.5, 44_100), "audio/x-wav"), 2.5),
        (audio(bytes(4000 * 6), "audio/mpeg"), 6),
        (audio(bytes(8000 * 3), "audio/ulaw"), 3),
    ],
)
async def test_a_sound_lasts_as_long_as_its_audio(
    application: Application, caller: Caller, simulator: Simulator, sound: web.Response, seconds: float
) -> None:
    """It is fetched by a signed GET that tells nothing about the call."""
    application["/voice"] = "<Play>/prompt</Play><Say>after</Say>"
    application["/prompt"] = sound

    await caller.dials(NUMBER)
    await caller.hears("after")

    play, after = caller.telephone.heard[-2:]
    (request,) = application.received("/prompt")
    assert (play.kind, play.text) == ("play", f"{application.url}/prompt")
    assert after.at_ms - play.at_ms == seconds * 1000
    assert (request.method, request.url) == ("GET", f"{application.url}/prompt")
    assert "X-Twilio-Signature" in request.headers
    assert simulator.errors == []


async def test_a_sound_is_repeated_as_often_as_asked(application: Application, caller: Caller) -> None:
    """It is fetched once for all of them."""
    application["/voice"] = '<Play loop="3">/prompt</Play>'
    application["/prompt"] = audio(wav(1), "audio/wav")

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert sum(one.kind == "play" for one in caller.telephone.heard) == 3
    assert len(application.received("/prompt")) == 1


async def test_keys_are_played_as_tones(application: Application, caller: Caller) -> None:
    """Small w waits half a second, capital W a whole one."""
    application["/voice"] = '<Play digits="12wW"/><Say>after</Say>'

    await caller.dials(NUMBER)
    await caller.hears("after")

    play, after = caller.telephone.heard[-2:]
    assert (play.text, after.at_ms - play.at_ms) == ("12wW", 1900)


@pytest.mark.parametrize(
    ("twiml", "code"),
    [
        ("<Play/>", 11100),
        ('<Play digits="1">/prompt</Play>', 11100),
        ('<Play digits="1x"/>', 13430),
        ('<Play loop="x">/prompt</Play>', 13410),
        ('<Gather><Play digits="1"/></Gather>', 13430),
        ("<Play>/missing</Play>", 11200),
        ("<Play>/text</Play>", 13420),
        ("<Play>/broken</Play>", 13420),
    ],
)
async def test_what_cannot_be_played_is_an_error(
    application: Application, caller: Caller, simulator: Simulator, twiml: str, code: int
) -> None:
    """A wrong attribute, audio that is not there, or something that is no audio."""
    application["/voice"] = twiml
    application["/text"] = web.Response(text="hello")
    application["/broken"] = audio(wav(1)[:40], "audio/wav")

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors[0].code == code


async def test_a_program_that_decodes_does_not_hold_up_the_network(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, tmp_path: Path
) -> None:
    """When somebody listens MP3 is decoded beside everything else; no second of the call passes meanwhile."""
    program, started, go = tmp_path / "ffmpeg", tmp_path / "started", tmp_path / "go"
    os.mkfifo(go)
    program.write_text(f"#!/bin/sh\ncat > /dev/null\n: > {started}\nread line < {go}\nhead -c 8000 /dev/zero\n")
    program.chmod(0o755)
    simulator.library.ffmpeg = str(program)
    application["/voice"] = "<Start><Recording/></Start><Play>/prompt</Play>"
    application["/prompt"] = web.Response(body=bytes(4000), content_type="audio/mpeg")

    await caller.telephone.dial(NUMBER)
    ended = asyncio.create_task(time.advance(10))
    await eventually(started.exists, "the program at work")
    async with aiohttp.ClientSession() as session, session.get(f"{simulator.base_url}/simulator/calls.json") as answer:
        (meanwhile,) = (await answer.json())["calls"]
    await asyncio.to_thread(go.write_text, "go\n")
    await ended

    assert meanwhile["status"] == "in-progress"
    assert caller.ending == "completed"
    assert len(application.received("/prompt")) == 1
