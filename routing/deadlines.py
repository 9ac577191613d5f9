"""Deadlines: what is due is done by whichever process comes first; a dead one delays nothing.

All of a group's stand in one sorted set, ``kind|id|generation`` by when. A sweep reads some that are due and runs each
one's own transition, which looks again whether it is due and for this generation: two sweepers are harmless. Every
process sweeps each of its groups ten times a second.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from routing import keys
from routing.agents import finish_wrap_up, release_kept, sign_out_absent
from routing.answers import Done, Offer, Refused, read
from routing.callbacks import dialled, resume
from routing.contacts import overflow, relax, release
from routing.offers import decline
from routing.redis import RedisError
from routing.registry import refit_all
from routing.scripts import Script

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from routing.redis import Redis

VACATE = Script.load("routing.lua", "vacate.lua")
DROP = Script.load("routing.lua", "drop.lua")
BATCH = 100
EVERY_S = 0.1
log = structlog.get_logger()


async def sweep(redis: Redis, group: str, *, now_ms: int, most: int = BATCH) -> list[Done]:
    """Do what is due by now, at most so many; what was done, with the offers it led to."""
    due = f"{keys.base(group)}due"
    members = await redis.execute("ZRANGE", due, "-inf", now_ms, "BYSCORE", "LIMIT", 0, most)
    answers = await asyncio.gather(*(_happen(redis, group, member.decode(), now_ms) for member in members))
    return [one for one in answers if isinstance(one, Done)]


async def sweep_all(redis: Redis, group: str, *, now_ms: int) -> list[Done]:
    """Sweep until nothing is due."""
    done: list[Done] = []
    while swept := await sweep(redis, group, now_ms=now_ms):
        done += swept
    return done


async def keep_sweeping(
    redis: Redis,
    groups: Callable[[], Iterable[str]],
    clock_ms: Callable[[], int],
    *,
    told: Callable[[str, list[Done]], None] | None = None,
) -> None:
    """Sweep the groups until cancelled; ``told`` hears of each group's what was done. Redis trouble passes."""
    while True:
        for group in groups():
            try:
                done = await sweep(redis, group, now_ms=clock_ms())
            except RedisError as error:
                log.warning("deadlines wait", group=group, error=str(error))
                continue
            if done and told is not None:
                told(group, done)
        await asyncio.sleep(EVERY_S)


async def _happen(redis: Redis, group: str, member: str, now_ms: int) -> Done | Refused:
    kind, _, rest = member.partition("|")
    name, _, generation = rest.rpartition("|")
    transition = KINDS.get(kind, _unknown)
    answer = await transition(redis, group, name, generation, now_ms)
    if isinstance(answer, Refused):
        await redis.run(DROP, [keys.base(group)], [now_ms, member])
    return answer


async def _unknown(_redis: Redis, _group: str, name: str, _generation: str, _now_ms: int) -> Refused:
    """Of a newer program: it is taken out, so that it does not stand in the way of the others."""
    return Refused("unknown", (name,))


async def _offer(redis: Redis, group: str, contact: str, generation: str, now_ms: int) -> Done | Refused:
    return await decline(redis, group, Offer(contact, "", int(generation)), "expired", now_ms=now_ms)


async def _connect(redis: Redis, group: str, contact: str, generation: str, now_ms: int) -> Done | Refused:
    return await decline(redis, group, Offer(contact, "", int(generation)), "failed", now_ms=now_ms)


async def _wrap_up(redis: Redis, group: str, agent: str, offer_id: str, now_ms: int) -> Done | Refused:
    return await finish_wrap_up(redis, group, agent, offer_id, now_ms=now_ms)


async def _claim(redis: Redis, group: str, contact: str, generation: str, now_ms: int) -> Done | Refused:
    return await dialled(redis, group, contact, int(generation), "expired", now_ms=now_ms)


async def _empty(redis: Redis, group: str, requirement: str, seen: str, now_ms: int) -> Done | Refused:
    return read(await redis.run(VACATE, [keys.base(group)], [now_ms, requirement, seen, BATCH]), "vacated")


async def _refit(redis: Redis, group: str, version: str, _generation: str, now_ms: int) -> Done | Refused:
    """Whoever registered did not finish; two who do it now do it twice, which changes nothing."""
    offers = await refit_all(redis, group, now_ms=now_ms)
    await redis.execute("ZREM", f"{keys.base(group)}due", f"refit|{version}|0")
    return Done("refitted", (version,), offers)


def _plain(
    transition: Callable[..., Awaitable[Done | Refused]],
) -> Callable[[Redis, str, str, str, int], Awaitable[Done | Refused]]:
    async def happen(redis: Redis, group: str, name: str, _generation: str, now_ms: int) -> Done | Refused:
        return await transition(redis, group, name, now_ms=now_ms)

    return happen


KINDS: dict[str, Callable[[Redis, str, str, str, int], Awaitable[Done | Refused]]] = {
    "offer": _offer,
    "connect": _connect,
    "wrap_up": _wrap_up,
    "claim": _claim,
    "relax": _plain(relax),
    "prefer": _plain(release),
    "overflow": _plain(overflow),
    "callback": _plain(resume),
    "presence": _plain(sign_out_absent),
    "release": _plain(release_kept),
    "empty": _empty,
    "refit": _refit,
}
