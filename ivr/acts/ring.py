"""Ring an agent's telephone: an act that the provider has no key for, so it is looked for before it is made again.

A request that got no clear answer is not repeated until the leg's own webhooks stayed away for ten seconds and a
look-up by number and time found nothing. What still cannot be known counts as an offer that was missed. Whoever is told
that the telephone rings looks once more whether it should: an offer may be over before its call is known.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from flows.events import Answered
from ivr.acts.errands import RingAgent
from ivr.acts.pending import Undecided
from ivr.meeting.legs import Leg, offer_id
from ivr.twilio.rest_errors import RestError, RestRefusedError
from routing import offers
from routing.answers import Offer
from routing.redis import RedisUnavailable

if TYPE_CHECKING:
    from flows.events import Event
    from ivr.acts.pending import PendingAct
    from ivr.clock import Clock
    from ivr.meeting.legs import Legs
    from ivr.twilio.links import Links
    from ivr.twilio.rest import TwilioRest
    from routing.offers import OfferNow
    from routing.redis import Redis

log = structlog.get_logger()

CALLBACK_MS = 10_000
CLOCK_SLACK_S = 30
MOST_POSTS = 2


class AgentRinger:
    """Performs ``RingAgent``."""

    def __init__(self, redis: Redis, rest: TwilioRest, links: Links, legs: Legs, clock: Clock) -> None:
        self._redis = redis
        self._rest = rest
        self._links = links
        self._legs = legs
        self._clock = clock

    def due_ms(self, act: PendingAct, now_ms: int) -> int:
        """Until the leg's own webhooks may have come."""
        del now_ms
        return act.posted_ms + CALLBACK_MS

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Ring, once, if the offer stands still."""
        ring = ring_of(act)
        try:
            if (await self._look(ring)).stage != "offered":
                return told("over")
            sid = await self._rest.place_call(
                to=ring.to,
                sender=ring.sender,
                url=self._links.leg(offer_id(ring), ring.agent, 0),
                status_callback=self._links.leg_status(offer_id(ring), ring.agent),
            )
            return await self._rings(ring, sid)
        except RestRefusedError as error:
            log.warning("agent_not_rung", agent=ring.agent, status=error.status, code=error.code)
            return await self._missed(ring)
        except (RestError, RedisUnavailable) as error:
            log.warning("agent_perhaps_not_rung", agent=ring.agent, error=str(error))
            return Undecided(act.posted_ms + CALLBACK_MS)
        except Exception:  # a bug of ours: the offer expires, and the caller goes on waiting
            log.exception("agent_not_rung", agent=ring.agent)
            return told("failed")

    async def find_out(self, act: PendingAct, now_ms: int) -> Event | Undecided | None:
        """The leg's webhooks would have settled it; when they stayed away, the provider's own list is asked."""
        ring = ring_of(act)
        leg = await self._legs.find(offer_id(ring), ring.agent)
        if leg is None or leg.call_sid:
            return told("rings")
        if now_ms < act.posted_ms + CALLBACK_MS:
            return Undecided(act.posted_ms + CALLBACK_MS)
        since = datetime.fromtimestamp(act.posted_ms / 1000 - CLOCK_SLACK_S, UTC)
        try:
            sid = await self._rest.find_call(to=ring.to, sender=ring.sender, placed_after=since)
        except RestError as error:
            log.warning("agent_not_found_out", agent=ring.agent, error=str(error))
            return await self._missed(ring)
        if sid is not None:
            return await self._rings(ring, sid)
        return await self._missed(ring) if act.posts >= MOST_POSTS else None

    async def _look(self, ring: RingAgent) -> OfferNow:
        return await offers.look(self._redis, ring.group, offer_id(ring), ring.agent)

    async def _rings(self, ring: RingAgent, sid: str) -> Event:
        """The call is known; hung up when nobody wants it any more."""
        leg = await self._legs.find(offer_id(ring), ring.agent)
        if leg is not None and not leg.call_sid:
            await self._legs.note(leg, call_sid=sid, stands="ringing")
            if (await self._look(ring)).stage == "over":
                await hang_up(self._rest, Leg(leg.offer, leg.agent, leg.group, sid, "ringing"))
        return told("rings")

    async def _missed(self, ring: RingAgent) -> Event:
        """As when nobody picks up: three in a row, and the agent is on break."""
        offer = Offer(ring.contact, ring.agent, ring.generation)
        await offers.decline(self._redis, ring.group, offer, "expired", now_ms=self._clock.now_ms())
        return told("missed")


async def hang_up(rest: TwilioRest, leg: Leg) -> None:
    """End a leg's call; one that is over already is over."""
    try:
        await rest.end_call(leg.call_sid)
    except RestRefusedError as error:
        log.info("leg_over_already", agent=leg.agent, code=error.code)


def told(outcome: str) -> Event:
    """What became of it; nobody waits for that."""
    return Answered({"outcome": outcome})


def ring_of(act: PendingAct) -> RingAgent:
    """The act's own errand."""
    assert isinstance(act.instruction, RingAgent), "acts are performed by their type"  # noqa: S101 - a bug of ours
    return act.instruction
