"""What a group knows of its live program: requirements by number, and how each queue is run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

from routing import keys
from routing.requirements import bitmap, parse, rank
from routing.scripts import Script

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from routing.redis import Redis
    from routing.requirements import Requirement

REGISTER = Script.load("routing.lua", "register.lua")


@dataclass(frozen=True, slots=True)
class Policy:
    """How a queue is run: its live program's, for all who wait in it. Times in ms; ``misses`` 0 never sends on break.

    Defaults: an offer rings 20 s and wrap-up lasts 15 s (design), three misses send an agent on break; a meeting that
    is not made within 30 s has failed, as a telephone leg rings that long at most.
    """

    offer_ms: int = 20_000
    connect_ms: int = 30_000
    wrap_up_ms: int = 15_000
    misses: int = 3


@dataclass(frozen=True, slots=True)
class Matched:
    """What an agent's skills come to: ``version`` is the registry's they were matched with."""

    bits: bytes
    ranks: str
    version: int


async def register(
    redis: Redis, group: str, requirements: Iterable[Requirement], queues: Mapping[str, Policy], *, now_ms: int
) -> int:
    """Make these requirements and policies known, beside those that are; the registry's version."""
    texts = orjson.dumps(sorted({one.text for one in requirements}))
    policies = orjson.dumps({name: asdict(policy) for name, policy in queues.items()})
    reply = await redis.run(REGISTER, [keys.base(group)], [now_ms, texts, policies])
    return int(reply[1])


async def match(redis: Redis, group: str, skills: Mapping[str, int]) -> Matched:
    """Which of the group's requirements somebody with these skills meets."""
    stored = await redis.execute("HGETALL", f"{keys.base(group)}requirements")
    known = {name.decode(): value.decode() for name, value in zip(stored[::2], stored[1::2], strict=True)}
    version = int(known.pop("version", "0"))
    met = {int(number): one for number, text in known.items() if (one := parse(text)).is_met_by(skills)}
    ranks = ",".join(f"{number}:{place}" for number, one in met.items() if (place := rank(one, skills)))
    return Matched(bitmap(met), ranks, version)
