"""How far SQL is behind the calls: what the journals hold, since entries leave them when they are stored."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from ivr import keys

if TYPE_CHECKING:
    from routing.redis import Redis


class Lag(NamedTuple):
    """How many entries wait, and when the oldest of them came by Redis' own clock, which its ids are made of."""

    entries: int
    oldest_ms: int | None

    def behind_s(self) -> float:
        """How long the oldest has waited, in seconds; 0 when none waits."""
        return 0.0 if self.oldest_ms is None else max(0.0, round(time.time() - self.oldest_ms / 1000, 3))


async def lag_of(redis: Redis) -> Lag:
    """What is not in SQL yet. Raises what Redis raises; a node that does not answer counts as empty."""
    counts = await redis.pipeline([("XLEN", keys.journal(part)) for part in keys.PARTITIONS], whole=False)
    busy = [part for part, count in zip(keys.PARTITIONS, counts, strict=True) if isinstance(count, int) and count]
    firsts = await redis.pipeline([("XRANGE", keys.journal(part), "-", "+", "COUNT", 1) for part in busy], whole=False)
    times = [int(first[0][0].partition(b"-")[0]) for first in firsts if isinstance(first, list) and first]
    return Lag(sum(count for count in counts if isinstance(count, int)), min(times, default=None))
