"""Reading scenarios: every mistake at its place, and any bytes at all are scenarios or problems."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.scenarios import play_all, read_scenarios, report, stage
from flows.scenarios.given import OPTIONS
from flows.scenarios.moves import MOVES, SHAPES
from flows.scenarios.read import ENDS
from tests.flows.playing import AUDIO
from tests.flows.scenarios.playing import PROGRAM, read

CASES = Path(__file__).parents[1] / "cases" / "scenarios"
HANDBOOK = Path(__file__).parents[3] / "docs" / "flows.md"
WORDS = st.sampled_from(
    [
        *("scenario", "given", "call", "ends", "at", "2026-03-02 10:00", "9999-12-31 23:59", "0001-01-01 00:00"),
        *("customer", "first_name", "tags", "promises", "hours", "office", "until", "24:00", "queues", "billing"),
        *("http", "https://shop.example.com/*", "status", "body", "after", "lookup", "vars", "x", "1e400", "-0.5"),
        *MOVES,
        *("like", "((a*)*)*b", "exactly", "recording", "for", "key", "stays silent", "hangs up", "answers", "overflow"),
        *("1", "12345#", "20s", "9999999d", "101%", "finished", "{{", "*", "&a", "!x", "\u2028", "\x00"),
    ]
)
SCENARIO_LIKE = st.lists(
    st.one_of(
        WORDS, st.sampled_from([" ", "\n", "\n  ", "\n    ", ": ", "- ", "{", "}", "[", "]", ", ", "'", '"', "#"])
    ),
    max_size=80,
)
DEEDS = st.lists(
    st.sampled_from(["presses: 1", "presses: 5", "stays silent", "hangs up", "agent: answers"]), max_size=9
)


def test_every_mistake_is_told_at_its_place() -> None:
    """Beside the exact words; UPDATE_CASES=1 writes them anew."""
    found = "".join(f"{problem}\n" for problem in read((CASES / "broken.yaml").read_text(encoding="utf-8")))
    expected = CASES / "broken.out"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(found, encoding="utf-8")

    assert found == expected.read_text(encoding="utf-8")


def test_two_scenarios_of_one_name_are_a_mistake() -> None:
    """Also in two files: a name says which one failed."""
    text = b"- scenario: a call\n  call: []\n"

    _, problems = read_scenarios({"scenarios/a.yaml": text, "scenarios/b.yaml": text}, AUDIO, PROGRAM)

    assert [str(one) for one in problems] == [
        'scenarios/b.yaml:1:1: scenario "a call" is there twice; first at scenarios/a.yaml:1 [duplicate-scenario]'
    ]


def test_a_time_that_the_clock_skips_is_a_mistake() -> None:
    """Half past two on the night when summer time begins."""
    problems = read("- scenario: a call\n  given: {at: 2026-03-08 02:30}\n  call: []\n")

    assert "does not exist where the centre is" in problems[0].message


def test_a_file_of_another_name_is_told() -> None:
    """It would be left out without a word."""
    _, problems = read_scenarios({"scenarios/a.yml": b""}, AUDIO, PROGRAM)

    assert problems[0].code == "misnamed-file"


@pytest.mark.parametrize("word", [*OPTIONS, *SHAPES, *ENDS])
def test_each_word_of_a_scenario_is_told_in_the_handbook(word: str) -> None:
    """What may be given, done, expected, and how a call ends."""
    scenarios = HANDBOOK.read_text(encoding="utf-8").split("\n## Scenarios\n")[1].split("\n## ")[0]

    assert re.search(rf"`{word}\b", scenarios)


def test_what_is_declared_is_what_is_read() -> None:
    """The editor's help and the reader know the same lines."""
    assert SHAPES.keys() == MOVES.keys()


@settings(max_examples=150, deadline=None)
@given(SCENARIO_LIKE.map("".join))
def test_any_text_is_scenarios_or_problems(text: str) -> None:
    """However wrong a file is, reading it never raises, nor does playing what could be read."""
    scenarios, problems = read_scenarios({"scenarios/main.yaml": f"- scenario: a\n  {text}".encode()}, AUDIO, PROGRAM)

    assert scenarios or problems
    for played in play_all(scenarios, stage(PROGRAM, AUDIO)):
        assert report(played, PROGRAM)


@settings(max_examples=75, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_scenarios_or_problems(data: bytes) -> None:
    """A picture saved under the wrong name is a problem, too."""
    scenarios, problems = read_scenarios({"scenarios/main.yaml": data}, AUDIO, PROGRAM)

    assert scenarios or problems or data.startswith(b"[")
