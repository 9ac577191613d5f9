"""What a call may go by while it decides whether to wait: few numbers of few queues, in few round trips.

A queue is all the requirements that its callers may have; where several queues ask for the same, they share a line, so
that a place in it counts who waits for either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from routing import keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from routing.redis import Redis
    from routing.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Figures:
    """One queue: how many wait, are ready and are signed in, and how long the first in line has waited (ms).

    ``ready`` and ``signed_in`` count those who can serve its most modest requirement; ``longest_ms`` None: none waits.
    """

    waiting: int
    ready: int
    signed_in: int
    longest_ms: int | None


@dataclass(frozen=True, slots=True)
class _Line:
    """One requirement: who is there for it, and of the first in its line the queue and since when it waits."""

    signed_in: int
    ready: int
    queue: str = ""
    since_ms: int = 0


async def figures(
    redis: Redis, group: str, queues: Mapping[str, Sequence[Requirement]], *, now_ms: int
) -> dict[str, Figures]:
    """The figures of some queues of a group, each given with what its callers may require."""
    texts = {one.text for requirements in queues.values() for one in requirements}
    lines = await _lines(redis, keys.base(group), sorted(texts))
    counted = await redis.execute("HMGET", f"{keys.base(group)}waiting", *queues) if queues else []
    found = {}
    for (name, requirements), waiting in zip(queues.items(), counted, strict=True):
        own = [lines[one.text] for one in requirements if one.text in lines]
        began = [line.since_ms for line in own if line.queue == name]
        found[name] = Figures(
            waiting=int(waiting or 0),
            ready=max((line.ready for line in own), default=0),
            signed_in=max((line.signed_in for line in own), default=0),
            longest_ms=max(0, now_ms - min(began)) if began else None,
        )
    return found


async def _lines(redis: Redis, base: str, texts: Sequence[str]) -> dict[str, _Line]:
    """The lines of some requirements, by text; without those that are not registered."""
    numbers = await numbers_of(redis, base, texts)
    reads: list[tuple[str | int, ...]] = []
    for number in numbers.values():
        reads += [("HGET", f"{base}signed", number), ("ZCARD", f"{base}idle:{number}")]
        reads.append(("ZRANGE", f"{base}line:{number}", 0, 0))
    replies: list[Any] = await redis.pipeline(reads)
    rows = [replies[at : at + 3] for at in range(0, len(replies), 3)]
    firsts = [first[0].decode() if first else "" for _, _, first in rows]
    known: list[Any] = await redis.pipeline([("HMGET", f"{base}contact:{one}", "queue", "since") for one in firsts])
    return {
        text: _Line(int(signed or 0), ready, *((queue.decode(), int(since)) if queue else ()))
        for text, (signed, ready, _), (queue, since) in zip(numbers, rows, known, strict=True)
    }


async def position(redis: Redis, group: str, contact_id: str, requirements: Sequence[Requirement]) -> int | None:
    """The place of a contact among those who wait in the lines of its queue, from 1; None when it does not wait."""
    base = keys.base(group)
    place, where, own = await redis.execute("HMGET", f"{base}contact:{contact_id}", "place", "where", "req")
    if not where:
        return None
    numbers = await numbers_of(redis, base, [one.text for one in requirements])
    lines = [(kind, number) for kind in ("line", "aside") for number in numbers.values()]
    before: list[Any] = await redis.pipeline(
        [
            # In its own line equal places are told apart; between lines nobody stands before another then.
            ("ZRANK", f"{base}{kind}:{number}", contact_id)
            if (kind, number) == (where.decode(), int(own))
            else ("ZCOUNT", f"{base}{kind}:{number}", "-inf", b"(" + place)
            for kind, number in lines
        ]
    )
    return 1 + sum(int(count or 0) for count in before)


async def numbers_of(redis: Redis, base: str, texts: Sequence[str]) -> dict[str, int]:
    """The registered numbers of requirements, by text."""
    found = await redis.execute("HMGET", f"{base}numbers", *texts) if texts else []
    return {text: int(number) for text, number in zip(texts, found, strict=True) if number is not None}
