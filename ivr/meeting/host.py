"""The host: hears of offers in routing's journal, has telephones rung, and brings callers where agents are.

Each entry is told until it was settled (``ivr/queuekeeper.py``), perhaps to two processes, so everything here may be
done twice: a leg is named once, a call is moved only from where it should be, an ended call is ended.

===========================  =======================================================================================
entry                        what is done
===========================  =======================================================================================
``offered``                  the telephone of each agent who has a line is rung
``accepted``                 the caller is moved into the conference, named by the offer's id
``declined`` ``expired``     the agent's leg is told that the offer is over, and hung up
``withdrawn``                the same: the caller has gone, another agent was faster
``failed``                   the same; the caller, if moved already, waits again
``ended``, ``handled``       a caller who has not gone on by now, perhaps alone in the conference, is made to
===========================  =======================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from flows.events import Answered, Dialed
from ivr.acts.errands import RingAgent
from ivr.acts.ring import hang_up
from ivr.calls import Move
from ivr.meeting.lines import line_of
from ivr.queues import call_of
from ivr.twilio.rest_errors import RestError, RestRefusedError
from routing import offers

if TYPE_CHECKING:
    from ivr.calls import CallDesk
    from ivr.clock import Clock
    from ivr.meeting.legs import Leg, Legs
    from ivr.programs import Programs
    from ivr.sessions import Sessions
    from ivr.twilio.links import Links
    from ivr.twilio.rest import TwilioRest
    from routing.redis import Redis

log = structlog.get_logger()

OVER = frozenset({"declined", "expired", "withdrawn", "failed"})
HEARS = OVER | {"offered", "accepted"}
# Whoever leaves a conference goes on by themselves; after so long they did not.
PARTING_MS = 1_500


def concerns(facts: dict[str, str]) -> bool:
    """Is an entry of routing's journal one for the host."""
    if facts.get("event") == "ended":
        return facts.get("outcome") == "handled" and {"contact", "at"} <= facts.keys()
    return facts.get("event") in HEARS and {"contact", "agent", "gen"} <= facts.keys()


class Host:
    """Lets callers and agents meet."""

    def __init__(
        self,
        *,
        redis: Redis,
        legs: Legs,
        sessions: Sessions,
        programs: Programs,
        desk: CallDesk,
        rest: TwilioRest,
        links: Links,
        clock: Clock,
    ) -> None:
        self._redis = redis
        self._legs = legs
        self._sessions = sessions
        self._programs = programs
        self._desk = desk
        self._rest = rest
        self._links = links
        self._clock = clock

    async def hear(self, group: str, facts: dict[str, str]) -> bool:
        """Do what an entry asks for; False when it is to be told again. Raises what Redis raises."""
        contact, event = facts["contact"], facts["event"]
        if event == "ended":
            return await self._part(contact, int(facts["at"]))
        offer = f"{contact}.{facts['gen']}"
        if event == "offered":
            for agent in facts["agent"].split(","):
                await self._ring(group, contact, int(facts["gen"]), agent)
            return True
        if event == "accepted":
            return await self.bring(group, offer) != Move.BUSY
        settled = await self._release(offer, facts["agent"])
        return settled and (event != "failed" or await self._bring_back(group, offer) != Move.BUSY)

    async def bring(self, group: str, offer: str) -> Move:
        """Move the caller to the agent who has accepted; GONE when that is over, or the caller has left."""
        now = await offers.look(self._redis, group, offer)
        if now.stage != "accepted":
            return Move.GONE
        contact = offer.rpartition(".")[0]
        told = {"outcome": "connected", "contact": contact, "conference": offer, "agent": now.agents[0]}
        return await self._desk.move(
            call_of(contact), contact, Answered(told), where=lambda call: call.conference != offer
        )

    async def _bring_back(self, group: str, offer: str) -> Move:
        """The agent never came: the caller, perhaps alone in the conference, waits on with the same place."""
        contact = offer.rpartition(".")[0]
        event = Answered({"outcome": "joined", "contact": contact, "group": group})
        return await self._desk.move(call_of(contact), contact, event, where=lambda call: call.conference == offer)

    async def _part(self, contact: str, at_ms: int) -> bool:
        """The conversation is over: so it is for a caller whose own end of it was never told."""
        if self._clock.now_ms() < at_ms + PARTING_MS:
            return False
        moved = await self._desk.move(
            call_of(contact), contact, Dialed("ended"), where=lambda call: call.conference.startswith(f"{contact}.")
        )
        return moved != Move.BUSY

    async def _ring(self, group: str, contact: str, generation: int, agent: str) -> None:
        """Name the act that rings an agent, and begin it. Whoever has no line sits at a browser."""
        address = await line_of(self._redis, agent)
        record = await self._sessions.load(call_of(contact)) if address else None
        if record is None:
            return
        live = self._programs.live
        sender = record.session.called or (live.center.sender if live is not None else None) or ""
        ring = RingAgent(group, contact, agent, generation, address, sender)
        act = await self._legs.name(ring, now_ms=self._clock.now_ms())
        if act is not None:
            self._desk.begin(act)

    async def _release(self, offer: str, agent: str) -> bool:
        """The offer is over: who is at the telephone is told so, a telephone that rings stops."""
        leg = await self._legs.find(offer, agent)
        if leg is None or not leg.call_sid or leg.stands == "over":
            return True  # of a call that is not known yet, whoever learns of it looks whether it is wanted
        try:
            await self._tell(leg)
        except RestError as error:
            log.warning("leg_not_released", agent=agent, error=str(error))
            return False
        return True

    async def _tell(self, leg: Leg) -> None:
        if leg.stands == "answered":
            try:
                await self._rest.move_call(leg.call_sid, self._links.leg(leg.offer, leg.agent, 0))
            except RestRefusedError as error:
                log.info("leg_over_already", agent=leg.agent, code=error.code)
            return
        await hang_up(self._rest, leg)
