"""Offers: one contact held for one agent, until they talk or it comes to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing import keys
from routing.answers import read
from routing.scripts import Script

if TYPE_CHECKING:
    from routing.answers import Done, Offer, Refused
    from routing.redis import Redis

ACCEPT = Script.load("routing.lua", "accept.lua")
DECLINE = Script.load("routing.lua", "decline.lua")
CONNECT = Script.load("routing.lua", "connect.lua")
END = Script.load("routing.lua", "end.lua")


async def accept(redis: Redis, group: str, offer: Offer, *, now_ms: int) -> Done | Refused:
    """The agent takes it; refused ``late`` when the offer is over."""
    arguments = (now_ms, offer.contact, offer.agent, offer.generation)
    return read(await redis.run(ACCEPT, [keys.base(group)], arguments), "accepted")


async def decline(redis: Redis, group: str, offer: Offer, reason: str, *, now_ms: int) -> Done | Refused:
    """It came to nothing: ``declined``, ``expired`` or ``failed``; refused ``late`` when the offer is over."""
    arguments = (now_ms, offer.contact, offer.agent, offer.generation, reason)
    return read(await redis.run(DECLINE, [keys.base(group)], arguments), "waiting")


async def connect(redis: Redis, group: str, offer: Offer, *, now_ms: int) -> Done | Refused:
    """The two hear each other; refused ``late`` when the offer is over."""
    arguments = (now_ms, offer.contact, offer.agent, offer.generation)
    return read(await redis.run(CONNECT, [keys.base(group)], arguments), "connected")


async def end(redis: Redis, group: str, contact_id: str, outcome: str = "handled", *, now_ms: int) -> Done | Refused:
    """The conversation is over; refused ``unknown``, or ``refused`` when it was not connected."""
    return read(await redis.run(END, [keys.base(group)], [now_ms, contact_id, outcome]), "ended")
