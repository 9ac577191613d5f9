"""The legs we ring for offers: one for each agent who is offered a contact and has a line, never two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr import keys
from ivr.acts import TAKE_OVER_MS, PendingAct, encode_act
from ivr.queues import call_of
from routing.scripts import Script

if TYPE_CHECKING:
    from ivr.acts.errands import RingAgent
    from routing.redis import Redis

RING = Script.load("ivr.lua", "ring.lua")


@dataclass(frozen=True, slots=True)
class Leg:
    """An agent's leg: ``call_sid`` is empty until it is known; it ``stands`` ringing, answered or over."""

    offer: str
    agent: str
    group: str
    call_sid: str
    stands: str


class Legs:
    """The legs in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def name(self, ring: RingAgent, *, now_ms: int) -> PendingAct | None:
        """Name the act that rings an agent's telephone; None when it was named before."""
        offer = offer_id(ring)
        act = PendingAct(f"{offer}.{ring.agent}", call_of(ring.contact), ring)
        reply = await self._redis.run(
            RING,
            keys.of_legs(act.call_sid, offer),
            [ring.agent, ring.group, act.act_id, encode_act(act), now_ms + TAKE_OVER_MS, keys.CALL_TTL_S],
        )
        return act if reply[0] == b"named" else None

    async def find(self, offer: str, agent: str) -> Leg | None:
        """The agent's leg for an offer; None when nobody was rung."""
        group, call_sid, stands = await self._redis.execute(
            "HMGET", _key(offer), "group", f"call:{agent}", f"stands:{agent}"
        )
        if call_sid is None:
            return None
        return Leg(offer, agent, group.decode(), call_sid.decode(), stands.decode())

    async def group_of(self, offer: str) -> str:
        """The group of an offer for which somebody was rung; else empty."""
        group: bytes | None = await self._redis.execute("HGET", _key(offer), "group")
        return (group or b"").decode()

    async def note(self, leg: Leg, *, call_sid: str, stands: str) -> None:
        """Write down which call the leg is, and how it stands."""
        fields = (f"call:{leg.agent}", call_sid, f"stands:{leg.agent}", stands)
        key = _key(leg.offer)
        await self._redis.pipeline([("HSET", key, *fields), ("EXPIRE", key, keys.CALL_TTL_S)])

    async def entered(self, offer: str, call_sid: str) -> frozenset[str]:
        """Write down that a call has entered the offer's conference; all that have."""
        key = _key(offer)
        await self._redis.pipeline([("HSET", key, f"in:{call_sid}", 1), ("EXPIRE", key, keys.CALL_TTL_S)])
        names = [name.decode() for name in await self._redis.execute("HKEYS", key)]
        return frozenset(name.removeprefix("in:") for name in names if name.startswith("in:"))

    async def has_entered(self, offer: str, call_sid: str) -> bool:
        """Has the call been told to be in the offer's conference."""
        return bool(await self._redis.execute("HEXISTS", _key(offer), f"in:{call_sid}"))


def offer_id(ring: RingAgent) -> str:
    """The id of the offer for which an agent is rung (``routing/answers.py``)."""
    return f"{ring.contact}.{ring.generation}"


def contact_of(offer: str) -> str:
    """The contact that an offer, by its id, is of."""
    return offer.rpartition(".")[0]


def _key(offer: str) -> str:
    return keys.of_legs(call_of(contact_of(offer)), offer)[0]
