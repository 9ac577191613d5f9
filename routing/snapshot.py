"""How a group stands at this moment: its queues and its agents, read without stopping anybody.

Several reads, one after the other: what happens between them may show on one side only.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing import keys
from routing.requirements import parse_skills

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from routing.redis import Redis

MOST_AT_ONCE = 500
AGENT = ("status", "reason", "state", "since", "skills", "capacity", "holds", "misses", "taken")


@dataclass(frozen=True, slots=True)
class Held:
    """One contact that an agent has; ``stage`` is offered, accepted, connected or wrap_up."""

    contact: str
    channel: str
    stage: str
    generation: int


@dataclass(frozen=True, slots=True)
class AgentNow:
    """One agent; ``since_ms`` is how long they have been ready, on a contact or writing up."""

    id: str
    status: str
    reason: str
    state: str
    since_ms: int
    skills: Mapping[str, int]
    capacity: Mapping[str, int]
    holds: tuple[Held, ...]
    misses: int
    taken: int


@dataclass(frozen=True, slots=True)
class QueueNow:
    """One queue: how many wait, and since when the first of those at the head of a line; None when nobody is."""

    name: str
    waiting: int
    first_since_ms: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Queues and agents by name."""

    queues: tuple[QueueNow, ...]
    agents: tuple[AgentNow, ...]


async def snapshot(redis: Redis, group: str) -> Snapshot:
    """The group as it is now; agents who are signed in only."""
    queues, agents = await asyncio.gather(_queues(redis, group), signed_in(redis, group))
    return Snapshot(queues, agents)


async def signed_in(redis: Redis, group: str) -> tuple[AgentNow, ...]:
    """The agents who are signed in, by id."""
    names = sorted([name.decode() for name in await redis.execute("SMEMBERS", f"{keys.base(group)}agents")])
    found: list[AgentNow | None] = []
    for start in range(0, len(names), MOST_AT_ONCE):
        found += await asyncio.gather(*(read_agent(redis, group, one) for one in names[start : start + MOST_AT_ONCE]))
    return tuple(one for one in found if one is not None)


async def read_agent(redis: Redis, group: str, agent: str) -> AgentNow | None:
    """One agent, signed in or not; None when nobody knows them."""
    values = await redis.execute("HMGET", f"{keys.base(group)}agent:{agent}", *AGENT)
    if values[0] is None:
        return None
    fields = {name: value.decode() for name, value in zip(AGENT, values, strict=True)}
    rooms = (one.split("=") for one in fields["capacity"].split(","))
    return AgentNow(
        id=agent,
        status=fields["status"],
        reason=fields["reason"],
        state=fields["state"],
        since_ms=int(fields["since"]),
        skills=parse_skills(fields["skills"]),
        capacity={channel: int(most) for channel, most in rooms},
        holds=tuple(_holds(fields["holds"])),
        misses=int(fields["misses"]),
        taken=int(fields["taken"]),
    )


def _holds(text: str) -> Iterable[Held]:
    for one in filter(None, text.split(",")):
        contact, channel, stage, generation = one.split("=")
        yield Held(contact, channel, stage, int(generation))


async def _queues(redis: Redis, group: str) -> tuple[QueueNow, ...]:
    base = keys.base(group)
    counted, heads = await asyncio.gather(
        redis.execute("HGETALL", f"{base}waiting"), redis.execute("ZRANGE", f"{base}heads", 0, -1)
    )
    firsts: dict[str, int] = {}
    for queue, since in await asyncio.gather(*(_first(redis, base, head.decode()) for head in heads)):
        firsts[queue] = min(since, firsts.get(queue, since))
    waiting = {name.decode(): int(count) for name, count in zip(counted[::2], counted[1::2], strict=True)}
    return tuple(QueueNow(name, waiting[name], firsts.get(name)) for name in sorted(waiting))


async def _first(redis: Redis, base: str, requirement: str) -> tuple[str, int]:
    first = await redis.execute("ZRANGE", f"{base}line:{requirement}", 0, 0)
    if not first:
        return "", 0
    queue, since = await redis.execute("HMGET", f"{base}contact:{first[0].decode()}", "queue", "since")
    return (queue.decode(), int(since)) if queue else ("", 0)
