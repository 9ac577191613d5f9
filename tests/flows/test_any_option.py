"""Whatever an author writes in the place of an option: problems or a program, never a crash."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.events import (
    Answered,
    CallStarted,
    Dialed,
    EffectFailed,
    Event,
    KeysPressed,
    NothingHeard,
    Recorded,
    WordsSpoken,
)
from flows.kinds import KINDS
from flows.program import compile_program
from tests.flows.playing import AUDIO, CENTER, Player
from tests.flows.test_kinds import around, example_of

SCALARS = st.sampled_from(
    [
        "",
        "start",
        "10",
        "-3",
        "30s",
        "10m",
        "99d",
        "30%",
        "yes",
        "no",
        "last",
        "billing",
        "+12025550143",
        "en-US",
        "1 == 1",
        "{{ caller }}",
        "{{",
        "caller",
        "null",
        "never",
        "every 20s",
        "sip:a@b",
        "keep_place",
        "x" * 2_000,
        "ä\u2028",
        "#",
    ]
)
NAMES = st.sampled_from(
    ["when", "then", "else", "after", "require", "agent", "for", "next", "billing", "en-US", "rating", "name"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=6,
)
EVENTS: list[Event] = [
    KeysPressed("1"),
    KeysPressed("2"),
    KeysPressed("2025550199"),
    WordsSpoken("yes", 0.9),
    NothingHeard(),
    Recorded("RE1", "https://r.example/RE1", 9),
    Recorded("RE2", "https://r.example/RE2", 0, "#"),
    Dialed("ended", 9),
    Dialed("busy"),
    Answered({"outcome": "joined", "contact": "K1"}),
    Answered({"outcome": "connected", "conference": "O1"}),
    Answered({"outcome": ["promised"]}),
    Answered(None),
    EffectFailed("unavailable"),
]


def workspace(step: dict[str, Any]) -> dict[str, bytes]:
    """The step in a flow, with every step that it leads to."""
    text = yaml.safe_dump(step, sort_keys=False, allow_unicode=True, width=10_000)
    return {"center.yaml": CENTER, "flows/main.yaml": around(text).encode()}


@pytest.mark.parametrize("kind", ["queue", "callback", "voicemail", "record", "transfer", "sms", "survey"])
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_any_value_of_any_option_gives_problems_or_a_program_that_can_be_called(kind: str, data: st.DataObject) -> None:
    """Nothing that an author writes is an exception, neither when it is read nor in a call."""
    step = yaml.safe_load(example_of(kind))
    option = data.draw(st.sampled_from([kind, *KINDS[kind].OPTIONS]))
    files = workspace(step | {option: data.draw(VALUES)})

    found = compile_program(files, AUDIO)

    assert found.program is not None or found.problems
    if found.program is not None:
        player = Player(found.program)
        player.plays(CallStarted(), *data.draw(st.lists(st.sampled_from(EVENTS), max_size=6)))

        assert all(turn.instructions for turn in player.turns)
