"""What a step goes by in the world outside: asked for by the engine, only when needed, and never the end of a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flows import engine
from flows.events import Answered, EffectFailed, Event, FellBack, HungUp, KeysPressed, NothingHeard, SecretKeyed
from flows.instructions import Gather, Observe
from flows.session import decode, encode
from tests.flows.playing import CENTER, MONDAY_MORNING, SILENT, STARTS, Player, compiled, steps

WITH_QUEUES = CENTER.replace(b"queues:\n", b"queues:\n  sales: {}\n")
HALF_PAST_TWO_MS = 1_772_479_800_000
CLOSED = {"until_ms": HALF_PAST_TWO_MS, "say": {}}
GREET = steps("""\
start: {say: Hello., next: greet}
greet: {say: "Hello {{ customer.first_name }}.", next: ask}
ask:
  menu: "Press 1, {{ customer.first_name }}. We are {{ hours.office.state }}."
  options: {1: start}
  failed: end
end: {hangup: Goodbye.}""")


def asked(flow: str) -> list[Observe]:
    """What is observed in the first turn of a flow that starts so."""
    player = Player(compiled(flow, center=WITH_QUEUES))
    player.plays(STARTS)
    return player.observed


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("say: Hello.", []),
        ('say: "{{ caller }} {{ now }} {{ call.sid }} {{ vars.x }}"', []),
        ('say: "{{ customer.name }}"', [Observe("CA1", customer="+12025550143")]),
        ("say: [{when: customer.known, text: Hello.}]", [Observe("CA1", customer="+12025550143")]),
        ('say: "{{ hours.office.state }}"', [Observe("CA1", hours=("office",))]),
        ("branch: [{when: size(hours) == 1, next: end}]\n  else: end", [Observe("CA1", hours=("office",))]),
        ("hours: office\n  open: end\n  closed: end", [Observe("CA1", hours=("office",))]),
        ("switch: queues.sales.waiting\n  cases: {1: end}\n  else: end", [Observe("CA1", queues=("sales",))]),
        ("set: {x: size(queues)}", [Observe("CA1", queues=("sales", "billing", "operator"))]),
        (
            'say: "{{ customer.name }} {{ hours.office.opens }} {{ queues.billing.ready }} {{ queues.billing.ewt_s }}"',
            [Observe("CA1", ("office",), ("billing",), "+12025550143")],
        ),
    ],
)
def test_only_what_a_step_mentions_is_asked_for(step: str, expected: list[Observe]) -> None:
    """And nothing at all for a step that mentions nothing of the kind."""
    flow = steps(f"start:\n  {step}\nother: {{set: {{x: '1'}}, next: start}}\nend: {{hangup: Goodbye.}}")

    assert asked(flow) == expected


def test_what_was_observed_holds_for_the_turn_and_who_calls_for_the_call() -> None:
    """The customer is asked for once; opening hours again in a turn that goes by them."""
    player = Player(compiled(GREET), world={"customer": {"first_name": "Ana"}, "hours": {"office": CLOSED}})

    first = player.plays(STARTS)
    second = player.plays(KeysPressed("1"))

    assert first[:3] == ["Hello.", "Hello Ana.", "Press 1, Ana. We are closed."]
    assert second == first
    assert player.observed == [
        Observe("CA1", customer="+12025550143"),
        Observe("CA1", hours=("office",)),
        Observe("CA1", hours=("office",)),
    ]
    assert player.session.customer == {"first_name": "Ana", "known": True}
    assert player.session.held is None


def test_a_question_of_the_engines_own_is_no_turn_of_the_call() -> None:
    """Limits count what the caller does."""
    player = Player(compiled(GREET))

    player.plays(STARTS, SILENT)

    assert player.session.turns == 2


def test_nobody_is_asked_about_a_withheld_number() -> None:
    """It belongs to nobody."""
    player = Player(compiled(GREET), caller="")
    player.plays(STARTS)

    assert player.observed == [Observe("CA1", hours=("office",))]


def test_what_a_subflow_saves_may_go_by_the_world_too() -> None:
    """It is asked for when the subflow comes back, with the subflow's variables still there."""
    program = compiled(
        steps("""\
start: {subflow: inner, save: {when: 'vars.n + " " + hours.office.state'}, next: end}
end: {hangup: "{{ vars.when }}"}"""),
        inner="""\
start: {menu: Press 1., options: {1: keep}}
keep: {set: {n: '"one"'}}""",
    )
    player = Player(program)
    player.plays(STARTS)

    assert player.plays(KeysPressed("1"))[0] == "one open"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (EffectFailed("timeout"), "timeout"),
        (EffectFailed("failed"), "failed"),
        (NothingHeard(), "NothingHeard"),
        (KeysPressed("1"), "KeysPressed"),
    ],
)
def test_what_cannot_be_found_out_is_unknown_and_noted(answer: Event, told: str) -> None:
    """The call goes on as if there were no closure and nobody were known."""
    flow = steps('start: {hangup: "{{ hours.office.state }} {{ customer.known }}"}')
    player = Player(compiled(flow), world=None)
    player.plays(STARTS)

    assert player.plays(answer) == [
        f"(notice not-observed at main/start: what this step goes by is unknown: {told})",
        "open false",
        "(hangs up)",
    ]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        [],
        {"hours": [], "queues": 7, "customer": "Ana"},
        {"hours": {"office": 5, "other": {}}, "customer": {}},
        {"hours": {"office": {"until_ms": "soon", "say": 3}}, "customer": None},
        {"hours": {"office": {"until_ms": 10**30, "say": {}}}},
        {"hours": {"office": {}}, "customer": {"known": False, "shoe_size": 38}},
    ],
)
def test_an_answer_that_nobody_can_read_tells_nothing(value: Any) -> None:
    """Another version's, or a store's mistake: unknown, not a fault."""
    player = Player(compiled(steps('start: {hangup: "{{ hours.office.state }}{{ customer.name }}"}')), world=None)
    player.plays(STARTS)

    assert player.plays(Answered(value))[-2:] == ["open", "(hangs up)"]


