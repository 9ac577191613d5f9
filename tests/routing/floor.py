"""A small call-centre floor: one group with its own clock, spoken to in few words."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from routing import agents, callbacks, contacts, deadlines, offers, registry
from routing.answers import Done, Offer, Refused
from routing.contacts import Contact
from routing.registry import Policy
from routing.requirements import Requirement
from tests.routing.stored import Stored, assert_sound, dump, read_stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.redis import Redis

HARD, EASY, ANYBODY = Requirement({"billing": 5}), Requirement({"billing": 1}), Requirement({})
RING = Requirement({}, "ring_all")
CHAT = Requirement({}, channel="chat")
START_MS = 1_760_000_000_000
SOAK = int(os.environ.get("SOAK", "1"))
"""How much longer than usual the long proofs are (``make soak``)."""


@dataclass
class Floor:
    """Requirements HARD, EASY, ANYBODY, RING and CHAT, and the queues ``billing`` and ``sales``."""

    redis: Redis
    group: str = "main"
    now_ms: int = START_MS
    queues: dict[str, Policy] = field(default_factory=lambda: {"billing": Policy(), "sales": Policy()})

    async def open(self, *more: Requirement, **queues: Policy) -> Floor:
        """Publish, with what else this test needs."""
        self.queues |= queues
        wanted = (HARD, EASY, ANYBODY, RING, CHAT, *more)
        await registry.register(self.redis, self.group, wanted, self.queues, skills=["spanish"], now_ms=self.now_ms)
        return self

    async def ready(self, *names: str, billing: int = 5, **more: Any) -> tuple[Offer, ...]:
        """Agents sign in and are available; what they are offered at once."""
        made: tuple[Offer, ...] = ()
        for name in names:
            self.now_ms += 1
            skills = {"billing": billing} if billing else {}
            await agents.sign_in(self.redis, self.group, name, skills, now_ms=self.now_ms, **more)
            made += offered(await self.status(name, "available"))
        return made

    async def status(self, name: str, status: str) -> Done | Refused:
        return await agents.set_status(self.redis, self.group, name, status, now_ms=self.now_ms)

    async def join(
        self, name: str, requirement: Requirement = EASY, queue: str = "billing", **more: Any
    ) -> Done | Refused:
        """A contact joins, a millisecond after whatever was before."""
        self.now_ms += 1
        return await self.joins(Contact(name, queue, requirement, **more))

    async def joins(self, contact: Contact) -> Done | Refused:
        return await contacts.join(self.redis, self.group, contact, now_ms=self.now_ms)

    async def accept(self, offer: Offer) -> Done | Refused:
        return await offers.accept(self.redis, self.group, offer, now_ms=self.now_ms)

    async def decline(self, offer: Offer, reason: str = "declined") -> Done | Refused:
        return await offers.decline(self.redis, self.group, offer, reason, now_ms=self.now_ms)

    async def connect(self, offer: Offer) -> Done | Refused:
        return await offers.connect(self.redis, self.group, offer, now_ms=self.now_ms)

    async def talk(self, offer: Offer) -> None:
        """Accepted and connected."""
        assert (await self.accept(offer)).tag == "accepted"
        assert (await self.connect(offer)).tag == "connected"

    async def end(self, name: str) -> Done | Refused:
        return await offers.end(self.redis, self.group, name, now_ms=self.now_ms)

    async def leave(self, name: str, outcome: str = "abandoned") -> Done | Refused:
        return await contacts.leave(self.redis, self.group, name, outcome, now_ms=self.now_ms)

    async def write_up(self, name: str) -> Done | Refused:
        return await agents.finish_wrap_up(self.redis, self.group, name, now_ms=self.now_ms)

    async def transfer(self, name: str, queue: str, requirement: Requirement, **more: Any) -> Done | Refused:
        return await contacts.transfer(self.redis, self.group, name, queue, requirement, now_ms=self.now_ms, **more)

    async def promise(self, name: str, how: str, in_ms: int = 0) -> Done | Refused:
        at_ms = self.now_ms + in_ms if in_ms else 0
        return await callbacks.promise(self.redis, self.group, name, how, at_ms=at_ms, now_ms=self.now_ms)

    async def later(self, ms: int) -> tuple[Offer, ...]:
        """Time goes by and what is due happens; the offers that were made."""
        self.now_ms += ms
        done = await deadlines.sweep_all(self.redis, self.group, now_ms=self.now_ms)
        return tuple(offer for one in done for offer in one.offers)

    async def contact(self, name: str) -> Mapping[str, str]:
        return (await self.sound()).contacts[name]

    async def agent(self, name: str) -> Mapping[str, str]:
        return (await self.sound()).agents[name]

    async def sound(self) -> Stored:
        """All that is stored, which holds together."""
        stored = await read_stored(self.redis, self.group)
        assert_sound(stored)
        return stored

    async def dump(self) -> dict[str, Any]:
        return await dump(self.redis, self.group)


def offered(answer: Done | Refused) -> tuple[Offer, ...]:
    """The offers that came of it; it was done."""
    assert isinstance(answer, Done), answer
    return answer.offers


def partners(answer: Done | Refused | tuple[Offer, ...]) -> list[tuple[str, str]]:
    """Who was offered to whom."""
    made = answer if isinstance(answer, tuple) else offered(answer)
    return [(one.contact, one.agent) for one in made]
