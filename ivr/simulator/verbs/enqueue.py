"""``<Enqueue>``: wait in a queue until somebody takes the call, it leaves, or it is moved.

The action is told how it ended: ``bridged`` after the conversation, ``leave``, ``queue-full`` and ``error`` at once,
and beside the call ``hangup``, ``redirected`` and ``redirected-from-bridged``. A taker who leaves before the two are
connected makes it ``bridging-in-process``. Source: twilio.com/docs/voice/twiml/enqueue.
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.aside import beginning, perform_aside
from ivr.simulator.bridge import Bridge
from ivr.simulator.documents import Vocabulary
from ivr.simulator.heard import Heard
from ivr.simulator.nouns.parties import SCREEN
from ivr.simulator.problems import Problem, Reported
from ivr.simulator.sound import tones
from ivr.simulator.steps import Goto, HangUp, Quit
from ivr.simulator.verbs import gather, hangup, leave, pause, play, redirect, say

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.queues import Handover, Member, Queue
    from ivr.simulator.steps import Step

WAITING = Vocabulary(
    {
        "Gather": gather.read,
        "Hangup": hangup.read,
        "Leave": leave.read,
        "Pause": pause.read,
        "Play": play.read,
        "Redirect": redirect.read,
        "Say": say.read,
    }
)
"""What a wait document may hold; at its end it is asked for again."""

LONGEST_NAME = 64
MUSIC = "the network's music on hold"
QUEUE_FULL = 14207


@dataclass(frozen=True, slots=True)
class Enqueue:
    """``wait_url`` None is the network's music, empty is silence."""

    name: str
    action: str
    method: str
    wait_url: str | None
    wait_method: str

    async def run(self, call: Call) -> Goto | None:
        call.answer()
        queue = call.network.queues.open(self.name)
        member = queue.join(call)
        if member is None:
            call.network.errors.append(Reported(call.sid, QUEUE_FULL, "", f"the queue {self.name!r} is full"))
            return self.next("queue-full")
        stay = Stay(self, call, queue, member)
        with call.parting(stay.last):
            try:
                await stay.run()
            finally:
                stay.end()
        return self.next(stay.result, queue.outcome(member))

    def next(self, result: str, outcome: Parameters = ()) -> Goto | None:
        """The action, if there is one; else the next verb follows."""
        return Goto(self.action, self.method, (("QueueResult", result), *outcome)) if self.action else None


class Stay:
    """One call's time in a queue, and with whoever takes it out."""

    def __init__(self, verb: Enqueue, call: Call, queue: Queue, member: Member) -> None:
        self.result = "leave"
        self._verb = verb
        self._call = call
        self._queue = queue
        self._member = member

    async def run(self) -> None:
        waiting = asyncio.create_task(self._wait())
        taken = asyncio.create_task(self._member.taken.wait())
        try:
            await asyncio.wait({waiting, taken}, return_when=asyncio.FIRST_COMPLETED)
            if not taken.done():
                await self._give_up(waiting.result())
                return
        finally:
            for task in (waiting, taken):
                task.cancel()
            await asyncio.wait({waiting, taken})
        if self._member.handover is not None:
            await self._meet(self._member.handover)

    async def _wait(self) -> HangUp | Quit | None:
        """What the wait document leads to; None when it cannot be had."""
        url = self._verb.wait_url
        if not url:
            await self._wait_for_ever(has_music=url is None)
            return None
        begin = beginning(url, self._verb.wait_method, lambda: self._queue.about(self._member))
        try:
            return await perform_aside(self._call, WAITING, begin, is_endless=True)
        except Problem as problem:
            self._call.report(problem)
            return None

    async def _wait_for_ever(self, *, has_music: bool) -> None:
        if has_music:
            self._call.hear(Heard("play", MUSIC))
        with self._call.playing(tones.MUSIC) if has_music else nullcontext():
            await asyncio.Event().wait()

    async def _give_up(self, step: HangUp | Quit | None) -> None:
        if isinstance(step, HangUp):
            self._call.order(step)
            await asyncio.Event().wait()
        self.result = "leave" if isinstance(step, Quit) else "error"

    async def _meet(self, handover: Handover) -> None:
        """Hear what the taker lets the call hear first, then talk until one of the two leaves."""
        self.result = "bridging-in-process"
        begin = beginning(handover.url, handover.method, lambda: self._about(handover))
        try:
            step = await perform_aside(self._call, SCREEN, begin) if handover.url else None
        except Problem as problem:
            self._call.report(problem)
            self.result = "error"
            return
        if step is not None:
            await self._give_up(step)
        if not handover.done.is_set():
            self.result = "bridged"
            handover.bridge = Bridge(handover.taker, self._call, ends_on_star=handover.ends_on_star)
            await handover.bridge.over.wait()

    def _about(self, handover: Handover) -> Parameters:
        """The spelling is the vendor's."""
        return (*self._queue.outcome(self._member), ("DequeingCallSid", handover.taker.sid))

    def end(self) -> None:
        self._queue.leave(self._member)
        self._member.is_gone = True
        if self._member.handover is not None:
            self._member.handover.close()

    def last(self, order: Step) -> Goto | None:
        """What the action is told of a call that was taken away."""
        is_bridged = self.result == "bridged"
        if isinstance(order, HangUp):
            result = "bridged" if is_bridged else "hangup"
        else:
            result = "redirected-from-bridged" if is_bridged else "redirected"
        return self._verb.next(result, self._queue.outcome(self._member))


def read(element: Element) -> Enqueue:
    if not element.text:
        raise element.error(14204, "needs the name of a queue")
    if len(element.text) > LONGEST_NAME:
        raise element.error(14205, f"has a name longer than {LONGEST_NAME} characters")
    wait_url = element.url("waitUrl") if element.has("waitUrl") else None
    element.string("waitUrl")
    verb = Enqueue(element.text, element.url("action"), element.method(), wait_url, element.method("waitUrlMethod"))
    element.only(text=True)
    return verb
