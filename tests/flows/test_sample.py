"""The shipped workspace: it checks clean, a caller gets through it, and its sounds are what the script makes."""

from __future__ import annotations

import subprocess
import sys
import wave
from array import array
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.events import Answered, CallStarted, EffectFailed, Event, KeysPressed, NothingHeard, WordsSpoken
from flows.program import Program, compile_program
from ivr.workspace import read_workspace
from tests.flows.playing import Player

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "flows" / "examples" / "support"
CLOSED = datetime(2026, 3, 8, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def program() -> Program:
    """The sample, compiled."""
    workspace = read_workspace(SAMPLE)
    found = compile_program(workspace.files, workspace.audio)

    assert found.problems == ()
    assert found.program is not None
    return found.program


def says(player: Player, *events: Event) -> str:
    """All the words of the last turn, in any language."""
    player.plays(*events)
    spoken = [
        text
        for one in player.turns[-1].instructions
        for part in getattr(one, "prompts", (one,))
        if isinstance(text := getattr(part, "text", None), str)
    ]
    return " ".join(spoken)


def test_the_address_comes_as_a_message(program: Program) -> None:
    """By words, in English: hours, then yes, then a text message, then the menu again."""
    player = Player(program)
    says(player, CallStarted())

    assert "open now" in says(player, KeysPressed("1"))
    assert "200 Market Street" in says(player, WordsSpoken("where are you?", 0.8))
    player.plays(WordsSpoken("Yes please", 0.8))
    assert type(player.turns[-1].instructions[-1]).__name__ == "SendMessage"
    assert "on its way to you" in says(player, Answered({"message_sid": "SM1"}))


def test_an_order_is_asked_for_in_spanish(program: Program) -> None:
    """The number is read back digit by digit; a refused one is asked for again."""
    player = Player(program, now=CLOSED)
    says(player, CallStarted())

    assert "cerrada y abre de nuevo mañana a las 8 de la mañana" in says(player, KeysPressed("2"))
    assert "seis dígitos" in says(player, KeysPressed("2"))
    assert "4 5 0 0 0 1" in says(player, KeysPressed("450001"))
    assert "seis dígitos" in says(player, KeysPressed("2"))
    assert "7 5 0 0 0 1" in says(player, KeysPressed("750001"))
    assert "ha sido entregado" in says(player, KeysPressed("1"))
    assert player.session.vars == {"order": "750001"}


def test_a_silent_caller_hears_how_to_reach_a_person_and_is_let_go(program: Program) -> None:
    """Nobody is left in a loop."""
    player = Player(program)
    says(player, CallStarted())

    heard = [says(player, NothingHeard()) for _ in range(5)]
    heard += [says(player, EffectFailed("unavailable")), *(says(player, NothingHeard()) for _ in range(2))]

    assert "nobody is free to take your call" in " ".join(heard)
    assert "support at acme dot example" in " ".join(heard)
    assert player.session.ended == "finished"


def test_a_message_that_cannot_be_sent_is_said_aloud(program: Program) -> None:
    """The address is told once more instead."""
    player = Player(program)
    says(player, CallStarted())

    said = says(player, KeysPressed("1"), KeysPressed("1"), KeysPressed("1"), EffectFailed("refused"))

    assert "could not send" in said


def test_the_sounds_are_what_the_script_makes(tmp_path: Path) -> None:
    """Anybody can make them again, byte for byte; they are soft and never clipped."""
    subprocess.run([sys.executable, ROOT / "scripts" / "make_prompts", tmp_path], check=True, stdout=subprocess.DEVNULL)

    for name in ("chime.wav", "hold.wav"):
        made, shipped = tmp_path / name, SAMPLE / "prompts" / "any" / name
        assert made.read_bytes() == shipped.read_bytes()
        with wave.open(str(shipped)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8_000)
            samples = array("h", sound.readframes(sound.getnframes()))
        assert 5_000 < max(map(abs, samples)) < 16_000
