"""Agents at the telephone: what their legs are answered, and what a leg's end means to routing.

A leg has no session: how its offer stands in routing says what comes next, so that a repeated webhook gets the same and
a late one hears that the offer is over. ``turn`` counts the announcements.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from flows.instructions import Dial, Hangup
from ivr.meeting.legs import contact_of
from ivr.meeting.words import ACCEPT, announcement
from ivr.sentences import say
from ivr.twilio.twiml import Scribe, escape
from routing import offers
from routing.answers import Done, Offer
from routing.redis import RedisError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ivr.clock import Clock
    from ivr.meeting.host import Host
    from ivr.meeting.legs import Leg, Legs
    from ivr.programs import Programs
    from ivr.twilio.links import Links
    from ivr.twilio.requests import VoiceRequest
    from routing.offers import OfferNow
    from routing.redis import Redis

log = structlog.get_logger()

MOST_ANNOUNCED = 2
# How a leg ends that was not answered; "canceled" is our own doing, and "completed" was answered.
NOT_ANSWERED = frozenset({"busy", "no-answer", "failed"})


class Guests:
    """Answers agents' legs."""

    def __init__(self, *, redis: Redis, legs: Legs, host: Host, programs: Programs, links: Links, clock: Clock) -> None:
        self._redis = redis
        self._legs = legs
        self._host = host
        self._programs = programs
        self._links = links
        self._clock = clock
        self._scribe = Scribe(links.audio_xml, conference_xml=links.conference_xml)

    async def answer(self, offer: str, agent: str, turn: int, request: VoiceRequest) -> bytes:
        """The TwiML for an agent's leg; raises what Redis raises."""
        leg = await self._legs.find(offer, agent)
        if leg is None or leg.call_sid not in {"", request.call_sid}:
            return self._over()
        if request.over or request.dial is not None:
            await self._parted(leg, request)
            return self._scribe.write((Hangup(),), None)
        if leg.stands == "ringing":
            await self._legs.note(leg, call_sid=request.call_sid, stands="answered")
        now = await offers.look(self._redis, leg.group, offer, agent)
        if now.stage == "offered":
            return await self._offered(leg, now, turn, request)
        return self._meet(leg, turn) if now.stage in {"accepted", "connected"} else self._over()

    async def told(self, offer: str, agent: str, request: VoiceRequest) -> None:
        """The provider tells how a leg stands: it rings now, or its end frees the agent. Raises what Redis raises."""
        leg = await self._legs.find(offer, agent)
        if leg is None or leg.call_sid not in {"", request.call_sid}:
            return
        if request.over:
            await self._parted(leg, request)
        elif request.status == "ringing" and leg.stands == "ringing":
            if not leg.call_sid:
                await self._legs.note(leg, call_sid=request.call_sid, stands="ringing")
            await offers.rings(self._redis, leg.group, _offer(offer, agent), now_ms=self._clock.now_ms())

    async def met(self, form: Mapping[str, str]) -> None:
        """The provider tells of a conference: both are in, or it is over. Raises what Redis raises.

        That both are in is told twice, by its start and by who entered: a callback may be lost.
        """
        offer, event = form.get("FriendlyName", ""), form.get("StatusCallbackEvent", "")
        group = await self._legs.group_of(offer)
        now = await offers.look(self._redis, group, offer) if group else None
        if now is None:
            return
        if event == "participant-join":
            both = len(await self._legs.entered(offer, form.get("CallSid", ""))) > 1
        else:
            both = event == "conference-start"
        if both and now.stage == "accepted":
            await offers.connect(self._redis, group, _offer(offer, now.agents[0]), now_ms=self._clock.now_ms())
        elif event == "conference-end" and now.stage == "connected":
            await offers.end(self._redis, group, contact_of(offer), now_ms=self._clock.now_ms())

    # ---------------------------------------------------------------- what happens to an offer

    async def _offered(self, leg: Leg, now: OfferNow, turn: int, request: VoiceRequest) -> bytes:
        """One who presses the key has it; another key declines; after two announcements without one it was missed."""
        if request.digits is None and turn < MOST_ANNOUNCED:
            next_xml = escape(self._links.leg(leg.offer, leg.agent, turn + 1))
            return self._scribe.write((announcement(now, self._programs.live),), next_xml)
        if request.digits == ACCEPT:
            return await self._accept(leg, turn)
        await self._legs.note(leg, call_sid=request.call_sid, stands="over")
        await self._decline(leg, "expired" if request.digits is None else "declined")
        return self._scribe.write((say("goodbye", self._programs.live), Hangup()), None)

    async def _accept(self, leg: Leg, turn: int) -> bytes:
        offer = _offer(leg.offer, leg.agent)
        answer = await offers.accept(self._redis, leg.group, offer, now_ms=self._clock.now_ms())
        now = await offers.look(self._redis, leg.group, leg.offer, leg.agent)
        if not isinstance(answer, Done) and now.stage == "over":
            return self._over()
        # The journal tells it as well, to whoever is alive; this is only sooner.
        with suppress(RedisError):
            await self._host.bring(leg.group, leg.offer)
        return self._meet(leg, turn)

    async def _decline(self, leg: Leg, reason: str) -> None:
        offer = _offer(leg.offer, leg.agent)
        await offers.decline(self._redis, leg.group, offer, reason, now_ms=self._clock.now_ms())

    async def _parted(self, leg: Leg, request: VoiceRequest) -> None:
        """The leg is over, or has left the conference: so is what it was for, whatever that was."""
        await self._legs.note(leg, call_sid=request.call_sid, stands="over")
        now = await offers.look(self._redis, leg.group, leg.offer, leg.agent)
        if now.stage == "offered":
            await self._decline(leg, "expired" if request.status in NOT_ANSWERED else "declined")
        elif now.stage == "accepted":
            await self._decline(leg, "failed")
        elif now.stage == "connected":
            await offers.end(self._redis, leg.group, contact_of(leg.offer), now_ms=self._clock.now_ms())

    # ---------------------------------------------------------------- documents

    def _meet(self, leg: Leg, turn: int) -> bytes:
        next_xml = escape(self._links.leg(leg.offer, leg.agent, turn + 1))
        return self._scribe.write((Dial(leg.offer, "conference"),), next_xml)

    def _over(self) -> bytes:
        return self._scribe.write((say("offer_over", self._programs.live), Hangup()), None)


def _offer(offer: str, agent: str) -> Offer:
    contact, _, generation = offer.rpartition(".")
    return Offer(contact, agent, int(generation))
