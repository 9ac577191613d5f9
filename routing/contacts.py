"""Contacts: one thing waiting for a person. How it begins to wait, is moved, asks for less with time, and is over.

promised → waiting → offered → accepted → connected → ended, with one outcome; see ``routing/states.py``.

A contact is one hash of short fields, without those that are empty: ``state``, ``queue``, ``req`` (its requirement's
number), ``place``, ``since`` (it waits), ``priority``, ``agent`` (or several who are rung), ``gen`` (its offers are
counted), ``declined`` (agents, newest last), ``prefer`` (the agent it is kept for), ``where`` (line, aside or
preferred), ``caller``, ``relax`` (``after_ms:req,…`` to come), ``channel`` (unless voice), ``ring`` (1: all are rung),
``exit`` (how it overflows), ``return_ms``, ``offered`` (when), ``callback`` (how it is promised); later ``connected``,
``ended`` and ``outcome``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing import keys
from routing.answers import Refused, read
from routing.checks import bad_name, bad_promise, bad_times
from routing.scripts import Script

if TYPE_CHECKING:
    from routing.answers import Done
    from routing.redis import Redis
    from routing.requirements import Requirement

JOIN = Script.load("routing.lua", "join.lua")
LEAVE = Script.load("routing.lua", "leave.lua")
RELAX = Script.load("routing.lua", "relax.lua")
RELEASE = Script.load("routing.lua", "release.lua")
OVERFLOW = Script.load("routing.lua", "overflow.lua")
TRANSFER = Script.load("routing.lua", "transfer.lua")
REPRIORITISE = Script.load("routing.lua", "reprioritise.lua")
MOST_PRIORITY = 1_000
MOST_CALLER = 256  # a SIP address may be long, and nothing of it is parsed here


@dataclass(frozen=True, slots=True)
class Contact:
    """What joins a queue. Times in ms; 0 for those that are not wanted.

    ``prefer`` is the agent it is kept for, ``prefer_ms`` so long, if they are available and able when it joins;
    ``relax`` has what is required after so long, in rising order, each step less than the one before. After
    ``overflow_ms`` it leaves by itself, or goes on to the queue and requirement of ``overflow_to`` with its place.
    ``return_ms`` keeps the place of a caller who hangs up.
    ``since_ms`` is when it began to wait, if that was earlier. ``callback`` promises a call instead
    (``routing/callbacks.py``), to be served at ``callback_ms``.
    """

    id: str
    queue: str
    requirement: Requirement
    caller: str = ""
    priority: int = 0
    prefer: str = ""
    prefer_ms: int = 0
    relax: tuple[tuple[int, Requirement], ...] = ()
    overflow_ms: int = 0
    overflow_to: tuple[str, Requirement] | None = None
    return_ms: int = 0
    since_ms: int = 0
    callback: str = ""
    callback_ms: int = 0


def objection_to(contact: Contact, now_ms: int) -> Refused | None:
    """What is wrong with it before any queue is asked; None when nothing is."""
    if refused := bad_name(contact.id, contact.queue, *filter(None, (contact.prefer,))):
        return refused
    afters = [after_ms for after_ms, _ in contact.relax]
    times = (now_ms, contact.prefer_ms, contact.overflow_ms, contact.return_ms, contact.since_ms, contact.callback_ms)
    if refused := bad_times(*times, *afters):
        return refused
    if contact.since_ms > now_ms or afters != sorted(set(afters)):
        return Refused("bad_time", (str(contact.since_ms), *map(str, afters)))
    if abs(contact.priority) > MOST_PRIORITY:
        return Refused("bad_priority", (str(contact.priority),))
    if contact.callback and (refused := bad_promise(contact.callback, contact.callback_ms)):
        return refused
    if contact.overflow_to and contact.overflow_to[1].channel != contact.requirement.channel:
        return Refused("other_channel", (contact.overflow_to[1].channel,))
    earlier = contact.requirement
    for _, less in contact.relax:
        if not less.relaxes(earlier):
            return Refused("not_less", (less.text,))
        earlier = less
    return None


async def join(redis: Redis, group: str, contact: Contact, *, now_ms: int) -> Done | Refused:
    """Let a contact wait; Done's fact is its place.

    Refused ``there``, ``no_queue``, ``unregistered``, ``too_many_from_caller``; by the queue's rules ``nobody``,
    ``full`` and ``too_long``; and for what can't be meant ``bad_name``, ``bad_time``, ``bad_priority``, ``not_less``.
    """
    if refused := objection_to(contact, now_ms):
        return refused
    relax = "".join(f"{after_ms}={less.text};" for after_ms, less in contact.relax)
    to = "" if contact.overflow_to is None else f"{contact.overflow_to[0]}={contact.overflow_to[1].text}"
    arguments = (
        *(now_ms, contact.id, contact.queue, contact.requirement.text, contact.since_ms or now_ms, contact.priority),
        *(
            contact.caller[:MOST_CALLER],
            contact.prefer,
            contact.prefer_ms,
            relax,
            contact.overflow_ms,
            to,
            contact.return_ms,
        ),
        *(contact.callback, contact.callback_ms),
    )
    return read(await redis.run(JOIN, [keys.base(group)], arguments), "joined")


async def leave(redis: Redis, group: str, contact_id: str, outcome: str, *, now_ms: int) -> Done | Refused:
    """A contact is over that was not handled; refused ``unknown``, or ``refused`` when it is connected or over."""
    if refused := bad_name(contact_id, outcome) or bad_times(now_ms):
        return refused
    return read(await redis.run(LEAVE, [keys.base(group)], [now_ms, contact_id, outcome]), "left")


async def transfer(
    redis: Redis,
    group: str,
    contact_id: str,
    queue: str,
    requirement: Requirement,
    *,
    prefer: str = "",
    prefer_ms: int = 0,
    now_ms: int,
) -> Done | Refused:
    """Move a contact to another queue with its place; an agent it was connected to writes it up.

    Refused ``unknown``, ``refused`` (promised, dialled or over), ``no_queue``, ``unregistered``, ``other_channel``.
    """
    if refused := bad_name(contact_id, queue, *filter(None, (prefer,))) or bad_times(now_ms, prefer_ms):
        return refused
    arguments = (now_ms, contact_id, queue, requirement.text, prefer, prefer_ms)
    return read(await redis.run(TRANSFER, [keys.base(group)], arguments), "transferred")


async def reprioritise(redis: Redis, group: str, contact_id: str, priority: int, *, now_ms: int) -> Done | Refused:
    """Give a contact another priority; Done's fact is its new place. Refused ``unknown``, ``refused``."""
    if refused := bad_name(contact_id) or bad_times(now_ms):
        return refused
    if abs(priority) > MOST_PRIORITY:
        return Refused("bad_priority", (str(priority),))
    return read(await redis.run(REPRIORITISE, [keys.base(group)], [now_ms, contact_id, priority]), "moved")


async def relax(redis: Redis, group: str, contact_id: str, *, now_ms: int) -> Done | Refused:
    """It asks for what its plan says by now; refused ``not_due``."""
    return read(await redis.run(RELAX, [keys.base(group)], [now_ms, contact_id]), "relaxed")


async def release(redis: Redis, group: str, contact_id: str, *, now_ms: int) -> Done | Refused:
    """It is kept for its preferred agent no longer; refused ``not_due``."""
    return read(await redis.run(RELEASE, [keys.base(group)], [now_ms, contact_id]), "released")


async def overflow(redis: Redis, group: str, contact_id: str, *, now_ms: int) -> Done | Refused:
    """It has waited as long as it may; refused ``not_due``, or ``later`` while it is being offered."""
    return read(await redis.run(OVERFLOW, [keys.base(group)], [now_ms, contact_id]), "overflowed")
