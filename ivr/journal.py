"""The journal: one entry a turn, holding all that ``advance`` needs to be repeated.

Entries are appended by the same script that commits the turn, so that no turn is without its entry and no entry
without its turn. The journal is transport: the timeline's writer moves it to SQL and trims behind itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import orjson

from flows.engine import advance, begin
from flows.events import FellBack, decode, encode
from flows.instructions import INSTRUCTIONS, NAMES, JoinQueue, PromiseCallback, SendMessage, as_data
from ivr.exchange import Happened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flows.instructions import Act, Instruction, Record
    from flows.program import Program
    from flows.session import Session
    from ivr.exchange import Exchange

FORMAT = 1
# Until the timeline's writer trims behind what it has stored: each of the 64 streams, about.
JOURNAL_CAP = 100_000
# What a customer's timeline tells of an act: not a request's, which may hold what is nobody's business.
TOLD_OF_ACTS: Mapping[type[Act], tuple[str, ...]] = {
    SendMessage: ("to", "sender", "body"),
    JoinQueue: ("queue",),
    PromiseCallback: ("queue", "number", "promise", "at_ms"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One turn as it was written down.

    ``happened`` begins with what came in; answers of questions, and what a bug made of it, follow. ``said`` is the
    hash of the turn's instructions. ``caller`` and ``called`` stand only with the turn that began the session.

    The rest is for the timeline: ``party`` is the caller's number, in every turn; ``act`` what the turn named to be
    done; ``started_ms`` when a call began that is over now.
    """

    call_sid: str
    turn: int
    at_ms: int
    program: str
    happened: tuple[Happened, ...]
    said: str
    caller: str | None = None
    called: str | None = None
    records: tuple[Record, ...] = ()
    ended: str | None = None
    place: str = ""
    party: str = ""
    act: Mapping[str, Any] = field(default_factory=dict)
    started_ms: int | None = None


def write_entry(exchange: Exchange, turn: int) -> bytes:
    """The journal's JSON for one walked turn."""
    session = exchange.session
    data: dict[str, Any] = {
        "format": FORMAT,
        "call": session.call_sid,
        "turn": turn,
        "at_ms": exchange.now_ms,
        "program": session.program,
        "place": exchange.place,
        "happened": [encode(one.event) | ({"failed": True} if one.failed else {}) for one in exchange.happened],
        "said": hash_of(exchange.instructions),
        "party": session.caller,
    }
    if exchange.began:
        data["caller"], data["called"] = session.caller, session.called
    if exchange.records:
        data["records"] = [as_data(record) for record in exchange.records]
    if exchange.act is not None and type(exchange.act) in TOLD_OF_ACTS:
        data["act"] = _told(exchange.act)
    if session.ended:
        data["ended"], data["started_ms"] = session.ended, session.started_ms
    return orjson.dumps(data)


def _told(act: Act) -> dict[str, Any]:
    return {"instruction": NAMES[type(act)]} | {name: getattr(act, name) for name in TOLD_OF_ACTS[type(act)]}


def read_entry(text: bytes) -> Entry:
    """The entry that ``write_entry`` wrote; ValueError for anything else."""
    data = orjson.loads(text)
    if data.get("format") != FORMAT:
        raise ValueError(f"journal format {data.get('format')!r}, this version knows {FORMAT}")
    happened = tuple(Happened(decode(one), failed) for one in data["happened"] for failed in [one.pop("failed", False)])
    return Entry(
        call_sid=data["call"],
        turn=data["turn"],
        at_ms=data["at_ms"],
        program=data["program"],
        happened=happened,
        said=data["said"],
        caller=data.get("caller"),
        called=data.get("called"),
        records=tuple(_read_record(record) for record in data.get("records", ())),
        ended=data.get("ended"),
        place=data.get("place", ""),
        party=data.get("party", ""),
        act=data.get("act", {}),
        started_ms=data.get("started_ms"),
    )


def _read_record(data: dict[str, Any]) -> Record:
    kind = INSTRUCTIONS[data.pop("instruction")]
    return cast("Record", kind(**data))


def hash_of(instructions: Sequence[Instruction]) -> str:
    """A short hash over what a turn asked the world to do, in order, equal wherever it is computed."""
    data = orjson.dumps([(NAMES[type(one)], one) for one in instructions])
    return hashlib.blake2b(data, digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Repeated:
    """One turn of a repeated call: what it said then and what it says now."""

    entry: Entry
    session: Session
    said: str


def repeat_call(entries: Iterable[Entry], program_of: Callable[[str], Program]) -> list[Repeated]:
    """Walk a call again from its journal; a turn whose ``said`` differs from its entry's went another way.

    ``entries`` are one call's, in order, from the one that began its session; ``program_of`` gives a program by its id.
    """
    session: Session | None = None
    repeated = []
    for entry in entries:
        now = datetime.fromtimestamp(entry.at_ms / 1000, UTC)
        program = program_of(entry.program)
        if entry.caller is not None and entry.called is not None:
            session = begin(program, call_sid=entry.call_sid, caller=entry.caller, called=entry.called, now=now)
        if session is None:
            raise ValueError(f"the journal of call {entry.call_sid} does not begin with its first turn")
        instructions: list[Instruction] = []
        for one in entry.happened:
            if not one.failed:
                turn = advance(program, session, one.event, now)
                session = turn.session
                instructions += turn.instructions
            elif isinstance(one.event, FellBack):
                session = replace(session, ended="failed")  # as ``Exchange`` ends a call whose fallback broke too
        repeated.append(Repeated(entry, session, hash_of(instructions)))
    return repeated
