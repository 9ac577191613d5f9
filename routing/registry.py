"""What a group knows of its live program: requirements by number, skills by name, and how each queue is run."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

from routing import keys
from routing.answers import Done, Refused, read
from routing.requirements import MOST_REQUIREMENTS, bitmap, parse, parse_skills, rank, skills_text
from routing.scripts import Script

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from routing.answers import Offer
    from routing.redis import Redis
    from routing.requirements import Requirement

REGISTER = Script.load("routing.lua", "register.lua")
REFIT = Script.load("routing.lua", "refit.lua")
MOST_AT_ONCE = 100
MOST_ATTEMPTS = 5
"""Publishing happens seldom; five times between a match and its use means that something is wrong."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a queue is run: its live program's, for all who wait in it. Times in ms; 0 turns a limit off.

    Defaults: an offer rings 20 s, wrap-up lasts 15 s, a point of priority is a minute's head start, three misses send
    an agent on break (design); a meeting that is not made within 30 s has failed, as a telephone leg rings that long at
    most; ten agents at most are rung at once; a number that joins 30 times a minute is not a person.

    ``join_agents`` is who must be there for a contact to join: ``any`` (nobody), ``signed_in``, ``available``, or
    ``available_not_in_wrap_up``; ``join_waiting`` how many may wait, ``join_wait_ms`` how long the first in line.
    ``leave_agents`` sends those who wait away by ``nobody`` when agents are ``none_signed_in`` or ``none_available``,
    else ``never``; ``leave_wait_ms`` by ``too_long``.
    """

    offer_ms: int = 20_000
    connect_ms: int = 30_000
    wrap_up_ms: int = 15_000
    head_start_ms: int = 60_000
    misses: int = 3
    ring_most: int = 10
    joins_per_caller: int = 30
    join_agents: str = "any"
    join_waiting: int = 0
    join_wait_ms: int = 0
    leave_agents: str = "never"
    leave_wait_ms: int = 0


@dataclass(frozen=True, slots=True)
class Matched:
    """What an agent's skills come to: ``version`` is the registry's they were matched with."""

    bits: bytes
    ranks: str
    version: int


@dataclass(frozen=True, slots=True)
class Registry:
    """Requirements by number, names of skills, and the version that changes whenever a requirement is added."""

    requirements: Mapping[int, Requirement]
    skills: frozenset[str]
    version: int

    def match(self, skills: Mapping[str, int], channels: Collection[str]) -> Matched:
        """Which requirements somebody with these skills on these channels meets."""
        met = {n: one for n, one in self.requirements.items() if one.channel in channels and one.is_met_by(skills)}
        ranks = ",".join(f"{number}:{place}" for number, one in met.items() if (place := rank(one, skills)))
        return Matched(bitmap(met), ranks, self.version)


async def register(
    redis: Redis,
    group: str,
    requirements: Iterable[Requirement],
    queues: Mapping[str, Policy],
    *,
    skills: Iterable[str] = (),
    now_ms: int,
) -> Done | Refused:
    """Make requirements, policies and skills known, beside those that are, and refit the agents who are signed in.

    Done's facts are the registry's version and how many requirements are new; refused ``too_many_requirements``.
    """
    wanted = set(requirements)
    names = {*skills, *(name for one in wanted for name in one.skills)}
    arguments = (
        *(now_ms, orjson.dumps(sorted(one.text for one in wanted))),
        *(orjson.dumps({name: asdict(policy) for name, policy in queues.items()}), orjson.dumps(sorted(names))),
        MOST_REQUIREMENTS,
    )
    answer = read(await redis.run(REGISTER, [keys.base(group)], arguments), "registered")
    if isinstance(answer, Done) and answer.facts[1] != "0":
        offers = await refit_all(redis, group, now_ms=now_ms)
        await redis.execute("ZREM", f"{keys.base(group)}due", f"refit|{answer.facts[0]}|0")
        return Done(answer.tag, answer.facts, offers)
    return answer


async def read_registry(redis: Redis, group: str) -> Registry:
    """The registry as it is now."""
    base = keys.base(group)
    stored, names = await asyncio.gather(
        redis.execute("HGETALL", f"{base}requirements"), redis.execute("SMEMBERS", f"{base}skills")
    )
    known = {name.decode(): text.decode() for name, text in zip(stored[::2], stored[1::2], strict=True)}
    version = int(known.pop("version", "0"))
    requirements = {int(number): parse(text) for number, text in known.items()}
    return Registry(requirements, frozenset(name.decode() for name in names), version)


async def refit(
    redis: Redis, group: str, agent: str, skills: Mapping[str, int] | None = None, *, now_ms: int
) -> Done | Refused:
    """Let an agent who is signed in serve what ``skills`` meet, or their own; refused ``unknown``."""
    answer: Done | Refused = Refused("stale")
    for _attempt in range(MOST_ATTEMPTS):
        registry = await read_registry(redis, group)
        answer = await _refit(redis, group, agent, registry, skills, now_ms)
        if answer.tag != "stale":
            break
    return answer


async def refit_all(redis: Redis, group: str, *, now_ms: int) -> tuple[Offer, ...]:
    """Refit every agent who was matched with an earlier registry; the offers that followed."""
    base = keys.base(group)
    registry = await read_registry(redis, group)
    agents = [name.decode() for name in await redis.execute("SMEMBERS", f"{base}agents")]
    versions = await redis.pipeline([("HGET", f"{base}agent:{name}", "version") for name in agents])
    version = str(registry.version).encode()
    stale = sorted(name for name, found in zip(agents, versions, strict=True) if found != version)
    offers: list[Offer] = []
    for start in range(0, len(stale), MOST_AT_ONCE):
        some = stale[start : start + MOST_AT_ONCE]
        answers = await asyncio.gather(*(_refit(redis, group, name, registry, None, now_ms) for name in some))
        offers += [offer for one in answers if isinstance(one, Done) for offer in one.offers]
    return tuple(offers)


async def _refit(
    redis: Redis, group: str, agent: str, registry: Registry, skills: Mapping[str, int] | None, now_ms: int
) -> Done | Refused:
    base = keys.base(group)
    own, capacity = await redis.execute("HMGET", f"{base}agent:{agent}", "skills", "capacity")
    if own is None:
        return Refused("unknown")
    had = parse_skills(own.decode()) if skills is None else skills
    channels = [part.split("=")[0] for part in capacity.decode().split(",")]
    matched = registry.match(had, channels)
    arguments = (now_ms, agent, skills_text(had), matched.bits, matched.ranks, matched.version)
    return read(await redis.run(REFIT, [base], arguments), "refitted")
