"""What one call in progress costs in Redis: two thousand calls, each three turns old."""

from __future__ import annotations

import asyncio

from bench import load
from bench.turn import Server, servers
from ivr.keys import PARTITIONS, journal
from routing.redis import Redis

CALLS = 2_000
TURNS = 2


def measure() -> dict[str, float]:
    """Bytes a call, with and without its share of the journal."""
    with servers("without expressions") as (ours, _bare):
        return asyncio.run(_measure(ours))


async def _measure(ours: Server) -> dict[str, float]:
    redis = await Redis.connect(ours.redis_url)
    before = await _used(redis)
    calls = [load.call(f"CA{number:032x}", TURNS) for number in range(CALLS)]
    await load.closed(ours.port, [[message for one in calls[start::16] for message in one] for start in range(16)])
    whole = await _used(redis)
    await redis.pipeline([("DEL", journal(part)) for part in PARTITIONS])
    calls_only = await _used(redis)
    await redis.close()
    return {"B a call": (calls_only - before) / CALLS, "B a call with its journal": (whole - before) / CALLS}


async def _used(redis: Redis) -> int:
    facts = (await redis.execute("INFO", "memory")).decode()
    return int(facts.split("used_memory:", 1)[1].split("\r\n", 1)[0])
