"""What was tried is written down as a scenario that passes, and keeps no secret."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import source
from flows.form import Reading
from flows.problems import render
from flows.scenarios import Call, begin, play, read_scenarios, report, stage
from flows.scenarios.given import Reply, plain_given
from flows.scenarios.moves import read_move
from flows.scenarios.write import Diary, as_scenario, press, scalar
from tests.flows.playing import AUDIO
from tests.flows.scenarios.playing import PROGRAM

DEEDS = [
    *(f"presses: {key}" for key in range(1, 10)),
    *("says: billing", "stays silent", "hangs up", "waits: 1m", "waits: 5m", "records: 9s", "agent: answers"),
    *("agent: hangs up", "queue: nobody", "server: fails", "transferred: {outcome: busy}"),
]
FACTS: dict[str, Any] = {
    "customer": {"first_name": "Ana: # 'quoted'", "tags": ["a", "b"], "promises": 2},
    "closures": {"office": {"until_ms": 1_772_478_000_000, "say": {"en-US": "We are out."}}},
    "queues": {"billing": {"waiting": 3}},
    "joins": {"operator": "nobody"},
    "http": {"https://*": (Reply(body={"status": 'sent "today", 12'}), Reply(404), Reply(fails="timeout"))},
    "lookups": {"0123": {"first_name": "Bo"}, "4": None, "5": "failed"},
    "sms": "not_mobile",
    "callbacks": "refused",
    "surveyed": True,
    "vars": {"account": "0123", "number": 3},
}


def tried(deeds: list[str], **given: Any) -> tuple[Call, Diary]:
    """A call in which these deeds were done, as far as they could be."""
    call, diary = begin(stage(PROGRAM, AUDIO), replace(plain_given(PROGRAM), **given)), Diary()
    call.start()
    diary.note("", call)
    for deed in deeds:
        node, _ = source.read("", deed.encode())
        move = read_move(Reading("", PROGRAM.center, AUDIO, "en-US"), node) if node is not None else None
        assert move is not None, deed
        if not move.play(call) and call.unanswered is None:
            diary.note(deed, call)
        if call.unanswered is not None:
            break
    return call, diary


def proved(call: Call, diary: Diary) -> str:
    """The scenario as it was written; it reads without a problem and passes."""
    written = as_scenario("a call: with # and \u2028", call, diary)
    files = {"scenarios/main.yaml": written.encode()}
    scenarios, problems = read_scenarios(files, AUDIO, PROGRAM)

    assert not problems, render(problems, files)
    found = play(scenarios[0], stage(PROGRAM, AUDIO))
    assert found.passed, f"{written}\n{report(found, PROGRAM)}"
    assert scenarios[0].given == call.answers.given
    return written


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(DEEDS), max_size=8), st.sets(st.sampled_from(sorted(FACTS))))
def test_what_was_tried_passes(deeds: list[str], names: set[str]) -> None:
    """Whatever was given and done."""
    http = {"http": {"https://*": (Reply(),)}}

    proved(*tried(deeds, **(http | {name: FACTS[name] for name in names})))


def test_a_saved_call_reads_like_one_written_by_hand() -> None:
    """A line for each thing, without quotation marks where none are needed."""
    call, diary = tried(["presses: 1", "agent: answers", "hangs up"])

    assert as_scenario("a caller, an agent", call, diary) == (
        "- scenario: a caller, an agent\n"
        "  given:\n"
        "    at: 2026-03-02 10:00\n"
        '    caller: "+12025550143"\n'
        '    called: "+12025550100"\n'
        "  call:\n"
        "    - hears: {recording: chime.wav}\n"
        "    - hears: Thanks for calling Acme.\n"
        "    - hears: For billing, press 1 or say billing. For an order, press 2.\n"
        "    - presses: 1\n"
        "    - hears: Please hold the line. Somebody will be with you as soon as possible.\n"
        "    - queued: {queue: billing, priority: 0}\n"
        "    - agent: answers\n"
        "    - hangs up\n"
        "  ends: handled\n"
    )


@pytest.mark.parametrize("card", ["5454545454545454", "4242424242424241", "12345"])
def test_a_card_number_is_never_written_down(card: str) -> None:
    """Another stands in for it, which the step judges alike: right, wrong, or too short."""
    call, diary = tried(["presses: 3"], http={"https://*": (Reply(),)})
    written = press(call, card)
    assert call.press(card) == ""
    diary.note(written, call)

    scenario = proved(call, diary)

    assert card not in scenario
    assert "presses: " in scenario


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    """Whatever stands in it, what was written down is read as the same text."""
    node, problems = source.read("", f"- {scalar(text)}\n".encode("utf-8", "replace"))

    assert problems == []
    assert isinstance(node, source.Sequence)
    assert node.items[0].text == text.encode("utf-8", "replace").decode()  # type: ignore[union-attr] # a text it is
