"""What one turn of a call tells a customer's timeline: a pure function from the journal's entry to events.

Not everything that happened matters to a person: keys and words stay in the turn, which is kept beside the events for
replays. An event's id is made of the call, the turn and its place in it, so that the same entry gives the same events
whenever and however often it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows.events import Answered, CallStarted, Dialed
from flows.instructions import Note, Notice, Recording, SurveyAnswer
from ivr.timeline.events import OWN_SOURCES, Event, without_nul
from ivr.timeline.identities import of_caller

if TYPE_CHECKING:
    from flows.events import Event as Happening
    from flows.instructions import Record
    from ivr.journal import Entry

SOURCE = f"{OWN_SOURCES}calls"
# Events of one turn: a turn has at most ten questions and a hundred steps.
MOST_OF_A_TURN = 1_000
ENDINGS = {"hung_up": "the caller hung up", "finished": "the flow came to its end", "failed": "something broke"}
CONNECTED = "connected"
NOT_SERVED = {
    "overflow": "waited too long",
    "nobody": "nobody was there",
    "full": "the queue was full",
    "too_long": "the wait would have been too long",
    "closed": "the queue was closed",
}

Telling = tuple[str, Mapping[str, Any], str]
"""A type, its data and its summary."""


def events_of(entry: Entry) -> list[Event]:
    """The turn's events, in the order in which they happened."""
    told = list(_tell(entry))
    if not told:
        return []
    who = of_caller(entry.party)
    flow = entry.place.partition("/")[0]
    return [
        Event(
            source=SOURCE,
            # A late callback may find a call ended that has told so before.
            id=f"{entry.call_sid}.ended" if kind == "call.ended" else f"{entry.call_sid}.{entry.turn}.{place}",
            type=kind,
            time_ms=entry.at_ms,
            data={name: _clean(value) for name, value in data.items() if value not in (None, "")},
            number=entry.turn * MOST_OF_A_TURN + place,
            who=who,
            contact=entry.call_sid,
            channel="sms" if kind.startswith("message.") else "voice",
            actor=f"flow:{flow}" if flow else None,
            direction="out" if kind.startswith("message.") else "in",
            summary=_clean(summary)[:500],
        )
        for place, (kind, data, summary) in enumerate(told)
    ]


def _tell(entry: Entry) -> Iterator[Telling]:
    for one in entry.happened:
        yield from _of_happening(one.event, entry)
    for record in entry.records:
        yield from _of_record(record)
    yield from _of_act(entry.act)
    if entry.ended:
        seconds = None if entry.started_ms is None else max(0, entry.at_ms - entry.started_ms) / 1000
        data = {"outcome": entry.ended, "duration_s": seconds}
        yield "call.ended", data, f"The call is over: {ENDINGS.get(entry.ended, entry.ended)}"


def _of_happening(happening: Happening, entry: Entry) -> Iterator[Telling]:
    if isinstance(happening, CallStarted):
        data = {"called": entry.called, "program": entry.program}
        yield "call.started", data, f"Called {entry.called}" if entry.called else "Called"
    elif isinstance(happening, Dialed):
        talked = {"status": happening.status, "duration_s": happening.duration_s}
        yield "call.transferred", talked, f"Connection with somebody else: {happening.status.replace('_', ' ')}"
    elif isinstance(happening, Answered) and isinstance(happening.value, Mapping):
        yield from _of_answer(happening.value)


def _of_answer(value: Mapping[str, Any]) -> Iterator[Telling]:
    """The answers of acts, told apart by what they hold; answers of questions hold none of it."""
    outcome = value.get("outcome")
    if isinstance(value.get("message_sid"), str):
        yield "message.sent", {"message_id": value["message_sid"]}, "The message was sent"
    elif outcome == "promised":
        yield "callback.promised", {"promise": _text(value.get("promise"))}, "We promised to call back"
    elif outcome == CONNECTED:
        yield "queue.connected", {"agent": _text(value.get("agent"))}, "An agent took the call"
    elif isinstance(outcome, str) and outcome in NOT_SERVED:
        yield "queue.left", {"outcome": outcome}, f"Left the queue: {NOT_SERVED[outcome]}"


def _of_record(record: Record) -> Iterator[Telling]:
    if isinstance(record, Note):
        yield "note.added", {"text": record.text}, record.text
    elif isinstance(record, SurveyAnswer):
        data = {"survey": record.survey, "question": record.question, "rating": record.rating}
        rated = "with a recording" if record.rating is None else f"{record.rating} of 5"
        summary = f"Answered “{record.question}”: {rated}"
        yield "survey.answered", data | {"recording": record.recording_sid}, summary
    elif isinstance(record, Recording) and record.purpose != "survey":
        data = {"recording": record.recording_sid, "purpose": record.purpose, "name": record.name}
        kind = "voicemail.left" if record.purpose == "voicemail" else "call.recorded"
        words = "Left a message" if record.purpose == "voicemail" else "Was recorded"
        yield kind, data | {"duration_s": record.duration_s}, f"{words} of {record.duration_s} s"
    elif isinstance(record, Notice) and record.code == "sms-not-sent":
        yield "message.failed", {"reason": record.text}, "A message could not be sent"


def _of_act(act: Mapping[str, Any]) -> Iterator[Telling]:
    name = act.get("instruction")
    if name == "send_message":
        data = {"text": act["body"], "to": act["to"], "from": act["sender"]}
        yield "message.requested", data, act["body"]
    elif name == "join_queue":
        yield "queue.requested", {"queue": act["queue"]}, f"Sent to the queue {act['queue']}"
    elif name == "promise_callback":
        at = None if act["at_ms"] is None else datetime.fromtimestamp(act["at_ms"] / 1000, UTC).isoformat()
        data = {"queue": act["queue"], "promise": act["promise"], "at": at}
        yield "callback.requested", data, f"Asked to be called back from {act['queue']}"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _clean(value: Any) -> Any:
    return without_nul(value) if isinstance(value, str) else value
