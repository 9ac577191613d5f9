"""Calls and routing: how a call joins a queue, shows that it is still there, and leaves; what moves a call that waits.

Between callers the live program decides (group, strategy, rules of joining); a queue that was taken out of it is run as
the call's own program has it, until it is empty. What came of it is told as the ``queue`` step understands it
(``flows/instructions/join_queue.py``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from flows import hours
from flows.events import Answered, EffectFailed
from ivr import keys
from ivr.registering import requirement_of, requirements_of
from routing import contacts, offers
from routing.answers import Done
from routing.attendance import attend
from routing.checks import NAME
from routing.contacts import Contact
from routing.figures import figures, position
from routing.listing import contacts_in
from routing.redis import RedisError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from flows.center import Center
    from flows.center.queues import Queue
    from flows.events import Event
    from flows.instructions import JoinQueue
    from ivr.clock import Clock
    from ivr.closures import Closures
    from ivr.programs import Programs
    from ivr.sessions import Sessions
    from routing.answers import Refused
    from routing.figures import Figures
    from routing.redis import Redis
    from routing.requirements import Requirement

log = structlog.get_logger()

# How routing's outcomes of a contact read to a step that waits; ``lost`` when there is no contact any more.
OUTCOMES = {"overflowed": "overflow", "nobody": "nobody", "full": "full", "too_long": "too_long", "closed": "closed"}
REFUSALS = frozenset({"nobody", "full", "too_long"})
# Of one queue whose hours are over; the next ones leave a second later.
CLOSED_AT_ONCE = 100
# What the program that the call runs may know and the live one has forgotten.
FORGOTTEN = frozenset({"no_queue", "unregistered"})


class Queues:
    """The queues in Redis, on behalf of calls."""

    def __init__(
        self, redis: Redis, *, programs: Programs, sessions: Sessions, closures: Closures, clock: Clock
    ) -> None:
        self._redis = redis
        self._programs = programs
        self._sessions = sessions
        self._closures = closures
        self._clock = clock

    async def join(self, call_sid: str, asked: JoinQueue) -> Event:
        """Let a call wait; an event even where it may not. Raises what Redis raises."""
        answer: Done | Refused | None = None
        async for center in self._centers(call_sid):
            queue = center.queues.get(asked.queue)
            if queue is None:
                continue
            if await self._is_closed(center, queue):
                return Answered({"outcome": "closed"})
            contact, now_ms = contact_of(asked, queue), self._clock.now_ms()
            answer = await contacts.join(self._redis, queue.group, contact, now_ms=now_ms)
            if answer.tag not in FORGOTTEN:
                return _joined(asked, queue, answer)
        log.error("queue_unknown", queue=asked.queue, place=asked.place, answer=None if answer is None else answer.tag)
        return EffectFailed("failed")

    async def look_for(self, asked: JoinQueue) -> Event | None:
        """What became of a join that was begun, by the contact itself; None when there is no such contact."""
        for group in await self.groups():
            event = await self._standing(group, asked.contact)
            if event is not None:
                return event
        return None

    async def attend(self, group: str, contact: str) -> Event | None:
        """A sign of life of somebody who waits; what moves their call, None while they wait. Never an exception."""
        try:
            event = await self._standing(group, contact)
        except RedisError as error:
            log.warning("sign_of_life_not_given", error=str(error))
            return None
        if event is None:
            return Answered({"outcome": "lost", "contact": contact})
        waits = isinstance(event, Answered) and event.value["outcome"] == "joined"
        return None if waits else event

    async def leave(self, group: str, contact: str, outcome: str) -> None:
        """The call is over, or goes on elsewhere: so is its contact. Raises what Redis raises."""
        for each in [group] if group else await self.groups():
            now_ms = self._clock.now_ms()
            left = await contacts.leave(self._redis, each, contact, outcome, now_ms=now_ms)
            if left.facts == ("connected",):
                await offers.end(self._redis, each, contact, now_ms=now_ms)
            if left.tag != "unknown":
                return

    async def figures(self, names: Sequence[str], contact: str) -> dict[str, dict[str, Any]]:
        """The figures of some of the live program's queues, for expressions; raises what Redis raises."""
        live = self._programs.live
        if live is None:
            return {}
        by_group: dict[str, dict[str, Sequence[Requirement]]] = {}
        for name in names:
            queue = live.center.queues.get(name)
            if queue is not None:
                by_group.setdefault(queue.group, {})[name] = requirements_of(live, name)
        found: dict[str, dict[str, Any]] = {}
        for group, queues in by_group.items():
            read = await figures(self._redis, group, queues, now_ms=self._clock.now_ms())
            place = await self._position(group, contact, queues)
            found |= {name: as_data(one) | {"position": place.get(name)} for name, one in read.items()}
        return found

    async def _position(
        self, group: str, contact: str, queues: Mapping[str, Sequence[Requirement]]
    ) -> dict[str, int | None]:
        """The contact's place, by the queue it waits in."""
        standing = await attend(self._redis, group, contact, now_ms=self._clock.now_ms()) if contact else None
        if standing is None or standing.queue not in queues:
            return {}
        return {standing.queue: await position(self._redis, group, contact, queues[standing.queue])}

    async def close_up(self) -> None:
        """Who still waits when a queue's hours are over leaves it, where the queue is closed by ``overflow``."""
        live = self._programs.live
        for queue in () if live is None else live.center.queues.values():
            if live is None or queue.closing != "overflow" or not await self._is_closed(live.center, queue):
                continue
            requirements = requirements_of(live, queue.name)
            for one in await contacts_in(self._redis, queue.group, queue.name, requirements, most=CLOSED_AT_ONCE):
                if one.state == "waiting" and not one.callback:
                    await contacts.leave(self._redis, queue.group, one.id, "overflowed", now_ms=self._clock.now_ms())

    async def groups(self) -> list[str]:
        """Every group that a program has ever been registered with, sorted."""
        return sorted(name.decode() for name in await self._redis.execute("SMEMBERS", keys.QUEUE_GROUPS))

    async def _standing(self, group: str, contact: str) -> Event | None:
        standing = await attend(self._redis, group, contact, now_ms=self._clock.now_ms())
        if standing is None:
            return None
        if standing.state != "ended":
            return Answered({"outcome": "joined", "contact": contact, "group": group})
        return moving(contact, standing.outcome)

    async def _centers(self, call_sid: str) -> AsyncIterator[Center]:
        """The live program's centre, then that of the program the call runs."""
        live = self._programs.live
        if live is not None:
            yield live.center
        record = await self._sessions.load(call_sid)
        own = None if record is None else await self._programs.get(record.session.program)
        if own is not None and own is not live:
            yield own.center

    async def _is_closed(self, center: Center, queue: Queue) -> bool:
        if queue.hours is None:
            return False
        closing = (await self._closures.of((queue.hours,))).get(queue.hours)
        until = None if closing is None else datetime.fromtimestamp(closing.until_ms / 1000, UTC)
        return hours.state(center.hours[queue.hours], center.zone, self._clock.now(), until) != "open"


