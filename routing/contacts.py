"""Contacts: one thing waiting for a person. How it begins to wait, asks for less with time, and is over.

promised → waiting → offered → accepted → connected → ended, with one outcome; see ``routing/states.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing import keys
from routing.answers import read
from routing.scripts import Script

if TYPE_CHECKING:
    from routing.answers import Done, Refused
    from routing.redis import Redis
    from routing.requirements import Requirement

JOIN = Script.load("routing.lua", "join.lua")
LEAVE = Script.load("routing.lua", "leave.lua")
RELAX = Script.load("routing.lua", "relax.lua")

LATER_MS = 10_000_000_000_000
"""Added to the place of a contact that is served when no live one waits: behind any time of ours."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What joins a queue.

    ``head_start_ms`` is what its priority is worth; ``prefer`` the agent it is kept for, ``prefer_ms`` so long;
    ``relax`` has what is required after so many ms, in rising order; ``overflow_ms`` when it leaves by itself, 0 never.
    """

    id: str
    queue: str
    requirement: Requirement
    caller: str = ""
    priority: int = 0
    head_start_ms: int = 60_000
    prefer: str = ""
    prefer_ms: int = 0
    relax: tuple[tuple[int, Requirement], ...] = ()
    overflow_ms: int = 0

    def place(self, now_ms: int) -> int:
        """Lower is sooner: a priority is a head start, so nobody starves."""
        return now_ms - self.priority * self.head_start_ms


async def join(redis: Redis, group: str, contact: Contact, *, now_ms: int) -> Done | Refused:
    """Let a contact wait; refused ``there``, ``unregistered`` or ``no_queue``."""
    relax = ";".join(f"{now_ms + after_ms}={less.text}" for after_ms, less in contact.relax)
    arguments = (
        *(now_ms, contact.id, contact.queue, contact.requirement.text, contact.place(now_ms), contact.priority),
        *(contact.caller, contact.prefer, now_ms + contact.prefer_ms, relax),
        now_ms + contact.overflow_ms if contact.overflow_ms else 0,
    )
    return read(await redis.run(JOIN, [keys.base(group)], arguments), "joined")


async def leave(redis: Redis, group: str, contact_id: str, outcome: str, *, now_ms: int) -> Done | Refused:
    """A contact is over that was not handled; refused ``unknown``, or ``refused`` when it is connected or over."""
    return read(await redis.run(LEAVE, [keys.base(group)], [now_ms, contact_id, outcome]), "left")


async def relax(redis: Redis, group: str, contact_id: str, what: str, *, now_ms: int) -> Done | Refused:
    """What was due for a contact happens: ``relax`` or ``prefer``; refused ``nothing``."""
    return read(await redis.run(RELAX, [keys.base(group)], [now_ms, contact_id, what]), "relaxed")
