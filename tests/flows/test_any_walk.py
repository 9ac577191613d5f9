"""Any flows at all, walked by any caller: no exception, no call without an end, no session that cannot be stored.

Steps of every sort lead anywhere, into subflows too, also where a check would refuse it; events are whatever a caller
and the world could do. A turn that does not end is the one bug a flow can bring about, and it leads to the fallback.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows import engine
from flows.events import (
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
from flows.instructions import (
    ACTS,
    QUESTIONS,
    SPOKEN,
    Dial,
    Gather,
    Hangup,
    Observe,
    Pause,
    Play,
    RecordCaller,
    Say,
    as_data,
)
from flows.kinds.subflow import SUBFLOWS_DEEP
from flows.program import Program, _draft
from flows.session import decode, encode
from tests.flows.playing import AUDIO, CENTER, MONDAY_MORNING

FLOWS = ("main", "inner", "other")
WAITING = (Gather, RecordCaller, Dial)
NAMES = ("a", "b", "c", "d")
STEPS = (
    "{say: Hello.NEXT}",
    '{say: "{{ vars.x }} {{ customer.name }} {{ hours.office.opens }}"NEXT}',
    "{set: {x: 'vars.y', y: '\"1\"', n: 'vars.n == null ? 1 : vars.n + 1'}NEXT}",
    "{set: {call.language: '\"es-US\"'}NEXT}",
    '{branch: [{when: vars.x == "1", next: TO}, {when: vars.n > 3, next: TO}], else: TO}',
    "{switch: vars.n, cases: {1: TO, 2: TO}, else: TO}",
    "{hours: office, open: TO, closed: TO}",
    "{menu: Press 1., options: {1: TO, 2: {phrases: [two], next: TO}}, retries: 1FAILED}",
    "{menu: 'Hello {{ customer.first_name }}', options: {1: TO}FAILED}",
    "{collect: Your number., into: x, digits: 1-4, retries: 0NEXTFAILED}",
    "{lookup: vars.x, by: external_id, found: TO, not_found: TO}",
    "{http: 'https://example.com/{{ vars.x }}', save: {y: y}, ok: TO, failed: TO}",
    "{sms: 'Hello {{ vars.x }}'NEXT}",
    "{note: 'At {{ now }}'NEXT}",
    "{subflow: FLOW, with: {x: vars.y, y: hours.office.state}, save: [x, n]NEXTFAILED}",
    "{subflow: FLOW, save: {y: 'vars.x + customer.name'}NEXT}",
    "{collect: Your PIN., into: pin, digits: 4, sensitive: 'yes'NEXTFAILED}",
    "{queue: billing, priority: {when: ewt_s > 60, then: 1, else: 0}, ended: TO, overflow: {after: 5m, next: TO}}",
    "{callback: operatorNEXT, declined: TOFAILED}",
    "{voicemail: After the tone.NEXTFAILED}",
    "{record: After the tone., into: x, notice: You are recorded.NEXTFAILED}",
    "{transfer: '+12025550170', busy: TO, failed: TO}",
    "{survey: [{rating: 'From 1 to 5?', name: x}, {comment: Why?, name: y}], not_again_within: 30dNEXT}",
    "{hangup: Goodbye.}",
)
EVENTS: tuple[Event, ...] = (
    KeysPressed("1"),
    KeysPressed("2"),
    KeysPressed("0042"),
    KeysPressed(""),
    NothingHeard(),
    WordsSpoken("two", 0.9),
    WordsSpoken("\ud800", None),
    Answered(None),
    Answered({"status": 200, "body": {"y": "1"}}),
    Answered({"customer": {"first_name": "Ana"}, "hours": {"office": {"until_ms": 10**13, "say": {"en-US": "No."}}}}),
    Answered({"outcome": "connected"}),
    SecretKeyed(4, "", "ciphertext"),
    SecretKeyed(2, "short"),
    Recorded("RE1", "https://example.com/RE1", 3),
    Recorded("", "", 0, "#"),
    Dialed("ended", 60),
    Dialed("busy"),
    EffectFailed("timeout"),
    EffectFailed("anything"),
    CallStarted(),
    FellBack(),
)


@st.composite
def workspaces(draw: st.DrawFn) -> dict[str, str]:
    """Three flows of a few steps that lead to one another; not what an author would write, and not checked."""
    places = [*NAMES, *(f"{flow}/{name}" for flow in FLOWS for name in NAMES[:2])]

    def written() -> str:
        text = draw(st.sampled_from(STEPS))
        for key in ("NEXT", "FAILED"):
            given_to = draw(st.sampled_from([None, *places]))
            text = text.replace(key, "" if given_to is None else f", {key.lower()}: {given_to}")
        while "TO" in text:
            text = text.replace("TO", draw(st.sampled_from(places)), 1)
        return text.replace("FLOW", draw(st.sampled_from(FLOWS)))

    return {flow: "".join(f"  {name}: {written()}\n" for name in NAMES) for flow in FLOWS}


def unchecked(flows: dict[str, str]) -> Program:
    """The program of some flows, given as their steps, without a look at where they lead."""
    files = {"center.yaml": CENTER.replace(b"main/start", b"main/a")}
    for flow, steps in flows.items():
        files[f"flows/{flow}.yaml"] = f"flow: {flow}\nstart: a\nsteps:\n{steps}".encode()
    program, _, problems = _draft(files, AUDIO)

    assert problems == []
    return program


def took(program: Program, session: Any, event: Event) -> engine.Turn:
    """One turn, as the desk takes it: after a bug the call falls back, and ends when that breaks too."""
    try:
        return engine.advance(program, session, event, MONDAY_MORNING)
    except engine.FlowStuck:
        if not isinstance(event, FellBack):
            return took(program, session, FellBack())
        turn = engine.advance(program, session, HungUp(), MONDAY_MORNING)
        return engine.Turn(turn.session, (Hangup(),))


def assert_sound(turn: engine.Turn) -> None:
    """One thing to wait for, or the end; a session that is plain data and comes back as it was."""
    *before, last = turn.instructions
    ends_a_turn = (*QUESTIONS, *ACTS, *WAITING, Hangup)
    assert isinstance(last, ends_a_turn)
    assert not any(isinstance(one, ends_a_turn) for one in before)
    assert (turn.session.ended is not None) == isinstance(last, Hangup)
    assert len(turn.session.stack) <= SUBFLOWS_DEEP
    assert turn.session.held is None or isinstance(last, QUESTIONS)
    assert isinstance(last, Observe) == (turn.session.held is not None and turn.session.held["then"] is not None)
    assert decode(json.loads(json.dumps(encode(turn.session)))) == turn.session
    json.dumps([as_data(one) for one in turn.instructions])


@settings(max_examples=100, deadline=None)
@given(workspaces(), st.lists(st.sampled_from(EVENTS), min_size=5, max_size=20))
def test_any_caller_in_any_flow_is_answered(flows: dict[str, str], events: list[Event]) -> None:
    """With every event there is, in any order, at any step; and a hang-up ends all of it."""
    program = unchecked(flows)
    session = engine.begin(program, call_sid="CA1", caller="+12025550143", called="+12025550100", now=MONDAY_MORNING)

    for event in (CallStarted(), *events):
        if session.ended is not None:
            break
        turn = took(program, session, event)
        assert_sound(turn)
        session = turn.session

    over = engine.advance(program, session, HungUp(), MONDAY_MORNING)
    assert over.instructions == ()
    assert over.session.ended is not None
    assert (over.session.stack, over.session.held) == ([], None)


@settings(max_examples=10, deadline=None)
@given(workspaces(), st.sampled_from(EVENTS))
def test_a_caller_who_does_the_same_for_ever_comes_to_an_end(flows: dict[str, str], event: Event) -> None:
    """Whatever it is, silence too: the limits of turns and faults end every call."""
    program = unchecked(flows)
    session = engine.begin(program, call_sid="CA1", caller="", called="+12025550100", now=MONDAY_MORNING)

    for _ in range(4 * engine.TURNS_A_CALL):  # the engine's own questions are no turns
        session = took(program, session, event).session
        if session.ended is not None:
            break

    assert session.ended is not None
    assert session.turns <= engine.TURNS_A_CALL + 1


def test_what_ends_a_turn_is_known_to_this_test() -> None:
    """Every spoken instruction is either one that goes on or one that waits."""
    assert set(SPOKEN) == {Say, Play, Pause, *WAITING, Hangup}