def moving(contact: str, outcome: str) -> Event:
    """What a contact's end is to the call that waits as it."""
    told = OUTCOMES.get(outcome)
    return Answered({"outcome": told, "contact": contact}) if told else EffectFailed("failed")


def as_data(found: Figures) -> dict[str, Any]:
    """Figures with the names of ``flows/scope.py``; the estimate is null until there is evidence for one."""
    longest_s = None if found.longest_ms is None else found.longest_ms // 1000
    return {
        "waiting": found.waiting,
        "ready": found.ready,
        "signed_in": found.signed_in,
        "longest_s": longest_s,
        "ewt_s": None,
    }


def call_of(contact: str) -> str:
    """The CallSid of the call that waits, or waited, as this contact."""
    return contact.rpartition("-")[0]


def contact_of(asked: JoinQueue, queue: Queue) -> Contact:
    """What joins, in routing's words. What cannot name a caller or an agent is nobody's name."""
    return Contact(
        id=asked.contact,
        queue=queue.name,
        requirement=requirement_of(queue, asked.require),
        caller=_name(asked.caller),
        priority=asked.priority,
        prefer=_name(asked.prefer),
        prefer_ms=asked.prefer_s * 1000,
        relax=tuple((after_s * 1000, requirement_of(queue, skills)) for after_s, skills in asked.relax),
        overflow_ms=(asked.overflow_s or 0) * 1000,
        return_ms=asked.return_within_s * 1000,
        since_ms=asked.since_ms,
    )


def _name(text: str) -> str:
    return text if NAME.fullmatch(text) else ""


def _joined(asked: JoinQueue, queue: Queue, answer: Done | Refused) -> Event:
    """What a call is told of its joining; one that had joined before has joined."""
    if isinstance(answer, Done) or answer.tag == "there":
        return Answered({"outcome": "joined", "contact": asked.contact, "group": queue.group})
    if answer.tag in REFUSALS:
        return Answered({"outcome": answer.tag, "contact": asked.contact})
    log.warning("join_refused", queue=queue.name, why=answer.tag, facts=answer.facts, place=asked.place)
    return EffectFailed("refused" if answer.tag == "too_many_from_caller" else "failed")
