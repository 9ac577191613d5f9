"""``<Queue>``: take the first call that waits in a queue, or wait for one as long as the Dial rings.

Source: twilio.com/docs/voice/twiml/queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.problems import Reported
from ivr.simulator.queues import Handover

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.dialing import Terms
    from ivr.simulator.elements import Element
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.queues import Member
    from ivr.simulator.queues import Queue as Line

NO_QUEUE = 12200
"""The vendor has no code for it."""

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Queue:
    """``url`` is executed on the call that waited, before the two are connected."""

    name: str
    url: str
    method: str

    def attempt(self, call: Call, terms: Terms) -> Taking:
        return Taking(self, call, terms)


class Taking:
    """One call taking another out of a queue."""

    def __init__(self, noun: Queue, call: Call, terms: Terms) -> None:
        self._noun = noun
        self._call = call
        self._terms = terms
        self._queue: Line | None = None
        self._member: Member | None = None
        self._handover = Handover(call, noun.url, noun.method, terms.hangs_up_on_star)

    async def run(self) -> None:
        self._queue = self._call.network.queues.find(self._noun.name)
        if self._queue is None:
            problem = Reported(self._call.sid, NO_QUEUE, "", f"there is no queue {self._noun.name!r}")
            self._call.network.errors.append(problem)
            return
        self._member = await self._call.within(self._terms.timeout_s, self._take(self._queue))
        if self._member is not None:
            self._call.answer()
            self._member.hand_over(self._handover)
            await self._call.within(self._terms.time_limit_s, self._handover.done.wait())

    async def _take(self, queue: Line) -> Member:
        member = await queue.take()
        while member.is_gone:
            member = await queue.take()
        return member

    def end(self) -> None:
        self._handover.close()

    def result(self) -> Parameters:
        if self._queue is None:
            return (("DialCallStatus", "failed"), ("DialBridged", "false"))
        if self._member is None:
            return (("DialCallStatus", "no-answer"), ("DialBridged", "false"), ("QueueSid", self._queue.sid))
        bridge = self._handover.bridge
        return (
            ("DialCallStatus", "completed" if bridge else "no-answer"),
            ("DialCallSid", self._member.call.sid),
            *((("DialCallDuration", str(bridge.seconds)),) if bridge else ()),
            ("DialBridged", "true" if bridge else "false"),
            *self._queue.outcome(self._member),
        )


def read(element: Element) -> Queue:
    if not element.text:
        raise element.error(14212, "needs the name of a queue")
    if len(element.text) > LONGEST_NAME:
        raise element.error(14213, f"has a name longer than {LONGEST_NAME} characters")
    noun = Queue(element.text, element.url("url"), element.method())
    element.only(text=True)
    return noun
