"""Offers: one contact held for one agent, until they talk or it comes to nothing.

Where all are rung, an offer is one contact held for several agents: the first to accept has it, the others are
withdrawn, and the journal tells them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing import keys
from routing.answers import Refused, read
from routing.checks import bad_name, bad_times
from routing.scripts import Script

if TYPE_CHECKING:
    from routing.answers import Done, Offer
    from routing.redis import Redis

ACCEPT = Script.load("routing.lua", "accept.lua")
DECLINE = Script.load("routing.lua", "decline.lua")
CONNECT = Script.load("routing.lua", "connect.lua")
END = Script.load("routing.lua", "end.lua")
REASONS = ("declined", "expired", "failed")


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
