"""The contacts of one queue in the order of their places, for people to look at: read without stopping anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from routing import keys
from routing.figures import numbers_of
from routing.snapshot import signed_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.redis import Redis
    from routing.requirements import Requirement

FIELDS = ("queue", "state", "place", "since", "priority", "agent", "prefer", "caller", "callback", "req")


@dataclass(frozen=True, slots=True)
class ContactNow:
    """One contact; ``agent`` is who it is offered to or talks with, ``kept_for`` who it waits for. Times in ms."""

    id: str
    state: str
    place: int
    since_ms: int
    priority: int
    agent: str
    kept_for: str
    caller: str
    callback: str
    requirement: str


async def contacts_in(
    redis: Redis, group: str, queue: str, requirements: Sequence[Requirement], *, most: int
) -> tuple[ContactNow, ...]:
    """Who waits in a queue, is offered or talks: the first ``most`` by place; ``requirements`` are all the queue's."""
    base = keys.base(group)
    numbers = await numbers_of(redis, base, [one.text for one in requirements])
    agents = await signed_in(redis, group)
    standing = [f"{base}{kind}:{number}" for kind in ("line", "aside") for number in numbers.values()]
    standing += [f"{base}preferred:{agent.id}" for agent in agents]
    found: list[Any] = await redis.pipeline([("ZRANGE", line, 0, most - 1) for line in standing])
    names = {name.decode() for line in found for name in line}
    names |= {held.contact for agent in agents for held in agent.holds if held.stage != "wrap_up"}
    return await _read(redis, base, queue, sorted(names), {str(n): text for text, n in numbers.items()}, most)


async def _read(
    redis: Redis, base: str, queue: str, names: Sequence[str], texts: dict[str, str], most: int
) -> tuple[ContactNow, ...]:
    rows: list[Any] = await redis.pipeline([("HMGET", f"{base}contact:{name}", *FIELDS) for name in names])
    found = []
    for name, row in zip(names, rows, strict=True):
        fields = {field: (value or b"").decode() for field, value in zip(FIELDS, row, strict=True)}
        if fields["queue"] != queue or fields["state"] in {"", "ended"}:
            continue
        found.append(
            ContactNow(
                id=name,
                state=fields["state"],
                place=int(fields["place"]),
                since_ms=int(fields["since"]),
                priority=int(fields["priority"] or 0),
                agent=fields["agent"],
                kept_for=fields["prefer"],
                caller=fields["caller"],
                callback=fields["callback"],
                requirement=texts.get(fields["req"], "").rpartition("|")[2],
            )
        )
    return tuple(sorted(found, key=lambda one: (one.place, one.id))[:most])
