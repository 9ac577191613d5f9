"""Voices: tones for everybody, espeak-ng where it is installed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ivr.simulator.sound import mulaw
from ivr.simulator.sound.speakers import Espeak, Tones

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = shutil.which("espeak-ng")
needs_espeak = pytest.mark.skipif(PROGRAM is None, reason="needs the program espeak-ng")


@pytest.mark.parametrize("text", ["Hello", "For billing, press 1.", "a", "  ", "¿Qué?", "x" * 300])
async def test_tones_last_fifteen_characters_a_second(text: str) -> None:
    """The same text always sounds the same."""
    one, other = [await Tones().say(text, "en-US") for _ in range(2)]
    lasts_ms = round(len(text) / 15 * 1000)

    assert one.seconds == len(text) / 15
    assert one.read(0, lasts_ms) == other.read(0, lasts_ms)
    assert bool(text.strip()) != mulaw.is_silent(one.read(0, lasts_ms))


@needs_espeak
@pytest.mark.parametrize("text", ["Hello there", "--help", "-f /etc/hostname", "@/etc/hostname", "<break/>"])
async def test_espeak_says_what_it_is_given(text: str) -> None:
    """Never taken for an option, a file or anything else; the second time without asking the program."""
    speaker = Espeak(str(PROGRAM))
    sound = await speaker.say(text, "en-US")

    assert 0.2 < sound.seconds < 10
    assert sound.sounding(0, 10_000) is not None
    assert await speaker.say(text, "en-US") is sound


@needs_espeak
async def test_espeak_knows_languages() -> None:
    """And speaks in tones where it does not, or where the name could be something else than a language."""
    speaker = Espeak(str(PROGRAM))
    english, spanish, unknown, path = [
        (await speaker.say("general", name)).seconds for name in ("en-US", "es-MX", "qq-QQ", "../../en")
    ]

    assert english != spanish
    assert unknown == path == len("general") / 15


async def test_a_program_that_fails_is_replaced_by_tones(tmp_path: Path) -> None:
    """Missing, or answering with no sound."""
    broken = tmp_path / "espeak-ng"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)

    for program in (str(broken), str(tmp_path / "missing")):
        assert (await Espeak(program).say("hello", "en-US")).seconds == 5 / 15
