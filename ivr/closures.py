"""Opening hours closed at once: by a person, until a moment, in force in every process with the next call that asks.

A closure is one key in Redis that is read when a step goes by its calendar, so nothing has to be told to anybody. It
ends by itself, since whoever reads it compares its end with the time. Each closing and opening is written down, in the
same script that does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from ivr import keys
from routing.scripts import Script

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ivr.clock import Clock
    from routing.redis import Redis

log = structlog.get_logger()

CLOSE = Script.load("ivr.lua", "close_hours.lua")
OPEN = Script.load("ivr.lua", "open_hours.lua")
# Past its end nobody looks at a closure; a day more, so that clocks need not agree.
KEPT_AFTER_MS = 24 * 3600 * 1000
AUDIT_CAP = 10_000


@dataclass(frozen=True, slots=True)
class Closing:
    """A calendar closed by hand: until when, what callers are told by language, by whom and since when (ms)."""

    calendar: str
    until_ms: int
    say: Mapping[str, str]
    by: str
    at_ms: int

    def as_data(self) -> dict[str, Any]:
        """As the engine of flows gets it (``flows/instructions/observe.py``)."""
        return {"until_ms": self.until_ms, "say": dict(self.say)}


@dataclass(frozen=True, slots=True)
class Audited:
    """What somebody did to a calendar: ``closed`` or ``opened``; ``closing`` is what came or went."""

    at_ms: int
    by: str
    did: str
    closing: Closing


class Closures:
    """The closures of all calendars, in Redis."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock

    async def of(self, calendars: Iterable[str]) -> dict[str, Closing]:
        """The closures in force among some calendars; raises what Redis raises."""
        names = tuple(calendars)
        found = await self._redis.execute("MGET", *map(keys.closure, names)) if names else []
        now_ms = self._clock.now_ms()
        closings = {name: _read(text) for name, text in zip(names, found, strict=True) if text is not None}
        return {name: one for name, one in closings.items() if one is not None and now_ms < one.until_ms}

    async def close(self, calendar: str, *, until_ms: int, say: Mapping[str, str], by: str) -> Closing:
        """Close a calendar until a moment that is yet to come; a closure that is there already is replaced."""
        closing = Closing(calendar, until_ms, say, by, self._clock.now_ms())
        life_ms = until_ms - closing.at_ms + KEPT_AFTER_MS
        audit = orjson.dumps(Audited(closing.at_ms, by, "closed", closing))
        names = [keys.closure(calendar), keys.HOURS_AUDIT]
        await self._redis.run(CLOSE, names, [orjson.dumps(closing), life_ms, audit, AUDIT_CAP])
        return closing

    async def open(self, calendar: str, *, by: str) -> Closing | None:
        """Let a calendar go by its own hours again; the closure that is gone, None when none was in force."""
        closing = (await self.of((calendar,))).get(calendar)
        if closing is None:
            return None
        audit = orjson.dumps(Audited(self._clock.now_ms(), by, "opened", closing))
        names = [keys.closure(calendar), keys.HOURS_AUDIT]
        reply = await self._redis.run(OPEN, names, [audit, AUDIT_CAP])
        return closing if reply[0] == b"opened" else None

    async def audit(self, most: int = 100) -> list[Audited]:
        """Who closed and opened what, newest first."""
        rows = await self._redis.execute("XREVRANGE", keys.HOURS_AUDIT, "+", "-", "COUNT", most)
        entries = [orjson.loads(fields[1]) for _id, fields in rows]
        return [Audited(**{**entry, "closing": Closing(**entry["closing"])}) for entry in entries]


def _read(text: bytes) -> Closing | None:
    """What ``close`` wrote; a closure of another version's is none, and logged."""
    try:
        return Closing(**orjson.loads(text))
    except (ValueError, TypeError) as error:
        log.warning("closure_unreadable", error=str(error))
        return None
