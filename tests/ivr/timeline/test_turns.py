"""What a turn tells a timeline: a table of turns and their events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flows.events import Answered, CallStarted, Dialed, HungUp, KeysPressed
from flows.instructions import Note, Notice, Recording, SurveyAnswer
from ivr.exchange import Happened
from ivr.journal import Entry, read_entry
from ivr.keys import journal, partition
from ivr.timeline.events import read_event
from ivr.timeline.identities import Identity
from ivr.timeline.turns import events_of
from ivr.timeline.types import TYPES, fault_of
from tests.support.house import NUMBER
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from tests.support.house import House

SMS = {"instruction": "send_message", "to": "+1", "sender": "+2", "body": "Your order is on its way."}
JOIN = {"instruction": "join_queue", "queue": "billing"}
PROMISE = {"instruction": "promise_callback", "queue": "billing", "promise": "at_a_time", "at_ms": 1_772_445_600_000}
AT = "2026-03-02T10:00:00+00:00"

TURNS: list[tuple[str, dict[str, Any], list[tuple[str, dict[str, Any]]]]] = [
    (
        "a call begins",
        {"happened": [CallStarted()], "called": "+3"},
        [("call.started", {"called": "+3", "program": "p"})],
    ),
    ("a key", {"happened": [KeysPressed("1")]}, []),
    ("a note", {"records": [Note("vip\x00")]}, [("note.added", {"text": "vip"})]),
    (
        "a rating",
        {"records": [SurveyAnswer("main/ask", "how", 4)]},
        [("survey.answered", {"survey": "main/ask", "question": "how", "rating": 4})],
    ),
    (
        "a comment is told once",
        {"records": [SurveyAnswer("s", "why", None, "RE1"), Recording("survey", "why", "RE1", "u", 3)]},
        [("survey.answered", {"survey": "s", "question": "why", "recording": "RE1"})],
    ),
    (
        "a voicemail",
        {"records": [Recording("voicemail", "box", "RE1", "u", 3)]},
        [("voicemail.left", {"recording": "RE1", "purpose": "voicemail", "name": "box", "duration_s": 3})],
    ),
    ("a notice for the author", {"records": [Notice("undecided", "main/ask", "x")]}, []),
    (
        "a message is named",
        {"act": SMS},
        [("message.requested", {"text": "Your order is on its way.", "to": "+1", "from": "+2"})],
    ),
    ("it is sent", {"happened": [Answered({"message_sid": "SM1"})]}, [("message.sent", {"message_id": "SM1"})]),
    ("it is not", {"records": [Notice("sms-not-sent", "a/b", "no")]}, [("message.failed", {"reason": "no"})]),
    ("a queue", {"act": JOIN}, [("queue.requested", {"queue": "billing"})]),
    ("somebody is there", {"happened": [Answered({"outcome": "connected"})]}, [("queue.connected", {})]),
    ("nobody is", {"happened": [Answered({"outcome": "nobody"})]}, [("queue.left", {"outcome": "nobody"})]),
    ("an answer of a question", {"happened": [Answered({"customer": None}), Answered("x"), Answered(None)]}, []),
    (
        "a callback",
        {"act": PROMISE, "happened": [Answered({"outcome": "promised", "promise": "P1"})]},
        [
            ("callback.promised", {"promise": "P1"}),
            ("callback.requested", {"queue": "billing", "promise": "at_a_time", "at": AT}),
        ],
    ),
    (
        "a transfer, and the end",
        {"happened": [Dialed("ended", 9), HungUp()], "ended": "hung_up", "started_ms": 1_000},
        [
            ("call.transferred", {"status": "ended", "duration_s": 9}),
            ("call.ended", {"outcome": "hung_up", "duration_s": 4.0}),
        ],
    ),
]


def an_entry(**parts: Any) -> Entry:
    parts["happened"] = tuple(Happened(one) for one in parts.get("happened", ()))
    values: dict[str, Any] = {"call_sid": "CA1", "turn": 2, "at_ms": 5_000, "program": "p", "said": "x"}
    return Entry(**values, place="main/ask", party="+12025550143", **parts)


@pytest.mark.parametrize(("parts", "told"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_a_turn_tells_what_matters(parts: dict[str, Any], told: list[tuple[str, dict[str, Any]]]) -> None:
    """In its order, each of a type that is listed, with data of that type's shape, and a sentence for people."""
    events = events_of(an_entry(**parts))

    assert [(event.type, dict(event.data)) for event in events] == told
    assert [fault_of(TYPES[event.type], event.data) for event in events] == [""] * len(told)
    assert all(event.summary and event.who == Identity("phone", "+12025550143") for event in events)
    assert [event.number for event in events] == list(range(2_000, 2_000 + len(told)))
    assert events == events_of(an_entry(**parts))


@pytest.mark.parametrize("number", ["", "anonymous", "266696687", "+266696687x"])
def test_a_number_that_names_nobody_makes_no_customer(number: str) -> None:
    """Withheld, or what networks write instead."""
    entry = Entry("CA1", 0, 5, "p", (Happened(CallStarted()),), "x", party=number)

    assert [event.who for event in events_of(entry)] == [None]


def test_a_posted_event_needs_little() -> None:
    """Four attributes, and it is now; a type of one's own holds anything."""
    event = read_event({"specversion": "1.0", "id": "1", "source": "/x", "type": "custom.visit", "data": {"a": [1]}}, 7)

    assert (event.time_ms, event.type, event.data, event.who) == (7, "custom.visit", {"a": [1]}, None)


async def test_what_a_call_writes_down_is_what_is_told(house: House) -> None:
    """From the real desk: the caller's number in every turn, the start and the end, in order."""
    await house.publish(small_workspace())
    caller = house.caller()
    await caller.dials(NUMBER)
    await caller.hangs_up()
    rows = await house.redis.execute("XRANGE", journal(partition(caller.call_sid)), "-", "+")
    events = [event for _, fields in rows for event in events_of(read_entry(fields[1]))]

    assert [event.type for event in events] == ["call.started", "call.ended"]
    assert {event.who for event in events} == {Identity("phone", caller.number)}
