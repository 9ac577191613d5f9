"""The engine: where a call begins, goes on, falls back and ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows import engine
from flows.events import (
    EVENTS,
    Answered,
    CallStarted,
    Dialed,
    EffectFailed,
    Event,
    FellBack,
    HungUp,
    KeysPressed,
    NothingHeard,
    Recorded,
    SecretKeyed,
    WordsSpoken,
)
from flows.instructions import ACTS, QUESTIONS, Dial, Gather, Hangup, RecordCaller, as_data
from flows.program import compile_program
from flows.session import decode, encode
from ivr.workspace import read_workspace
from tests.flows.playing import MONDAY_MORNING, SILENT, STARTS, Player, compiled, steps

SAMPLE = Path(__file__).parents[2] / "flows" / "examples" / "support"
ASK = steps("""\
start: {say: Hello., next: ask}
ask: {menu: Press 1., options: {1: end}, failed: end}
end: {hangup: Goodbye.}""")
EVERY_EVENT: tuple[Event, ...] = (
    CallStarted(),
    KeysPressed("1"),
    KeysPressed("0123456789*#ABCD"),
    KeysPressed(""),
    WordsSpoken("one", None),
    WordsSpoken("", 0.0),
    WordsSpoken("\ud800 😀", 1.0),
    NothingHeard(),
    SecretKeyed(4, "", "sealed"),
    SecretKeyed(0, "short", ""),
    Recorded("RE1", "https://example.com/RE1", 3),
    Recorded("", "", 0, "#"),
    Dialed("ended", 60),
    Dialed("anything"),
    Answered(None),
    Answered({"status": "200", "body": [[[]]]}),
    Answered("text"),
    EffectFailed("timeout"),
    EffectFailed("anything"),
    FellBack(),
    HungUp(),
)


def test_a_call_begins_at_its_numbers_flow() -> None:
    """The number dialled decides."""
    session = engine.begin(compiled(ASK), call_sid="CA1", caller="+1", called="+12025550100", now=MONDAY_MORNING)

    assert (session.flow, session.step, session.language, session.turns) == ("main", "start", "en-US", 0)
    assert session.started_ms == 1772463600000


def test_a_number_that_nobody_named_begins_at_the_fallback() -> None:
    """A call is answered whatever number it came to."""
    program = compiled(ASK)

    session = engine.begin(program, call_sid="CA1", caller="", called="+999999999", now=MONDAY_MORNING)

    assert (session.flow, session.step) == program.center.fallback


def test_hanging_up_ends_the_call_once() -> None:
    """Whatever it waited for; a second message about it changes nothing."""
    player = Player(compiled(ASK))
    player.plays(STARTS)

    assert player.plays(HungUp()) == []
    assert player.session.ended == "hung_up"
    ended = player.session
    assert player.plays(HungUp()) == []
    assert player.session is ended


def test_a_step_without_next_ends_the_call_politely() -> None:
    """A flow that runs out of steps is a finished call, not a silent one."""
    player = Player(compiled(steps("start: {say: That was all.}")))

    assert player.plays(STARTS) == ["That was all.", "(hangs up)"]
    assert player.session.ended == "finished"


def test_after_a_bug_the_call_goes_on_at_the_fallback() -> None:
    """The caller hears an apology and is asked something, not left in silence."""
    player = Player(compiled(ASK))
    player.plays(STARTS)

    heard = player.plays(FellBack())

    assert heard == [
        "We are sorry, something went wrong on our side.",
        "Hello.",
        "Press 1.",
        "(listens 5 s, keys 1)",
    ]
    assert player.session.fallbacks == 1


def test_a_third_bug_ends_the_call_with_an_apology() -> None:
    """Nobody is sent round in circles by a fault of ours."""
    player = Player(compiled(ASK))

    heard = player.plays(STARTS, FellBack(), FellBack(), FellBack())

    assert heard == ["We are sorry, something went wrong on our side.", "(hangs up)"]
    assert player.session.ended == "failed"


def test_a_session_from_another_program_can_fall_back() -> None:
    """A place that is gone is a bug, and the fallback mends it, language and all."""
    program = compiled(ASK)
    lost = decode(
        encode(Player(program).session)
        | {"flow": "gone", "step": "gone", "turns": 3, "language": "xx", "program": "gone"}
    )

    with pytest.raises(KeyError):
        engine.advance(program, lost, SILENT, MONDAY_MORNING)
    turn = engine.advance(program, lost, FellBack(), MONDAY_MORNING)

    assert turn.session.step == "ask"
    assert (turn.session.program, turn.session.language) == (program.id, "en-US")


def test_a_turn_without_an_end_is_a_bug() -> None:
    """More than a hundred steps in one turn are refused loudly, and leave the session as it was."""
    flow = steps("""\
start: {branch: [{when: vars.stop == "yes", next: end}], else: again}
again: {set: {stop: '"no"'}, next: start}
end: {hangup: Goodbye.}""")
    player = Player(compiled(flow))

    with pytest.raises(engine.FlowStuck, match="more than 100 steps"):
        player.plays(STARTS)


def test_a_call_of_five_hundred_turns_is_ended() -> None:
    """A telephone left off the hook does not hold a line for a day."""
    program = compiled(ASK)
    player = Player(program)
    player.plays(STARTS)
    player.session = decode(encode(player.session) | {"turns": engine.TURNS_A_CALL})

    assert player.plays(SILENT) == ["We are sorry, something went wrong on our side.", "(hangs up)"]
    assert player.session.ended == "failed"


def test_the_same_event_gives_the_same_turn() -> None:
    """What a journal kept can be repeated: same session, event and time, same answer; nothing is changed in passing."""
    player = Player(compiled(ASK))
    player.plays(STARTS)
    before = json.dumps(encode(player.session))

    turns = [engine.advance(player.program, player.session, KeysPressed("7"), MONDAY_MORNING) for _ in range(3)]

    assert turns[0] == turns[1] == turns[2]
    assert json.dumps(encode(player.session)) == before


@pytest.mark.parametrize("event", EVERY_EVENT, ids=repr)
def test_every_step_of_the_sample_bears_every_event(event: Event) -> None:
    """No event at any step raises; each turn keeps its promise of how it ends, and is plain data."""
    workspace = read_workspace(SAMPLE)
    program = compile_program(workspace.files, workspace.audio).program
    assert program is not None
    base = encode(
        engine.begin(program, call_sid="CA1", caller="+12025550143", called="+12025550100", now=MONDAY_MORNING)
    )

    for flow in program.flows.values():
        for step in flow.stations:
            at = decode(base | {"flow": flow.name, "step": step, "turns": 3, "vars": {"order": "123456"}})
            turn = engine.advance(program, at, event, MONDAY_MORNING)

            assert_promise(turn, event)


def assert_promise(turn: engine.Turn, event: Event) -> None:
    """One question or act at most, at the end; else a Gather, a Hangup, or nothing after hanging up."""
    if isinstance(event, HungUp):
        assert turn.instructions == ()
        return
    *before, last = turn.instructions
    assert isinstance(last, (Gather, RecordCaller, Dial, Hangup, *QUESTIONS, *ACTS))
    assert not any(isinstance(one, (Gather, RecordCaller, Dial, Hangup, *QUESTIONS, *ACTS)) for one in before)
    assert (turn.session.ended is not None) == isinstance(last, Hangup)
    json.dumps([as_data(one) for one in turn.instructions] + [encode(turn.session)])


def test_every_event_has_been_tried() -> None:
    """A new event cannot be forgotten above."""
    assert {type(event) for event in EVERY_EVENT} == set(EVENTS.values())
