"""Legs of a Dial: ring one or several, screen who answers, bridge the first who comes through.

A leg is a call of its own with the dialling call as parent. Everything that becomes of it arrives as news at the
attempt, which lives as long as the Dial and ends every leg it began, but for one that REST has sent on its own way.
Source: twilio.com/docs/voice/twiml/dial; …/number; …/client; …/sip.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.simulator.aside import beginning, perform_aside
from ivr.simulator.bridge import Bridge
from ivr.simulator.call import Call
from ivr.simulator.outgoing import report_voice, ring, send_digits
from ivr.simulator.problems import Problem, Reported
from ivr.simulator.recordings import record
from ivr.simulator.records import Callback
from ivr.simulator.steps import Goto, HangUp
from ivr.simulator.voice import HUMAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.simulator.documents import Vocabulary
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.recordings import Recording
    from ivr.simulator.steps import Step
    from ivr.simulator.voice import Detection

NO_REFER_URL = 13802
RANKS = ("no-answer", "busy", "completed", "failed", "canceled")
"""What a Dial says of several legs none of which came through: the first of these that befell one."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ring: ``to`` is a number, ``client:…`` or ``sip:…``; ``url`` is executed on whoever answers."""

    to: str
    url: str = ""
    method: str = "POST"
    callback: Callback = field(default_factory=Callback)
    send_digits: str = ""
    detection: Detection | None = None
    custom: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """How a Dial rings and connects; ``records`` is how many channels are recorded of it, 0 for no recording.

    ``refer_url`` is where the calling side goes when the SIP telephone it talks with transfers it.
    """

    timeout_s: int = 30
    time_limit_s: int = 14_400
    caller_id: str = ""
    answers_on_bridge: bool = False
    hangs_up_on_star: bool = False
    is_sequential: bool = False
    records: int = 0
    recording: Callback = field(default_factory=Callback)
    track: str = "both"
    trims: bool = False
    refer_url: str = ""
    refer_method: str = "POST"


class Leg:
    """One party being rung; ``outcome`` is what the Dial would say of it."""

    def __init__(
        self, parent: Call, target: Target, terms: Terms, news: asyncio.Queue[Leg], screen: Vocabulary
    ) -> None:
        from_ = terms.caller_id or parent.from_
        self.call = Call(
            parent.network,
            to=target.to,
            from_=from_,
            direction="outbound-dial",
            parent=parent,
            callback=target.callback,
            pace="instant" if parent.is_instant else "natural",
        )
        self.call.custom = dict(target.custom)
        self.outcome = "canceled"
        self.is_through = False
        self.gone = asyncio.Event()
        self._target = target
        self._timeout_s = terms.timeout_s
        self._news = news
        self._screen = screen

    async def begin(self, call: Call) -> Step:
        """The whole life of the leg, as long as nobody sends it elsewhere."""
        try:
            step = await self._come_through(call)
            if step is None:
                self.is_through = True
                self._news.put_nowait(self)
                await asyncio.Event().wait()
            return step or HangUp()
        finally:
            self.gone.set()
            self._news.put_nowait(self)

    async def _come_through(self, call: Call) -> HangUp | None:
        """None when the party answered and passed the screening."""
        status = await ring(call, self._timeout_s)
        if status != "answered":
            self.outcome = status
            return HangUp(status, by="network")
        call.answer()
        self.outcome = call.network.screened_out
        self._detect(call)
        await send_digits(call, self._target.send_digits)
        if not self._target.url:
            return None
        try:
            step = await perform_aside(call, self._screen, beginning(self._target.url, self._target.method))
        except Problem as problem:
            call.report(problem)
            return HangUp(by="network")
        return HangUp() if step is not None else None

    def _detect(self, call: Call) -> None:
        if self._target.detection is not None:
            answered_by, seconds = self._target.detection.judge(getattr(call.ear, "voice", HUMAN))
            call.network.spawn(report_voice(call, self._target.detection, answered_by, seconds))

    def drop(self) -> None:
        """End the leg, unless it has ended or gone its own way."""
        if not self.gone.is_set():
            self.call.order(HangUp(None if self.call.is_answered else "canceled", by="network"))


