"""One racer: a process of its own that does what the others do at the same moment, or anything at all.

``python -m tests.routing.racing URL NUMBER RACERS accept|sweep|mayhem ROUNDS`` prints a tag a line.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable

from routing import agents, callbacks, contacts, deadlines, offers
from routing.answers import Done, Offer, Refused
from routing.contacts import Contact
from routing.redis import Redis
from tests.routing.floor import ANYBODY, EASY, HARD, RING, START_MS


async def main(url: str, number: int, racers: int, what: str, rounds: int) -> None:
    """Race, round by round."""
    redis = await Redis.connect(url)
    race = {"accept": accept, "claim": claim, "sweep": sweep}.get(what)
    if race is None:
        await mayhem(redis, number, rounds)
    else:
        for round_ in range(rounds):
            await meet(redis, f"barrier:{round_}", racers)
            print((await race(redis, number, round_)).tag)  # noqa: T201 - what the test reads
    await redis.close()


async def meet(redis: Redis, name: str, racers: int) -> None:
    """Wait, without sleeping, until all are here."""
    await redis.execute("INCR", name)
    while int(await redis.execute("GET", name)) < racers:
        pass


async def accept(redis: Redis, number: int, round_: int) -> Done | Refused:
    """All of them answer the contact that rings all of them."""
    return await offers.accept(redis, "main", Offer(f"c{round_}", f"agent{number}", 1), now_ms=START_MS + 1_000)


async def claim(redis: Redis, _number: int, round_: int) -> Done | Refused:
    """All of them want to dial the same callback."""
    return await callbacks.claim(redis, "main", f"c{round_}", now_ms=START_MS + 1_000)


async def sweep(redis: Redis, _number: int, round_: int) -> Done | Refused:
    """All of them see the same offer expire."""
    done = await deadlines.sweep(redis, "main", now_ms=START_MS + 30_000 * (round_ + 1))
    return done[0] if done else Refused("nothing")


async def mayhem(redis: Redis, number: int, steps: int) -> None:
    """Anything, to anybody: the same few contacts and agents that the others take hold of."""
    dice = random.Random(number)
    for step in range(steps):
        now_ms = START_MS + step * 400
        name, who, offer = f"c{dice.randrange(12)}", f"agent{dice.randrange(5)}", Offer("", "", 0)
        stored = await redis.execute("HMGET", f"{{r:main}}:contact:{name}", "agent", "gen")
        if stored[0]:
            offer = Offer(name, dice.choice(stored[0].decode().split(",")), int(stored[1]))
        wanted = dice.choice([HARD, EASY, ANYBODY, RING])
        relax = ((5_000, ANYBODY),) if wanted is HARD else ()
        contact = Contact(name, "billing", wanted, relax=relax, overflow_ms=30_000)
        act = dice.choices(list(LIKELY), list(LIKELY.values()))[0]
        given: dict[Act, tuple[object, ...]] = {
            contacts.join: (contact,), offers.accept: (offer,), offers.connect: (offer,), offers.decline: (offer,),
            contacts.transfer: (name, "sales", EASY), contacts.leave: (name, "abandoned"), offers.end: (name,),
            callbacks.promise: (name, "later_today"), agents.finish_wrap_up: (who,),
            agents.set_status: (who, dice.choice(["available", "available", "on_break"])),
        }  # fmt: skip
        if act is deadlines.sweep:
            await deadlines.sweep(redis, "main", now_ms=now_ms)
        else:
            await act(redis, "main", *given[act], now_ms=now_ms)


Act = Callable[..., Awaitable[object]]
LIKELY: dict[Act, int] = {
    contacts.join: 4, offers.accept: 4, offers.connect: 3, offers.end: 2, offers.decline: 1, contacts.leave: 1,
    contacts.transfer: 1, callbacks.promise: 1, deadlines.sweep: 1, agents.set_status: 4, agents.finish_wrap_up: 1,
}  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])))
