"""The queues' housekeeper: what is due in routing happens, and calls that wait hear what became of them.

Every process sweeps the deadlines of every group ten times a second, and reads the groups' journals together with the
others: each entry is handed to one of them (a consumer group of the stream), and to another when it was not settled
within ``CLAIM_MS``, because its process died or the call was in the middle of something. So a killed process delays
nothing by more than two seconds. An entry that tells twice moves nothing twice.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from ivr.calls import Move
from ivr.logs import about_call
from ivr.meeting.host import concerns
from ivr.queues import call_of, moving
from routing import keys
from routing.deadlines import sweep
from routing.redis import RedisError, RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ivr.calls import CallDesk
    from ivr.clock import Clock
    from ivr.meeting.host import Host
    from ivr.queues import Queues
    from routing.redis import Redis

log = structlog.get_logger()

EVERY_S = 0.1
# With a sweep before and a look after it, within the two seconds.
CLAIM_MS = 1_500
BATCH = 100
MOST_BATCHES = 20
# Read by the consumer group of this name; another reader of the journal has one of its own.
READERS = "calls"
# Ends that the call itself brought about.
OF_THE_CALL = frozenset({"", "abandoned", "handled"})
# A reader who has not read for so long is dead; what it left has long been claimed.
DEAD_MS = 3_600_000


class QueueKeeper:
    """Sweeps, and moves calls; ``name`` is its own among all processes."""

    def __init__(
        self, *, redis: Redis, queues: Queues, desk: CallDesk, host: Host, clock: Clock, name: str = ""
    ) -> None:
        self._redis = redis
        self._queues = queues
        self._desk = desk
        self._host = host
        self._clock = clock
        self._name = name or uuid.uuid4().hex
        self._closed_up = 0
        self._pruned: set[str] = set()
        self._moving: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Keep the queues until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
                await self._close_up()
            except RedisUnavailable:
                continue  # the connection comes back by itself, and what is due waits in Redis
            except Exception:  # whatever one look met, the next one follows
                log.exception("queues_not_kept")

    async def _close_up(self) -> None:
        """Opening hours are looked at once a second; minutes are what they are written in."""
        second = self._clock.now_ms() // 1000
        if second != self._closed_up:
            self._closed_up = second
            await self._queues.close_up()

    async def look(self) -> None:
        """Do what is due by now in every group, and begin to move the calls that it concerns."""
        for group in await self._queues.groups():
            try:
                await self._sweep(group)
                await self._hear(group)
            except RedisRefused as error:  # one group's trouble is not the others'
                log.warning("group_not_kept", group=group, error=str(error))

    async def _sweep(self, group: str) -> None:
        """What has become due while nobody swept may be a great deal, and none of it waits for the next look."""
        for _ in range(MOST_BATCHES):
            if len(await sweep(self._redis, group, now_ms=self._clock.now_ms(), most=BATCH)) < BATCH:
                return

    async def _hear(self, group: str) -> None:
        """Read on in the journal; most of it concerns no call that waits."""
        for _ in range(MOST_BATCHES):
            entries = await self._read(group)
            others = [entry for entry, facts in entries if not concerns_a_call(facts)]
            if others:
                await self._redis.execute("XACK", journal(group), READERS, *others)
            for entry, facts in entries:
                if concerns_a_call(facts):
                    self._begin_to_tell(group, entry, facts)
            if len(entries) < BATCH:
                return

    def _begin_to_tell(self, group: str, entry: str, facts: dict[str, str]) -> None:
        """Beside everything else: one slow call must not hold up the others."""
        if (group, entry) not in self._moving:
            task = self._moving[group, entry] = asyncio.create_task(self._tell(group, entry, facts))
            task.add_done_callback(lambda _done: self._moving.pop((group, entry), None))

    async def close(self) -> None:
        """Let calls that are being moved come to their turn's end, and read no more."""
        while self._moving:
            await asyncio.gather(*self._moving.values(), return_exceptions=True)
        with suppress(RedisError):  # whoever reads the journal next forgets this process then
            for group in self._pruned:
                await self._redis.execute("XGROUP", "DELCONSUMER", journal(group), READERS, self._name)

    async def _read(self, group: str) -> list[tuple[str, dict[str, str]]]:
        """Entries that are for this process: new ones, and those that another did not settle."""
        stream = journal(group)
        replies: list[Any] = await self._redis.pipeline(
            [
                ("XREADGROUP", "GROUP", READERS, self._name, "COUNT", BATCH, "STREAMS", stream, ">"),
                ("XAUTOCLAIM", stream, READERS, self._name, CLAIM_MS, "0-0", "COUNT", BATCH),
            ]
        )
        for reply in replies:
            if isinstance(reply, RedisError):
                if not str(reply).startswith("NOGROUP"):
                    raise reply
                await self._begin(group)
                return []
        if group not in self._pruned:
            self._pruned.add(group)
            await self._prune(group)
        new, left = replies
        return entries_in([*(new[0][1] if new else []), *left[1]])

    async def _begin(self, group: str) -> None:
        """The first reader of a group makes the consumer group; what was written before it is read as well."""
        try:
            await self._redis.execute("XGROUP", "CREATE", journal(group), READERS, "0", "MKSTREAM")
        except RedisRefused as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def _prune(self, group: str) -> None:
        """Forget readers that were killed; what they had in hand has been claimed by others."""
        for row in await self._redis.execute("XINFO", "CONSUMERS", journal(group), READERS):
            facts = dict(zip(row[::2], row[1::2], strict=True))
            if facts[b"idle"] > DEAD_MS and facts[b"pending"] == 0:
                await self._redis.execute("XGROUP", "DELCONSUMER", journal(group), READERS, facts[b"name"])

    async def _is_told(self, group: str, facts: dict[str, str]) -> bool:
        if concerns(facts):
            return await self._host.hear(group, facts)
        contact = facts["contact"]
        return await self._desk.move(call_of(contact), contact, moving(contact, facts["outcome"])) != Move.BUSY

    async def _tell(self, group: str, entry: str, facts: dict[str, str]) -> None:
        """Do what an entry asks for, and settle it; left for later where the call was busy, or it is too early."""
        contact = facts["contact"]
        with about_call(call_of(contact)):
            try:
                if await self._is_told(group, facts):
                    await self._redis.execute("XACK", journal(group), READERS, entry)
            except RedisError as error:
                log.warning("call_not_told", error=str(error))
            except Exception:  # it would fail again; the call's own hold turn makes up for it
                log.exception("call_not_told")
                with suppress(RedisError):
                    await self._redis.execute("XACK", journal(group), READERS, entry)


def concerns_a_call(facts: dict[str, str]) -> bool:
    """Does an entry tell of an offer, or of a contact that ended while its call waits, without the call's doing."""
    if concerns(facts):
        return True
    return facts.get("event") == "ended" and facts.get("outcome", "") not in OF_THE_CALL and "contact" in facts


def journal(group: str) -> str:
    """The stream of a group's events."""
    return f"{keys.base(group)}journal"


def entries_in(rows: Iterable[Any]) -> list[tuple[str, dict[str, str]]]:
    """Entries by their id; one that the stream has trimmed away tells nothing any more."""
    found = []
    for entry, fields in rows:
        texts = [part.decode(errors="replace") for part in fields or ()]
        found.append((entry.decode(), dict(zip(texts[::2], texts[1::2], strict=True))))
    return found
