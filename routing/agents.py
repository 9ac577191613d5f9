"""Agents: who is signed in, what they chose (status) and what they do (state).

status: available, on_break, offline. state: away → ready → reserved → on_contact → wrap_up; see ``routing/states.py``.

An agent is one hash: ``status`` and ``reason``, ``state`` and ``since``, ``skills``, what they come to (``bits``,
``many``, ``ranks``, ``version``), ``capacity`` by channel and which comes ``over`` which, what they hold (``holds``:
``contact=channel=stage=generation,…``), in which idle lists they are (``idle``), ``misses`` in a row, contacts
``taken`` since they signed in, and when they were last ``offered`` one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing import keys
from routing.answers import Refused, read
from routing.checks import bad_name, bad_times
from routing.registry import MOST_ATTEMPTS, Registry, read_registry, refit
from routing.requirements import HIGHEST_LEVEL, LEAST_LEVEL, VOICE, skills_text
from routing.scripts import Script
from routing.states import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from routing.answers import Done
    from routing.redis import Redis

SIGN_IN = Script.load("routing.lua", "sign_in.lua")
SET_STATUS = Script.load("routing.lua", "set_status.lua")
FINISH_WRAP_UP = Script.load("routing.lua", "finish_wrap_up.lua")
RELEASE_ALL = Script.load("routing.lua", "release_all.lua")
SEEN = Script.load("routing.lua", "seen.lua")
ONE_CALL: Mapping[str, int] = {VOICE: 1}
MOST_CAPACITY = 20


async def sign_in(
    redis: Redis,
    group: str,
    agent: str,
    skills: Mapping[str, int],
    *,
    capacity: Mapping[str, int] = ONE_CALL,
    over: Iterable[tuple[str, str]] = (),
    now_ms: int,
) -> Done | Refused:
    """A person comes to work, on break until they say otherwise.

    ``capacity`` is how many contacts of each channel they may hold at once; while they hold one of a channel, another
    comes only if ``over`` has (that other, the held one): ``("voice", "chat")`` lets a call come over a chat.
    Refused ``there``, ``unknown_skill``, ``bad_level``, ``bad_capacity``, ``bad_name``, ``bad_time``.
    """
    over = tuple(over)
    if refused := bad_name(agent, *capacity, *(name for pair in over for name in pair)) or bad_times(now_ms):
        return refused
    if not capacity or not all(1 <= most <= MOST_CAPACITY for most in capacity.values()):
        return Refused("bad_capacity", tuple(f"{channel}={most}" for channel, most in capacity.items()))
    rooms = ",".join(f"{channel}={most}" for channel, most in sorted(capacity.items()))
    overs = ",".join(f"{one}>{other}" for one, other in over)
    answer: Done | Refused = Refused("stale")
    for _attempt in range(MOST_ATTEMPTS):
        registry = await read_registry(redis, group)
        if refused := objection_to(skills, registry):
            return refused
        matched = registry.match(skills, capacity)
        fitted = (skills_text(skills), matched.bits, matched.ranks, matched.version)
        answer = read(await redis.run(SIGN_IN, [keys.base(group)], (now_ms, agent, *fitted, rooms, overs)), "signed_in")
        if answer.tag != "stale":
            break
    return answer


def objection_to(skills: Mapping[str, int], registry: Registry) -> Refused | None:
    """What is wrong with somebody's skills; None when nothing is."""
    for name, level in skills.items():
        if name not in registry.skills:
            return Refused("unknown_skill", (name[:60],))
        if not LEAST_LEVEL <= level <= HIGHEST_LEVEL:
            return Refused("bad_level", (name, str(level)))
    return None


async def set_skills(redis: Redis, group: str, agent: str, skills: Mapping[str, int], *, now_ms: int) -> Done | Refused:
    """An agent who is signed in has other skills from now on; what they hold they finish.

    Refused ``unknown`` when not signed in, ``unknown_skill``, ``bad_level``, ``bad_name``, ``bad_time``.
    """
    if refused := bad_name(agent) or bad_times(now_ms) or objection_to(skills, await read_registry(redis, group)):
        return refused
    return await refit(redis, group, agent, skills, now_ms=now_ms)


async def set_status(
    redis: Redis, group: str, agent: str, status: str, reason: str = "", *, now_ms: int
) -> Done | Refused:
    """A person becomes ``available``, ``on_break`` or ``offline``; Done's fact is their state.

    Who takes a break finishes what they have, an offer too. Refused ``unknown`` when not signed in, ``bad_status``.
    """
    if status not in STATUSES:
        return Refused("bad_status", (status[:60],))
    if refused := bad_name(agent) or bad_times(now_ms):
        return refused
    return read(await redis.run(SET_STATUS, [keys.base(group)], [now_ms, agent, status, reason[:200], 0]), "set")


async def sign_out(redis: Redis, group: str, agent: str, reason: str = "", *, now_ms: int) -> Done | Refused:
    """A person goes: what rings is offered to others, a conversation is finished. Refused ``unknown``."""
    return await set_status(redis, group, agent, "offline", reason, now_ms=now_ms)


async def finish_wrap_up(redis: Redis, group: str, agent: str, offer_id: str = "", *, now_ms: int) -> Done | Refused:
    """The agent is done writing up, everything or one offer's; refused ``refused`` when not in that wrap-up."""
    return read(await redis.run(FINISH_WRAP_UP, [keys.base(group)], [now_ms, agent, offer_id]), "freed")


async def seen(redis: Redis, group: str, agent: str, *, absent_ms: int, now_ms: int) -> Done | Refused:
    """A sign of life of the agent's desk: without another within ``absent_ms`` they are signed out as ``absent``."""
    if refused := bad_name(agent) or bad_times(now_ms, absent_ms):
        return refused
    return read(await redis.run(SEEN, [keys.base(group)], [now_ms, agent, absent_ms]), "seen")


async def sign_out_absent(redis: Redis, group: str, agent: str, *, now_ms: int) -> Done | Refused:
    """Sign out an agent whose desk has been silent for too long; refused ``not_due`` or ``unknown``."""
    return read(await redis.run(SET_STATUS, [keys.base(group)], [now_ms, agent, "offline", "absent", 1]), "set")


async def release_kept(redis: Redis, group: str, agent: str, *, now_ms: int) -> Done | Refused:
    """What was kept for an agent who has gone is anybody's; the next batch of it. Refused ``not_due``."""
    return read(await redis.run(RELEASE_ALL, [keys.base(group)], [now_ms, agent]), "released")
