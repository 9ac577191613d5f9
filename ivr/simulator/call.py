"""One leg: its status, who holds the telephone at the far end, and the task that executes its TwiML.

queued -> initiated -> ringing -> in-progress (``answer``) -> one final status (``finish``), set once; an incoming call
begins with ringing. What takes it away from what it is doing comes as an order: see ``orders``.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ivr.simulator import parameters
from ivr.simulator.cookies import Cookies
from ivr.simulator.delivery import Request
from ivr.simulator.ends import Nobody
from ivr.simulator.heard import Heard, Keys, Noise, Silence
from ivr.simulator.orders import Orders
from ivr.simulator.problems import Problem, Reported
from ivr.simulator.records import Callback
from ivr.simulator.sound import tones
from ivr.simulator.sound.speakers import Tones
from ivr.simulator.sound.tape import Tape
from ivr.simulator.steps import HangUp

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from contextlib import AbstractContextManager

    from ivr.simulator.delivery import Answer
    from ivr.simulator.ends import Ear, Place
    from ivr.simulator.heard import Input, Words
    from ivr.simulator.network import Simulator
    from ivr.simulator.recordings import Recording
    from ivr.simulator.sound.sounds import Sound
    from ivr.simulator.steps import Goto, Step
    from ivr.simulator.streams import Stream
    from ivr.simulator.transcriptions import Transcription

FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
LONGEST_CALL_S = 4 * 3600
"""The network ends a call after four hours."""

LASTING_MS = 100
"""Less than this is no time: on real time even what waits for nothing takes a moment."""

SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487, "failed": 404}

SILENT = Tones()

T = TypeVar("T")


class Call:
    """``pace`` is ``natural`` or ``instant``: whether speech and audio take their time on this call."""

    def __init__(
        self,
        network: Simulator,
        *,
        to: str,
        from_: str,
        direction: str,
        ear: Ear | None = None,
        parent: Call | None = None,
        fallback: tuple[str, str] = ("", "POST"),
        callback: Callback | None = None,
        pace: str = "natural",
    ) -> None:
        self.network = network
        self.sid = f"CA{uuid.uuid4().hex}"
        self.account_sid = network.account_sid
        self.to = to
        self.from_ = from_
        self.direction = direction
        self.parent = parent
        self.status = "ringing" if direction == "inbound" else "queued"
        self.is_instant = pace == "instant"
        self.cookies = Cookies()
        self.fallback = fallback
        self.callback = callback or Callback()
        self.created_ms = network.time.now_ms()
        self.queue_time_ms = 0
        self.answered_ms: int | None = None
        self.answered_by = ""
        self.ended_ms: int | None = None
        self.heard: list[Heard] = []
        self.tape = Tape()
        self.questions = 0
        self.has_lasted = False
        self.place: Place | None = None
        self.over = asyncio.Event()
        self.application_sid = ""
        self.custom: dict[str, str] = {}
        self.recordings: list[Recording] = []
        self.transcriptions: list[Transcription] = []
        self.streams: list[Stream] = []
        self.transfer: Callable[[str], None] | None = None
        self.ear: Ear = ear or Nobody()
        self._inputs: asyncio.Queue[Input] | None = None
        self._orders = Orders()
        self._farewells: list[Goto] = []
        self._callbacks = 0
        self._limit: asyncio.Future[None] | None = None

    @cached_property
    def identity(self) -> parameters.Parameters:
        """What each request about it says; made for the first one, kept with each of them."""
        return parameters.identity(self)

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
    def is_overheard(self) -> bool:
        """Whether a recording or a stream listens."""
        return any(one.is_running for one in self.recordings) or any(one.is_running for one in self.streams)

    @property
    def duration_s(self) -> int:
        """From answer to end; 0 for a call that was not answered or is not over."""
        if self.answered_ms is None or self.ended_ms is None:
            return 0
        return round((self.ended_ms - self.answered_ms) / 1000)

    @property
    def sip_code(self) -> int:
        """How the telephone world says what became of the call."""
        return SIP_CODES[self.status]

    @property
    def ordered(self) -> Step | None:
        """While a verb is being abandoned: the order it gives way to."""
        return self._orders.pending

    # What verbs do with a call.

    def ring(self, ear: Ear | None = None) -> None:
        """The far end rings, where ``ear`` hears it."""
        self.ear = ear or self.ear
        self.status = "ringing"
        self.hear(Heard("rings", self.from_))
        self.progress("ringing")

    def answer(self) -> None:
        """Pick up, if it has not been done."""
        if not self.is_answered:
            self.answered_ms = self.network.time.now_ms()
            self.status = "in-progress"
            self.hear(Heard("status", "in-progress"))
            self.progress("answered")

    def hear(self, heard: Heard) -> None:
        """Let the far end hear this."""
        lasts_s = 0.0 if self.is_instant and heard.kind in {"say", "play"} else heard.seconds
        dated = replace(heard, seconds=lasts_s, at_ms=self.network.time.now_ms())
        self.heard.append(dated)
        self.network.history.touch(self.sid)
        for transcription in self.transcriptions:
            transcription.notice_heard(dated)
        self.ear.hear(dated)

    async def spend(self, seconds: float) -> None:
        self.has_lasted = True
        await self.network.time.sleep(seconds)

    async def speak_for(self, seconds: float) -> None:
        """Let speech or audio last; on an instant call it takes no time."""
        if self.is_instant:
            await asyncio.sleep(0)
        else:
            await self.spend(seconds)

    async def sound_of(self, text: str, language: str) -> Sound:
        """What ``text`` sounds like said; nobody listens to what takes no time, so tones will do on an instant call."""
        return await (SILENT if self.is_instant else self.network).say(text, language)

    async def let_hear(self, heard: Heard, sound: Sound) -> None:
        """Let the far end hear ``sound`` to its end."""
        self.hear(heard)
        with self.playing(sound):
            await self.speak_for(sound.seconds)

    @contextmanager
    def playing(self, sound: Sound) -> Iterator[None]:
        """Until it is left ``sound`` is heard at the far end: what interrupts it ends it on the tape, too."""
        clip = self.tape.outbound.lay(sound, self.network.time.now_ms())
        try:
            yield
        finally:
            clip.cut(self.network.time.now_ms())

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
        began_ms = self.network.time.now_ms()
        try:
            return await (work if seconds is None else self._race(work, seconds))
        finally:
            self.has_lasted = self.has_lasted or self.network.time.now_ms() - began_ms >= LASTING_MS

    async def _race(self, work: Coroutine[Any, Any, T], seconds: float) -> T | None:
        task, alarm = asyncio.create_task(work), self.network.time.alarm(seconds)
        ends: set[asyncio.Future[Any]] = {task, alarm}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            alarm.cancel()

    async def request(self, request: Request) -> Answer:
        return await self.network.courier.deliver(request, self.cookies)

    def parameters(self, more: parameters.Parameters = ()) -> parameters.Parameters:
        return (*parameters.standard(self), *more)

    def notify(self, request: Request) -> None:
        """Post a callback beside the call; its answer changes nothing."""
        self.network.notify(request)

    def progress(self, event: str) -> None:
        """Tell who asked for it: ``initiated``, ``ringing``, ``answered`` or ``completed``."""
        url, method = self.callback.url, self.callback.method
        if url and event in self.callback.events:
            more = parameters.progress(self, sequence=self._callbacks)
            self._callbacks += 1
            self.notify(Request("callback", url, method, self.parameters(more), self.sid))

    def parting(self, last: Callable[[Step], Goto | None]) -> AbstractContextManager[None]:
        """An order that takes the call away still sends what ``last`` makes of it; the answer is not executed.

        When the order ends the call, not before it has ended.
        """
        return self._orders.parting(last)

    def report(self, problem: Problem) -> None:
        self.network.errors.append(Reported(self.sid, problem.code, problem.url, problem.message))

    # What happens to it from outside.

    def take(self, given: Input) -> None:
        """The far end presses or says something: to who asks, to those it is connected with, or to nobody."""
        for transcription in self.transcriptions:
            transcription.notice_given(given)
        if not (self.is_instant or isinstance(given, Silence)):
            self._utter(given)
        for stream in self.streams:
            stream.notice(given)
        if self._inputs is not None:
            self.has_lasted = True
            for one in [Keys(key) for key in given.keys] if isinstance(given, Keys) else [given]:
                self._inputs.put_nowait(one)
        elif self.place is not None:
            self.place.carry(self, given)

    def _utter(self, given: Keys | Words | Noise) -> None:
        """Lay it on the tape, behind what the far end is saying still."""
        if isinstance(given, Noise):
            sound = given.sound
        elif isinstance(given, Keys):
            sound = tones.keypad(given.keys)
        else:
            sound = given.sound or tones.melody(given.words, given.seconds)
        self.tape.inbound.lay(sound, max(self.network.time.now_ms(), self.tape.quiet_from_ms))

    def order(self, step: Step) -> None:
        """Abandon the present verb and take ``step``."""
        self._orders.give(step)

    async def unless_ordered(self, work: Coroutine[Any, Any, Step]) -> Step:
        """The step ``work`` leads to, or the one that was ordered meanwhile."""
        step, farewells = await self._orders.unless_given(work)
        if isinstance(step, HangUp):
            self._farewells += farewells
        else:
            for goto in farewells:
                self.network.spawn(self._send(goto))
        return step

    async def _send(self, goto: Goto) -> None:
        try:
            await self.request(Request("twiml", goto.url, goto.method, self.parameters(goto.parameters), self.sid))
        except Problem as problem:
            self.report(problem)

    def limit_to(self, seconds: int) -> None:
        """End the call ``seconds`` after it was answered (or began, if it is not), at the latest."""
        if self._limit:
            self._limit.cancel()
        began_ms = self.created_ms if self.answered_ms is None else self.answered_ms
        left_s = seconds - (self.network.time.now_ms() - began_ms) / 1000
        self._limit = self.network.time.alarm(max(left_s, 0.0))
        self._limit.add_done_callback(self._end_at_limit)

    def _end_at_limit(self, limit: asyncio.Future[None]) -> None:
        if not limit.cancelled():
            self.order(HangUp(by="network"))

    def finish(self, status: str | None = None) -> None:
        """Give the call its final status (see HangUp) and tell whoever asked; a second time changes nothing."""
        if self.is_over:
            return
        was_placed = self.status != "queued"
        self.status = status or ("completed" if self.is_answered else "no-answer")
        self.ended_ms = self.network.time.now_ms()
        self.tape.close(self.ended_ms)
        if self._limit:
            self._limit.cancel()
        for recording in self.recordings:
            recording.stop()
        for transcription in self.transcriptions:
            transcription.stop()
        for stream in self.streams:
            stream.stop()
        self.hear(Heard("ended", self.status))
        if was_placed:
            self.progress("completed")
        for goto in self._farewells:
            self.network.spawn(self._send(goto))
        self.over.set()
