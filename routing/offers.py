"""Offers: one contact held for one agent, until they talk or it comes to nothing.

Where all are rung, an offer is one contact held for several agents: the first to accept has it, the others are
withdrawn, and the journal tells them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing import keys
from routing.answers import Refused, read
from routing.checks import bad_name, bad_times
from routing.scripts import Script

if TYPE_CHECKING:
    from routing.answers import Done, Offer
    from routing.redis import Redis

RINGS = Script.load("routing.lua", "rings.lua")
ACCEPT = Script.load("routing.lua", "accept.lua")
DECLINE = Script.load("routing.lua", "decline.lua")
CONNECT = Script.load("routing.lua", "connect.lua")
END = Script.load("routing.lua", "end.lua")
FIELDS = ("state", "agent", "gen", "queue", "caller")
STAGES = ("offered", "accepted", "connected")
REASONS = ("declined", "expired", "failed")


@dataclass(frozen=True, slots=True)
class OfferNow:
    """How an offer stands: ``offered``, ``accepted``, ``connected`` while they talk, ``over``.

    ``agents`` are those it rings, or the one who took it; ``queue`` and ``caller`` are its contact's.
    """

    stage: str
    agents: tuple[str, ...] = ()
    queue: str = ""
    caller: str = ""


async def look(redis: Redis, group: str, offer_id: str, agent: str = "") -> OfferNow:
    """How an offer stands, by its id; with an agent as it stands for them, over when another has taken it."""
    contact, _, generation = offer_id.rpartition(".")
    values = await redis.execute("HMGET", f"{keys.base(group)}contact:{contact}", *FIELDS)
    state, agents, current, queue, caller = [(value or b"").decode() for value in values]
    if current != generation or state not in STAGES:
        return OfferNow("over")
    rung = tuple(filter(None, agents.split(",")))
    return OfferNow(state if not agent or agent in rung else "over", rung, queue, caller)


async def rings(redis: Redis, group: str, offer: Offer, *, now_ms: int) -> Done | Refused:
    """It rings at the agent's only now, and its time begins again; Done's fact is when it expires. Refused ``late``."""
    arguments = (now_ms, offer.contact, offer.agent, offer.generation)
    return read(await redis.run(RINGS, [keys.base(group)], arguments), "rings")


async def accept(redis: Redis, group: str, offer: Offer, *, now_ms: int) -> Done | Refused:
    """The agent takes it; Done's facts are the queue and who else was rung. Refused ``late`` when it is over."""
    arguments = (now_ms, offer.contact, offer.agent, offer.generation)
    return read(await redis.run(ACCEPT, [keys.base(group)], arguments), "accepted")


async def decline(redis: Redis, group: str, offer: Offer, reason: str = "declined", *, now_ms: int) -> Done | Refused:
    """It came to nothing: ``declined``, ``expired``, or ``failed`` once accepted. Refused ``late``, ``bad_reason``.

    Done's fact is the contact's state. An offer without an agent stands for all whom it still rings.
    """
    if reason not in REASONS:
        return Refused("bad_reason", (reason[:60],))
    arguments = (now_ms, offer.contact, offer.agent, offer.generation, reason)
    return read(await redis.run(DECLINE, [keys.base(group)], arguments), "declined")


async def connect(redis: Redis, group: str, offer: Offer, *, now_ms: int) -> Done | Refused:
    """The two hear each other; Done's fact is how long the contact waited, in ms. Refused ``late``."""
    arguments = (now_ms, offer.contact, offer.agent, offer.generation)
    return read(await redis.run(CONNECT, [keys.base(group)], arguments), "connected")


async def end(redis: Redis, group: str, contact_id: str, outcome: str = "handled", *, now_ms: int) -> Done | Refused:
    """The conversation is over; Done's fact is the agent. Refused ``unknown``, ``refused`` when not connected."""
    if refused := bad_name(contact_id, outcome) or bad_times(now_ms):
        return refused
    return read(await redis.run(END, [keys.base(group)], [now_ms, contact_id, outcome]), "ended")
