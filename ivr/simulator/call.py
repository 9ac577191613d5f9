"""One leg: its status, who holds the telephone at the far end, and the task that executes its TwiML.

queued/ringing -> in-progress (``answer``) -> one final status (``finish``), set once. Orders from outside (the caller
hangs up, REST moves or ends the call) abandon whatever verb is running: the task that runs it is cancelled, and the
order says where the call goes. Of orders that come together a hang-up wins, else the last.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import aiohttp

from ivr.simulator import parameters
from ivr.simulator.delivery import Request
from ivr.simulator.heard import Heard, Keys
from ivr.simulator.problems import Reported
from ivr.simulator.steps import Goto, HangUp

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from ivr.simulator.delivery import Answer
    from ivr.simulator.heard import Input
    from ivr.simulator.network import Simulator
    from ivr.simulator.problems import Problem
    from ivr.simulator.records import Number
    from ivr.simulator.steps import Step

FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
LONGEST_CALL_S = 4 * 3600
"""The network ends a call after four hours."""

T = TypeVar("T")


class Ear(Protocol):
    """Whoever holds the telephone at the far end."""

    def hear(self, heard: Heard) -> None:
        """Take notice of ``heard``; must not block."""


class Call:
    """``pace`` is ``natural`` or ``instant``: whether speech and audio take their time on this call."""

    def __init__(self, network: Simulator, number: Number, ear: Ear, *, to: str, from_: str, pace: str) -> None:
        self.network = network
        self.number = number
        self.sid = f"CA{uuid.uuid4().hex}"
        self.account_sid = network.account_sid
        self.to = to
        self.from_ = from_
        self.direction = "inbound"
        self.status = "ringing"
        self.is_instant = pace == "instant"
        self.cookies = aiohttp.CookieJar(unsafe=True)
        self.fallback: tuple[str, str] = (number.fallback_url, number.fallback_method)
        self.status_callback: tuple[str, str] = (number.status_callback, number.status_callback_method)
        self.created_ms = network.time.now_ms()
        self.answered_ms: int | None = None
        self.ended_ms: int | None = None
        self.heard: list[Heard] = []
        self.questions = 0
        self.has_lasted = False
        self._ear = ear
        self._inputs: asyncio.Queue[Input] | None = None
        self._order: Step | None = None
        self._ordered = asyncio.Event()
        self._callbacks = 0
        self._limit: asyncio.Task[None] | None = None

    @property
    def is_answered(self) -> bool:
        return self.answered_ms is not None

    @property
    def is_over(self) -> bool:
        return self.status in FINAL

    @property
    def is_asking(self) -> bool:
        """Whether keys and words are being collected, prompts included."""
        return self._inputs is not None

    @property
    def duration_s(self) -> int:
        """From answer to end; 0 for a call that was not answered or is not over."""
        if self.answered_ms is None or self.ended_ms is None:
            return 0
        return round((self.ended_ms - self.answered_ms) / 1000)

    # What verbs do with a call.

    def answer(self) -> None:
        """Pick up, if it has not been done."""
        if not self.is_answered:
            self.answered_ms = self.network.time.now_ms()
            self.status = "in-progress"
            self.hear(Heard("status", "in-progress"))

    def hear(self, heard: Heard) -> None:
        """Let the far end hear this."""
        lasts_s = 0.0 if self.is_instant and heard.kind in {"say", "play"} else heard.seconds
        dated = replace(heard, seconds=lasts_s, at_ms=self.network.time.now_ms())
        self.heard.append(dated)
        self._ear.hear(dated)

    async def spend(self, seconds: float) -> None:
        self.has_lasted = True
        await self.network.time.sleep(seconds)

    async def speak_for(self, seconds: float) -> None:
        """Let speech or audio last; on an instant call it takes no time."""
        if self.is_instant:
            await asyncio.sleep(0)
        else:
            await self.spend(seconds)

    @contextmanager
    def ask(self) -> Iterator[asyncio.Queue[Input]]:
        """Collect what the far end presses and says; outside of this nobody listens to it."""
        self.questions += 1
        self._inputs = asyncio.Queue()
        try:
            yield self._inputs
        finally:
            self._inputs = None

    async def within(self, seconds: float | None, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of ``work``, or None after ``seconds`` of the network's time; without limit if that is None."""
        task = asyncio.create_task(work)
        timer = None if seconds is None else asyncio.create_task(self.network.time.sleep(seconds))
        try:
            await asyncio.wait({task, timer} if timer else {task}, return_when=asyncio.FIRST_COMPLETED)
            self.has_lasted = True
            return task.result() if task.done() else None
        finally:
            task.cancel()
            if timer:
                timer.cancel()

    async def request(self, request: Request) -> Answer:
        return await self.network.courier.deliver(request, self.cookies)

    def parameters(self, more: parameters.Parameters = ()) -> parameters.Parameters:
        return (*parameters.standard(self), *more)

    def notify(self, request: Request) -> None:
        """Post a callback beside the call; its answer changes nothing."""
        self.network.notify(request)

    def report(self, problem: Problem) -> None:
        self.network.errors.append(Reported(self.sid, problem.code, problem.url, problem.message))

    # What happens to it from outside.

    def take(self, given: Input) -> None:
        """The far end presses or says something; lost unless the call is asking."""
        if self._inputs is not None:
            for one in [Keys(key) for key in given.keys] if isinstance(given, Keys) else [given]:
                self._inputs.put_nowait(one)

    def order(self, step: Step) -> None:
        """Abandon the present verb and take ``step``."""
        if not isinstance(self._order, HangUp):
            self._order = step
        self._ordered.set()

    async def unless_ordered(self, work: Coroutine[Any, Any, Step]) -> Step:
        """The step ``work`` leads to, or the one that was ordered meanwhile."""
        task = asyncio.create_task(work)
        ordered = asyncio.create_task(self._ordered.wait())
        try:
            await asyncio.wait({task, ordered}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            ordered.cancel()
        order, self._order = self._order, None
        self._ordered.clear()
        return order if order is not None else task.result()

    def limit_to(self, seconds: int) -> None:
        """End the call ``seconds`` after it began, at the latest."""
        if self._limit:
            self._limit.cancel()
        left_s = seconds - (self.network.time.now_ms() - self.created_ms) / 1000
        self._limit = asyncio.create_task(self._end_in(max(left_s, 0.0)))

    async def _end_in(self, seconds: float) -> None:
        await self.network.time.sleep(seconds)
        self.order(HangUp())

    def first_step(self) -> Goto:
        return Goto(self.number.voice_url, self.number.voice_method)

    def finish(self, status: str | None = None) -> None:
        """Give the call its final status (see HangUp) and tell whoever asked; a second time changes nothing."""
        if self.is_over:
            return
        self.status = status or ("completed" if self.is_answered else "no-answer")
        self.ended_ms = self.network.time.now_ms()
        if self._limit:
            self._limit.cancel()
        self.hear(Heard("ended", self.status))
        url, method = self.status_callback
        if url:
            more = parameters.completed(self, sequence=self._callbacks)
            self._callbacks += 1
            self.notify(Request("callback", url, method, self.parameters(more), self.sid))
