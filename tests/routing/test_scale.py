"""What a decision costs does not depend on how many wait: counted in commands, the same on any machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from routing import agents, contacts, keys, offers, registry
from routing.answers import Done, Offer, Refused
from routing.contacts import Contact
from routing.registry import Policy
from routing.requirements import Requirement
from tests.routing.floor import SOAK, START_MS, Floor, offered
from tests.support.engine import keys_without_ttl

if TYPE_CHECKING:
    from routing.redis import Redis

COMMON, RARE = Requirement({"billing": 1}), Requirement({"billing": 1, "rare": 9})
OTHERS = [Requirement({f"s{number}": 1}) for number in range(40)]
QUEUES = {"q": Policy(joins_per_caller=0, wrap_up_ms=0)}
MANY = 100_000 if SOAK > 1 else 20_000


async def commands_run(redis: Redis) -> int:
    """How many commands the server has run so far, also those of scripts."""
    facts = (await redis.execute("INFO", "commandstats")).decode()
    lines = [line for line in facts.splitlines() if line.startswith("cmdstat_")]
    return sum(int(line.split("calls=", 1)[1].split(",", 1)[0]) for line in lines)


async def cost(redis: Redis, answer: asyncio.Future[Done | Refused] | object) -> int:
    """Commands of one transition, which offered something."""
    before = await commands_run(redis)
    done = await answer  # type: ignore[misc]  # a coroutine
    after = await commands_run(redis)
    assert offered(done)
    return after - before


async def fill(redis: Redis, group: str, waiting: int) -> None:
    """So many wait for forty other things, for the common skill, and two for the rare one, behind them all."""
    await registry.register(redis, group, [COMMON, RARE, *OTHERS], QUEUES, now_ms=START_MS)
    wanted = [OTHERS[number % 40] if number % 4 else COMMON for number in range(waiting)] + [RARE, RARE]
    for start in range(0, len(wanted), 2_000):
        await asyncio.gather(
            *(
                contacts.join(redis, group, Contact(f"c{start + at}", "q", one), now_ms=START_MS + start + at)
                for at, one in enumerate(wanted[start : start + 2_000])
            )
        )


async def costs(redis: Redis, group: str, waiting: int) -> dict[str, int]:
    """What each decision costs with so many waiting."""
    await fill(redis, group, waiting)
    now_ms, found = START_MS + 10**6, {}
    for name, skills in (
        ("common", {"billing": 5}),
        ("rare", {"billing": 5, "rare": 9}),
        ("many", dict.fromkeys([f"s{n}" for n in range(40)], 5)),
    ):
        await agents.sign_in(redis, group, name, skills, now_ms=now_ms)
        found[f"ready {name}"] = await cost(redis, agents.set_status(redis, group, name, "available", now_ms=now_ms))
    held = await redis.execute("HGET", f"{keys.base(group)}agent:common", "holds")
    contact = held.decode().split("=")[0]
    found["a caller leaves"] = await cost(redis, contacts.leave(redis, group, contact, "abandoned", now_ms=now_ms))
    held = (await redis.execute("HGET", f"{keys.base(group)}agent:common", "holds")).decode().split("=")
    offer = Offer(held[0], "common", int(held[3]))
    found["declined"] = await cost(redis, offers.decline(redis, group, offer, now_ms=now_ms))
    return found


async def test_a_decision_costs_the_same_with_ten_waiting_as_with_many(redis: Redis) -> None:
    """Equal command counts, the rarest skill included."""
    await costs(redis, "warm", 100)  # a script is sent as text once
    few, many = await costs(redis, "few", 1_000), await costs(redis, "many", MANY)

    assert few == many


async def test_an_arrival_costs_the_same_with_ten_idle_as_with_many(redis: Redis) -> None:
    """The longest idle is at the front of one list."""
    found = []
    for group, people in (("warm", 1), ("few", 10), ("many", 400)):
        await registry.register(redis, group, [COMMON], QUEUES, now_ms=START_MS)
        for number in range(people):
            await agents.sign_in(redis, group, f"a{number}", {"billing": 5}, now_ms=START_MS)
            await agents.set_status(redis, group, f"a{number}", "available", now_ms=START_MS + number)
        contact = Contact("c1", "q", COMMON)
        found.append(await cost(redis, contacts.join(redis, group, contact, now_ms=START_MS + 10_000)))

    assert found[1] == found[2]


async def test_a_waiting_contact_is_small(redis: Redis) -> None:
    """All structures together at most twice a sorted-set entry and a packed string: 668 bytes."""
    await registry.register(redis, "main", [COMMON, RARE], QUEUES, now_ms=START_MS)
    before = await memory(redis)
    for start in range(0, 4_000, 1_000):
        await asyncio.gather(*(join_fully(redis, start + at) for at in range(1_000)))
    journal = await redis.execute("MEMORY", "USAGE", f"{keys.base()}journal", "SAMPLES", 0)

    assert (await memory(redis) - before - journal) / 4_000 <= 668


async def join_fully(redis: Redis, number: int) -> None:
    contact = Contact(
        f"CA{number:032x}", "q", RARE, f"+1202555{number:04}", relax=((45_000, COMMON),), return_ms=60_000
    )
    assert isinstance(await contacts.join(redis, "main", contact, now_ms=START_MS + number), Done)


async def memory(redis: Redis) -> int:
    facts = (await redis.execute("INFO", "memory")).decode()
    return int(facts.split("used_memory:", 1)[1].split("\r\n", 1)[0])


@pytest.mark.every_redis
async def test_a_day_leaves_nothing_behind(redis: Redis) -> None:
    """After everybody was served and has gone, every key has an end or is one of the few that are for ever."""
    floor = await Floor(redis).open()
    await floor.ready("ana", "bob")
    for number in range(6):
        await floor.join(
            f"c{number}", caller="+1202", return_ms=60_000, overflow_ms=90_000, prefer="ana", prefer_ms=9_000
        )
    for _ in range(30):
        for name, contact in (await floor.sound()).contacts.items():
            if contact["state"] == "offered":
                await floor.talk(Offer(name, contact["agent"], int(contact["gen"])))
                await floor.end(name)
        await floor.later(15_000)
    await floor.leave("c0")
    for name in ("ana", "bob"):
        await floor.status(name, "offline")
    await floor.later(10**7)

    assert await keys_without_ttl(redis, permanent=tuple(f"{keys.base()}{name}" for name in keys.PERMANENT)) == []