class Attempt:
    """One Dial under way: the legs it has begun, and the bridge if there is one."""

    def __init__(self, call: Call, targets: tuple[Target, ...], terms: Terms, screen: Vocabulary) -> None:
        self._call = call
        self._targets = targets
        self._terms = terms
        self._screen = screen
        self._news: asyncio.Queue[Leg] = asyncio.Queue()
        self._legs: list[Leg] = []
        self._winner: Leg | None = None
        self._bridge: Bridge | None = None
        self._recording: Recording | None = None

    async def run(self) -> None:
        """Ring, and if somebody comes through, stay connected until one of the two leaves."""
        groups = [(target,) for target in self._targets] if self._terms.is_sequential else [self._targets]
        for group in groups:
            self._winner = await self._ring(group)
            if self._winner is not None:
                await self._talk(self._winner)
                return

    async def _ring(self, targets: tuple[Target, ...]) -> Leg | None:
        """The leg that comes through first; the others are canceled."""
        waiting = set[Leg]()
        for target in targets:
            leg = Leg(self._call, target, self._terms, self._news, self._screen)
            self._legs.append(leg)
            waiting.add(leg)
            self._call.network.launch(leg.call, leg.begin)
        while waiting:
            leg = await self._news.get()
            waiting.discard(leg)
            if leg.is_through and not leg.gone.is_set():
                for other in waiting:
                    other.drop()
                return leg
        return None

    async def _talk(self, leg: Leg) -> None:
        self._call.answer()
        self._bridge = bridge = Bridge(self._call, leg.call, ends_on_star=self._terms.hangs_up_on_star)
        if self._terms.records:
            terms = self._terms
            self._recording = record(
                self._call, "DialVerb", terms.recording, channels=terms.records, track=terms.track, trims=terms.trims
            )
        if leg.call.to.startswith("sip"):
            leg.call.transfer = self._transfer
        ends = [asyncio.create_task(event.wait()) for event in (leg.gone, bridge.over)]
        try:
            await self._call.within(self._terms.time_limit_s, _first(ends))
        finally:
            for end in ends:
                end.cancel()

    def _transfer(self, target: str) -> None:
        """The party asks us to connect the other side with ``target``: the application decides."""
        if not self._terms.refer_url:
            problem = Reported(self._call.sid, NO_REFER_URL, "", f"<Dial> has no referUrl for a transfer to {target}")
            self._call.network.errors.append(problem)
            return
        told = (("ReferTransferTarget", target),)
        self._call.order(Goto(self._terms.refer_url, self._terms.refer_method, told))

    def end(self) -> None:
        """Part what is joined, and end every leg."""
        if self._bridge is not None:
            self._bridge.part()
        if self._recording is not None:
            self._recording.stop()
        for leg in self._legs:
            leg.call.transfer = None
            leg.drop()

    def result(self) -> Parameters:
        """What the Dial's action is told; meant for after ``end``."""
        last = self._winner or (self._legs[-1] if self._legs else None)
        about = (("DialCallSid", last.call.sid),) if last else ()
        lasted = (("DialCallDuration", str(self._bridge.seconds)),) if self._bridge else ()
        bridged = ("DialBridged", "true" if self._bridge else "false")
        recorded = self._recording.outcome() if self._recording else ()
        return (("DialCallStatus", self._status()), *about, *lasted, bridged, *recorded)

    def _status(self) -> str:
        if self._bridge is not None:
            return "completed"
        outcomes = {leg.outcome for leg in self._legs}
        return next((status for status in RANKS if status in outcomes), "failed")


async def _first(tasks: Sequence[asyncio.Task[bool]]) -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
