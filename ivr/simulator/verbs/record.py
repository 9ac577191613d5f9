"""``<Record>``: record what the caller says, until silence, a key, the greatest length, or the end of the call.

The action is asked in each case: with the key, with nothing, or (unheeded, when the call has ended) with ``hangup``.
Source: twilio.com/docs/voice/twiml/record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.heard import Heard, Keys, Noise, Words
from ivr.simulator.recordings import EVENTS, Recording, record
from ivr.simulator.records import Callback
from ivr.simulator.sound import tones
from ivr.simulator.steps import Goto, HangUp
from ivr.simulator.transcripts import write_down

if TYPE_CHECKING:
    import asyncio

    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.heard import Input
    from ivr.simulator.steps import Step

BEEP_S = 0.5
LONGEST_S = 14_400
LONGEST_TRANSCRIBED_S = 120
LONGEST_OF_A_CLIENT_S = 600
TRIMS = ("trim-silence", "do-not-trim")


@dataclass(frozen=True, slots=True)
class Record:
    """``timeout_s`` 0 waits for ever; ``transcripts`` is where the words are told, empty for nowhere."""

    action: str
    method: str
    timeout_s: int
    max_length_s: int
    finish_on_key: str
    beeps: bool
    callback: Callback
    transcribes: bool
    transcripts: str
    trims: bool

    async def run(self, call: Call) -> Goto:
        call.answer()
        if self.beeps:
            await call.let_hear(Heard("play", "beep", seconds=BEEP_S), tones.beep(BEEP_S))
        recording = record(call, "RecordVerb", self.callback, track="inbound", trims=self.trims)
        with call.parting(lambda order: self._last(order, recording)):
            try:
                key = await self._listen(call, recording)
            finally:
                recording.stop()
                if self.transcribes:
                    call.network.spawn(write_down(call, recording, self.transcripts))
        return self._next(recording, key)

    async def _listen(self, call: Call, recording: Recording) -> str:
        """The key that ended it; empty for silence and the greatest length."""
        with call.ask() as ear:
            call.hear(Heard("listening", "recording", question=call.questions))
            return await call.within(self._longest_s(call), self._collect(call, ear, recording)) or ""

    def _longest_s(self, call: Call) -> int:
        """A browser's call has a limit of its own."""
        is_browser = call.direction == "inbound" and call.from_.startswith("client:")
        return min(self.max_length_s, LONGEST_OF_A_CLIENT_S) if is_browser else self.max_length_s

    async def _collect(self, call: Call, ear: asyncio.Queue[Input], recording: Recording) -> str:
        while True:
            heard = await call.within(self.timeout_s or None, ear.get())
            if isinstance(heard, Words):
                recording.words.append(heard.words)
            if isinstance(heard, Words | Noise):
                await call.speak_for(heard.seconds)
            elif not isinstance(heard, Keys):
                return ""
            elif heard.keys in self.finish_on_key:
                return heard.keys

    def _next(self, recording: Recording, digits: str) -> Goto:
        return Goto(self.action, self.method, (*recording.outcome(), ("Digits", digits)))

    def _last(self, order: Step, recording: Recording) -> Goto | None:
        return self._next(recording, "hangup") if isinstance(order, HangUp) else None


def read(element: Element) -> Record:
    """Raises DocumentError 11100 in inline TwiML without an action, 12200 for what else is wrong."""
    transcribes = element.flag("transcribe")
    verb = Record(
        action=element.url("action") or _same_document(element),
        method=element.method(),
        timeout_s=element.integer("timeout", 5),
        max_length_s=element.integer(
            "maxLength", LONGEST_TRANSCRIBED_S if transcribes else 3600, least=2, most=LONGEST_S
        ),
        finish_on_key=element.string("finishOnKey", "1234567890*#", fits=r"[0-9#*]*"),
        beeps=element.flag("playBeep", default=True),
        callback=read_callback(element),
        transcribes=transcribes,
        transcripts=element.url("transcribeCallback"),
        trims=read_trim(element, TRIMS[0]),
    )
    element.only()
    return verb


def read_callback(element: Element) -> Callback:
    """Where a verb's recording is told of."""
    events = element.string("recordingStatusCallbackEvent", "completed").split()
    if not set(events) <= set(EVENTS):
        raise element.error(12200, f"recordingStatusCallbackEvent must be among {', '.join(EVENTS)}")
    url, method = element.url("recordingStatusCallback"), element.method("recordingStatusCallbackMethod")
    return Callback(url, method, frozenset(events))


def read_trim(element: Element, default: str) -> bool:
    """Whether a verb's recording is to begin and end with something heard."""
    return element.choice("trim", default, TRIMS) == TRIMS[0]


def _same_document(element: Element) -> str:
    if not element.base:
        raise element.error(11100, "in inline TwiML needs an action")
    return element.base
