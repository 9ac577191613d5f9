"""Signs of life of whoever waits: a caller's line tells that it is there, and learns what became of its contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing import keys
from routing.answers import Done, read
from routing.scripts import Script

if TYPE_CHECKING:
    from routing.redis import Redis

ATTEND = Script.load("routing.lua", "attend.lua")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contact stands: its ``state``, the ``outcome`` once it has ended, else empty, and its queue."""

    state: str
    outcome: str
    queue: str


async def attend(redis: Redis, group: str, contact_id: str, *, now_ms: int) -> Standing | None:
    """Note that the contact is there still (``seen``), unless it has ended; None when nobody knows of it."""
    answer = read(await redis.run(ATTEND, [keys.base(group)], [now_ms, contact_id]), "attended")
    return Standing(*answer.facts) if isinstance(answer, Done) else None