def test_a_session_that_waits_for_an_answer_survives_being_stored() -> None:
    """Though it never is: questions are answered before a turn is committed."""
    player = Player(compiled(GREET), world=None)
    player.plays(STARTS)
    stored = decode(json.loads(json.dumps(encode(player.session))))

    turn = engine.advance(player.program, stored, Answered({"customer": {"first_name": "Ana"}}), MONDAY_MORNING)

    assert stored == player.session
    assert isinstance(turn.instructions[-1], Observe)


def test_a_sealed_value_is_not_lost_while_the_engine_asks() -> None:
    """What a caller keyed in waits for the answer as it came."""
    flow = steps("""\
start:
  collect: "Your PIN, {{ customer.first_name }}. We are {{ hours.office.state }}."
  into: pin
  digits: 4
  sensitive: "yes"
  next: send
  failed: end
send: {http: "https://example.com/", json: {pin: "{{ sealed.pin }}"}, ok: end, failed: end}
end: {hangup: Goodbye.}""")
    player = Player(compiled(flow))
    player.plays(STARTS)

    player.plays(SecretKeyed(4, "", "ciphertext"))

    assert len(player.observed) == 2
    assert player.session.sealed == {"pin": "ciphertext"}


@pytest.mark.parametrize("event", [HungUp(), FellBack()])
def test_a_call_that_ends_or_falls_back_waits_for_no_answer(event: Event) -> None:
    """What the engine was about to do is forgotten."""
    flow = steps('start: {menu: Press 1., options: {1: known}, failed: known}\nknown: {say: "{{ customer.name }}"}')
    player = Player(compiled(flow), world=None)
    player.plays(STARTS, KeysPressed("1"))
    assert player.session.held is not None

    player.plays(event)

    assert player.session.held is None


def test_what_was_observed_is_kept_while_another_question_is_asked() -> None:
    """The answer to an http step is the same turn: opening hours are not asked for twice."""
    flow = steps("""\
start: {hours: office, open: fetch, closed: end}
fetch: {http: "https://example.com/", ok: again, failed: again}
again: {hours: office, open: end, closed: end}
end: {menu: Press 1., options: {1: start}, failed: end2}
end2: {hangup: Goodbye.}""")
    player = Player(compiled(flow))

    player.plays(STARTS, Answered({"status": 200, "body": {}}))

    assert player.observed == [Observe("CA1", hours=("office",))]
    assert isinstance(player.turns[-1].instructions[-1], Gather)
    assert player.session.held is None
