"""Calls the application makes: one a second leaves the account, rings at the far end, and begins when it is answered.

queued -> initiated -> ringing -> in-progress, or busy, no-answer, failed, canceled. Legs of a Dial ring in the same way
but are never queued. Source: twilio.com/docs/voice/api/call-resource; twilio.com/docs/voice/make-calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.simulator.delivery import Request
from ivr.simulator.heard import Heard
from ivr.simulator.ourselves import ourselves
from ivr.simulator.recordings import record
from ivr.simulator.records import Callback
from ivr.simulator.sound import tones
from ivr.simulator.steps import Goto, HangUp
from ivr.simulator.voice import HUMAN

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.clock import Time
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.steps import Step
    from ivr.simulator.voice import Detection

RING_BUFFER_S = 5
"""The vendor rings this much longer than asked."""


class Dispatch:
    """Lets ``per_second`` calls leave the account; 0 is without limit."""

    def __init__(self, time: Time, per_second: float) -> None:
        self._time = time
        self._gap_ms = 1000 / per_second if per_second else 0.0
        self._next_ms = 0.0

    def reserve(self) -> int:
        """Milliseconds the next call must wait for its turn."""
        now_ms = self._time.now_ms()
        turn_ms = max(float(now_ms), self._next_ms)
        self._next_ms = turn_ms + self._gap_ms
        return round(turn_ms - now_ms)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How a call is placed, and where it goes when it is answered; ``records`` is the channels recorded, 0 for none."""

    first: Step
    timeout_s: int = 60
    send_digits: str = ""
    time_limit_s: int = 0
    detection: Detection | None = None
    records: int = 0
    recording: Callback = field(default_factory=Callback)
    track: str = "both"
    trims: bool = True

    async def begin(self, call: Call) -> Step:
        await call.network.time.sleep(call.queue_time_ms / 1000)
        status = await ring(call, self.timeout_s)
        if status != "answered":
            return HangUp(status, by="network")
        call.answer()
        if self.time_limit_s:
            call.limit_to(self.time_limit_s)
        if self.records:
            record(call, "OutboundAPI", self.recording, channels=self.records, track=self.track, trims=self.trims)
        await send_digits(call, self.send_digits)
        return await self._detected(call)

    async def _detected(self, call: Call) -> Step:
        """The first step, once it is known who answered; at once if nobody wants to know it first."""
        if self.detection is None or self.send_digits:
            return self.first
        answered_by, seconds = self.detection.judge(getattr(call.ear, "voice", HUMAN))
        if self.detection.is_async:
            call.network.spawn(report_voice(call, self.detection, answered_by, seconds))
            return self.first
        await call.spend(seconds)
        call.answered_by = answered_by
        if not isinstance(self.first, Goto):
            return self.first
        return Goto(self.first.url, self.first.method, _verdict(answered_by, seconds))


def _verdict(answered_by: str, seconds: float) -> Parameters:
    return (("AnsweredBy", answered_by), ("MachineDetectionDuration", str(round(seconds * 1000))))


async def report_voice(call: Call, detection: Detection, answered_by: str, seconds: float) -> None:
    """Tell who asked for it beside the call; a call that ended before leaves it unknown."""
    await call.network.time.sleep(seconds)
    call.answered_by = "unknown" if call.is_over else answered_by
    about = (("AccountSid", call.account_sid), ("CallSid", call.sid), *_verdict(call.answered_by, seconds))
    if detection.url:
        call.notify(Request("callback", detection.url, detection.method, about, call.sid))


async def ring(call: Call, timeout_s: float) -> str:
    """Let the far end ring: ``answered``, or the final status the call then has."""
    call.status = "initiated"
    call.progress("initiated")
    line = call.network.people.find(call.to, ourselves(call.network, call.to))
    status = await call.within(timeout_s + RING_BUFFER_S, line.ring(call))
    return status or "no-answer"


async def send_digits(call: Call, digits: str) -> None:
    """Press ``digits`` at the far end; ``w`` waits half a second, ``W`` a whole one."""
    if digits:
        sound = tones.keypad(digits)
        call.hear(Heard("play", digits, seconds=sound.seconds))
        with call.playing(sound):
            await call.spend(sound.seconds)
