"""From the calls' journals to SQL: read by a consumer group, stored in batches, forgotten only when stored.

Any number of readers may run, on any number of machines; each entry is handed to one of them. The only thing that takes
an entry out of a journal is ``lua/settle.lua``, after the transaction that holds it was committed. A reader that is
killed at any moment leaves entries pending, which another takes over after ``TAKE_OVER_MS``; what was stored and not
yet settled then is stored again, which changes nothing. While SQL is down the reader keeps its batch and tries again,
and the journals grow; no call waits for any of it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import orjson
import structlog

from ivr import keys
from ivr.journal import read_entry
from ivr.timeline.database import UNAVAILABLE, UNSTORABLE, reason_of
from ivr.timeline.events import without_nul
from ivr.timeline.turns import events_of
from ivr.timeline.writing import TurnRow, UnreadableRow
from routing.redis import Call, RedisError
from routing.scripts import Script

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ivr.timeline.events import Event
    from ivr.timeline.writing import Writer
    from routing.redis import Redis, Reply

log = structlog.get_logger()

TAKE = Script.load("ivr.lua", "take.lua")
SETTLE = Script.load("ivr.lua", "settle.lua")
GROUP = "timeline"
# Of each journal in a round; a busy second has a handful of turns in each.
TAKE_AT_ONCE = 200
# Entries a transaction: beyond this the time goes into rows, not into transactions (docs/timeline.md has figures).
BATCH = 1_000
IDLE_S = 0.2
TAKE_OVER_MS = 5_000
GONE_MS = 3_600_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0


class Taken(NamedTuple):
    """One entry as it stands in a partition's journal."""

    part: str
    id: str
    text: bytes


@dataclass(slots=True)
class Batch:
    """What some entries come to in SQL."""

    events: list[Event] = field(default_factory=list)
    turns: list[TurnRow] = field(default_factory=list)
    unreadable: list[UnreadableRow] = field(default_factory=list)


class JournalReader:
    """Moves entries until it is cancelled."""

    def __init__(self, redis: Redis, writer: Writer) -> None:
        self._redis = redis
        self._writer = writer
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._take_over_at_s = 0.0

    async def run(self) -> None:
        """Move what there is, again and again."""
        while True:
            try:
                moved = await self.move()
            except RedisError as error:  # the connection comes back by itself, and what is pending is taken over
                log.warning("journal_unreadable", error=str(error))
                moved = 0
            if not moved:
                await asyncio.sleep(IDLE_S)

    async def move(self, *, idle_ms: int | None = None) -> int:
        """One round: store and forget what waits in all journals; how many entries.

        Now and then, or with ``idle_ms``, it takes over what nobody has settled for so long, before anything new.
        """
        now_s = asyncio.get_running_loop().time()
        if idle_ms is None and now_s >= self._take_over_at_s:
            idle_ms, self._take_over_at_s = TAKE_OVER_MS, now_s + TAKE_OVER_MS / 1000
        taken = [] if idle_ms is None else await self._take(str(idle_ms))
        taken += await self._take("")
        for first in range(0, len(taken), BATCH):
            some = taken[first : first + BATCH]
            await self._store(some)
            await self._settle(some)
        return len(taken)

    async def _take(self, idle_ms: str) -> list[Taken]:
        args: list[str | int] = [GROUP, self._name, TAKE_AT_ONCE, idle_ms, GONE_MS]
        replies = await self._redis.pipeline(
            [Call(TAKE, [keys.journal(part)], args) for part in keys.PARTITIONS], whole=False
        )
        return [one for part, reply in zip(keys.PARTITIONS, replies, strict=True) for one in _read(part, reply)]

    async def _settle(self, taken: Iterable[Taken]) -> None:
        ids: dict[str, list[str]] = {}
        for one in taken:
            ids.setdefault(one.part, []).append(one.id)
        await self._redis.pipeline(
            [Call(SETTLE, [keys.journal(part)], [GROUP, orjson.dumps(some)]) for part, some in ids.items()]
        )

    async def _store(self, taken: Sequence[Taken]) -> None:
        """Store all of them, however long it takes; one that can never be stored is put aside with its reason."""
        refusal = await self._try(batch_of(taken))
        if refusal and len(taken) == 1:
            await self._try(Batch(unreadable=[_unreadable(taken[0], refusal)]))
        elif refusal:
            for one in taken:
                await self._store([one])

    async def _try(self, batch: Batch) -> str:
        """Store a batch as soon as there is a database; why it never can be, or nothing."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._writer.store(batch.events, batch.turns, batch.unreadable)
            except UNSTORABLE as error:
                log.warning("journal_entries_unstorable", entries=len(batch.turns), error=reason_of(error))
                return reason_of(error)
            except UNAVAILABLE as error:
                log.warning("timeline_waits_for_sql", entries=len(batch.turns), error=reason_of(error))
                await asyncio.sleep(pause_s)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
            else:
                return ""


def batch_of(taken: Iterable[Taken]) -> Batch:
    """The rows that some entries come to; what this version cannot read is kept as it is."""
    batch = Batch()
    for one in taken:
        try:
            entry = read_entry(one.text)
            events = events_of(entry)
        except Exception as error:  # another version's entry must not hold up those behind it
            log.warning("journal_entry_unreadable", stream=one.part, id=one.id, error=type(error).__name__)
            batch.unreadable.append(_unreadable(one, f"{type(error).__name__}: {error}"[:300]))
        else:
            batch.events += events
            batch.turns.append(TurnRow(entry.call_sid, entry.turn, entry.at_ms, one.text.decode()))
    return batch


def _unreadable(one: Taken, reason: str) -> UnreadableRow:
    return UnreadableRow(one.part, one.id, without_nul(reason), without_nul(one.text.decode(errors="replace")))


def _read(part: str, reply: Reply) -> list[Taken]:
    """The entries of one journal's answer; none from a node that does not answer now."""
    if isinstance(reply, RedisError):
        log.warning("journal_unreadable", journal=part, error=str(reply))
        return []
    return [Taken(part, id_.decode(), _field(fields)) for id_, fields in (reply[1] if reply[0] == b"taken" else ())]


def _field(fields: list[bytes] | None) -> bytes:
    """An entry's one field; one that is not there, or was not written by us, is read as nothing."""
    return fields[1] if fields and len(fields) == 2 else b""
