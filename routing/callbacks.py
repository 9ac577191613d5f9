"""Callbacks: a contact that hangs up and is called back, with the place it had.

``keep_place``: it stands in line as if it waited. ``later_today``: it stands behind all who wait live, and where it
would have stood once its time has come. ``at_a_time``: it stands nowhere until then. Either side may be called first:
the agent (the contact is offered, accepted, then dialled), or the customer (``claim``, dial, ``dialled``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing import keys
from routing.answers import Refused, read
from routing.checks import bad_name, bad_promise, bad_times
from routing.scripts import Script

if TYPE_CHECKING:
    from routing.answers import Done
    from routing.redis import Redis

PROMISE = Script.load("routing.lua", "promise.lua")
RESUME = Script.load("routing.lua", "resume.lua")
CLAIM = Script.load("routing.lua", "claim.lua")
DIALLED = Script.load("routing.lua", "dialled.lua")
RESULTS = ("answered", "again", "expired")


async def promise(
    redis: Redis, group: str, contact_id: str, how: str, *, at_ms: int = 0, now_ms: int
) -> Done | Refused:
    """Who waits is called back instead; Done's fact is the state. ``at_ms`` is when at the latest, or at all.

    Refused ``unknown``, ``refused``, ``bad_promise`` (no such way, or a time that is missing).
    """
    if refused := bad_promise(how, at_ms) or bad_name(contact_id) or bad_times(now_ms, at_ms):
        return refused
    return read(await redis.run(PROMISE, [keys.base(group)], [now_ms, contact_id, how, at_ms]), "promised")


async def resume(redis: Redis, group: str, contact_id: str, *, now_ms: int) -> Done | Refused:
    """The promised time has come; refused ``not_due``."""
    return read(await redis.run(RESUME, [keys.base(group)], [now_ms, contact_id]), "resumed")


async def claim(redis: Redis, group: str, contact_id: str, *, claim_ms: int = 60_000, now_ms: int) -> Done | Refused:
    """Dial this callback, and nobody else; Done's fact is the claim's generation. Refused ``unknown``, ``refused``."""
    if refused := bad_name(contact_id) or bad_times(now_ms, claim_ms):
        return refused
    return read(await redis.run(CLAIM, [keys.base(group)], [now_ms, contact_id, claim_ms]), "claimed")


async def dialled(
    redis: Redis, group: str, contact_id: str, generation: int, result: str, *, at_ms: int = 0, now_ms: int
) -> Done | Refused:
    """What came of the call: ``answered`` (waits live at its place), ``again`` (at ``at_ms``) or ``expired``.

    ``again`` is also for an offer that an agent accepted before the customer was rung.
    Refused ``late``, ``bad_result``.
    """
    if result not in RESULTS or (result == "again" and at_ms <= 0):
        return Refused("bad_result", (result[:60],))
    if refused := bad_name(contact_id) or bad_times(now_ms, at_ms):
        return refused
    arguments = (now_ms, contact_id, generation, result, at_ms)
    return read(await redis.run(DIALLED, [keys.base(group)], arguments), "dialled")
