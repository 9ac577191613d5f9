"""The telephone over WebSocket: the protocol of docs/simulator.md."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from ivr.simulator.wire import DEEDS
from tests.ivr.simulator.conftest import NUMBER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application

DOCS = Path(__file__).parents[3] / "docs" / "simulator.md"


class Wire:
    """A connected handset that keeps what it hears."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def do(self, what: str, **details: Any) -> None:
        await self.socket.send_json({"do": what, **details})

    async def until(self, kind: str) -> dict[str, Any]:
        """The next message of this kind."""
        async with asyncio.timeout(5):
            while True:
                message: dict[str, Any] = await self.socket.receive_json()
                self.heard.append(message)
                if message["kind"] == kind:
                    return message


@pytest.fixture
async def wire(simulator: Simulator) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{simulator.base_url}/handset") as socket:
        yield Wire(socket)


async def test_a_call_is_held_over_the_wire(application: Application, simulator: Simulator, wire: Wire) -> None:
    """At instant pace nothing said takes time, and a silence is over when the holder says so."""
    application["/voice"] = '<Gather numDigits="1" action="/a"><Say>Press one</Say></Gather>'
    application["/a"] = (
        '<Gather input="speech" action="/b"><Say language="es-US" voice="Polly.Lupe">Diga</Say></Gather>'
    )
    application["/b"] = "<Gather><Say>Anything else?</Say></Gather><Say>Goodbye</Say>"

    await wire.do("dial", to=NUMBER, **{"from": "+12025550188"}, pace="instant")
    question = await wire.until("listening")
    await wire.do("press", keys="1")
    await wire.do("silent", question=question["question"])
    await wire.until("listening")
    await wire.do("speak", words="my bill", confidence=0.8)
    question = await wire.until("listening")
    await wire.do("silent", question=question["question"])
    ended = await wire.until("ended")

    said = [(one["text"], one["language"]) for one in wire.heard if one["kind"] == "say"]
    assert said == [("Press one", "en-US"), ("Diga", "es-US"), ("Anything else?", "en-US"), ("Goodbye", "en-US")]
    assert ended["text"] == "completed"
    assert application.form("/voice")["From"] == "+12025550188"
    assert application.form("/a")["Digits"] == "1"
    assert (application.form("/b")["SpeechResult"], application.form("/b")["Confidence"]) == ("my bill", "0.8")
    assert simulator.errors == []


async def test_hanging_up_and_dialling_again(application: Application, wire: Wire) -> None:
    """One handset makes one call after the other."""
    application["/voice"] = '<Gather timeout="60"/>'

    for _ in range(2):
        await wire.do("dial", to=NUMBER)
        await wire.until("listening")
        await wire.do("hang_up")
        assert (await wire.until("ended"))["text"] == "completed"

    assert [request.form["From"] for request in application.received("/voice")] == ["anonymous", "anonymous"]


async def test_a_broken_connection_hangs_up(
    application: Application, simulator: Simulator, wire: Wire, time: SteppedTime
) -> None:
    """As a telephone that is switched off."""
    application["/voice"] = '<Gather timeout="60"/>'
    await wire.do("dial", to=NUMBER)
    await wire.until("listening")

    await wire.socket.close()
    await time.settle()

    assert [call.status for call in simulator.calls.values()] == ["completed"]


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "[]",
        "7",
        '{"do": "shout"}',
        '{"do": "press", "keys": "1"}',
        '{"do": "dial"}',
        '{"do": "dial", "to": "+12025550100", "pace": "hasty"}',
        '{"do": "silent", "question": "x"}',
        '{"do": "silent", "question": 1e999}',
        '{"do": "speak", "words": "hello", "confidence": NaN}',
        '{"do": "dial", "to": "+12025550100", "from": "\\ud800"}',
        pytest.param("[" * 100_000, id="deeper than anybody reads"),
    ],
)
async def test_what_a_telephone_cannot_do_is_said(simulator: Simulator, wire: Wire, message: str) -> None:
    """The connection goes on."""
    await wire.socket.send_str(message)
    error = await wire.until("error")
    await wire.do("dial", to="+12025550199")

    assert error["text"]
    assert (await wire.until("ended"))["text"] == "not-in-service"
    assert simulator.errors == []


async def test_the_simulator_shows_what_it_remembers(
    application: Application, simulator: Simulator, wire: Wire
) -> None:
    """Calls with what was heard and exchanged, without credentials."""
    application["/voice"] = "<Say>Hello</Say><Pause/><Say/>"
    await wire.do("dial", to=NUMBER, pace="instant")
    await wire.until("ended")

    async with aiohttp.ClientSession() as session, session.get(f"{simulator.base_url}/simulator/calls.json") as answer:
        memory = await answer.json()

    (call,) = memory["calls"]
    assert (memory["simulator"], call["to"], call["status"]) == ("twilio", NUMBER, "completed")
    assert [one["url"].removeprefix(application.url) for one in call["exchanges"]][:2] == ["/voice", "/fallback"]
    assert [error["code"] for error in memory["errors"]] == [13520, 11200]
    assert "auth_token" not in json.dumps(memory)


def test_the_documented_messages_are_the_ones_that_work() -> None:
    """Each example of the page is JSON, and together they name all that a handset can do."""
    examples = re.findall(r"^\{.*\}$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    messages = [json.loads(example) for example in examples]

    assert {message["do"] for message in messages if "do" in message} == set(DEEDS)
    assert {message["kind"] for message in messages if "kind" in message} == {
        "say",
        "play",
        "pause",
        "listening",
        "status",
        "rings",
        "audio",
        "connected",
        "voice",
        "tones",
        "ended",
        "error",
    }
