"""A master dies in the middle of a busy day: nobody who was acknowledged is lost, and no agent is stuck.

Replication is asynchronous: what was acknowledged within the last moment before the death may be lost (design,
"Failures"); the moment is bounded here by a second.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from routing.answers import Done
from routing.redis import RedisUnavailable
from tests.routing.floor import ANYBODY, EASY, HARD, Floor
from tests.routing.stored import assert_nobody_waits_in_vain
from tests.support.engine import connected
from tests.support.servers import a_service
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from routing.requirements import Requirement
    from tests.support.servers import Process

LOSS_S = 1.0
AGENTS = tuple(f"agent{number}" for number in range(4))


@dataclass
class Day:
    """Calls that come one after the other; those whose join was acknowledged, by when."""

    floor: Floor
    joined: dict[str, float] = field(default_factory=dict)
    interrupted: int = 0
    is_over: bool = False

    async def live(self) -> None:
        """Until somebody says so: a call comes, and whoever is offered one talks a moment."""
        number = 0
        while not self.is_over:
            number += 1
            try:
                await self.one_call(f"c{number}", (HARD, EASY, ANYBODY)[number % 3])
            except RedisUnavailable:
                self.interrupted += 1
            await asyncio.sleep(0)

    async def one_call(self, name: str, wanted: Requirement) -> None:
        floor = self.floor
        answer = await floor.join(name, wanted)
        assert isinstance(answer, Done)
        self.joined[name] = time.monotonic()
        for offer in answer.offers:
            await floor.accept(offer)
            await floor.connect(offer)
            await floor.end(offer.contact)
            await floor.write_up(offer.agent)


async def test_a_master_that_dies_loses_nobody_and_leaves_no_agent_stuck() -> None:
    """Calls go on through the change; afterwards everything holds together, and all agents can work."""
    with a_service() as service:
        async with connected(service.url) as redis:
            floor = await Floor(redis).open()
            await floor.ready(*AGENTS)
            day = Day(floor)
            living = asyncio.create_task(day.live())
            await eventually(lambda: len(day.joined) > 200, "a busy morning")
            await eventually(lambda: replica_has(service.servers[1], "c100"), "the replica follows")
            killed_s = time.monotonic()
            service.master().kill()
            before = len(day.joined)
            await eventually(lambda: len(day.joined) > before + 200, "calls go on", within_s=60)
            day.is_over = True
            await living
            stored = await floor.sound()
            lost = [name for name in day.joined if name not in stored.contacts]
            await all_are_served(floor)
            stored = await floor.sound()

    assert day.interrupted > 0
    assert all(killed_s - LOSS_S < day.joined[name] < killed_s + LOSS_S for name in lost)
    assert {one["state"] for one in stored.agents.values()} <= {"ready", "away"}
    assert {one["state"] for one in stored.contacts.values()} == {"ended"}
    assert_nobody_waits_in_vain(stored)


def replica_has(replica: Process, name: str) -> bool:
    return bool(replica.ask("EXISTS", f"{{r:main}}:contact:{name}"))


async def all_are_served(floor: Floor) -> None:
    """Time goes by: what rang expires, conversations end, who took a break comes back, those who wait leave."""
    for _ in range(6):
        for name, contact in (await floor.sound()).contacts.items():
            if contact["state"] == "connected":
                await floor.end(name)
            elif contact["state"] != "ended":
                await floor.leave(name)
        await floor.later(60_000)
        for name in AGENTS:
            await floor.status(name, "available")
