"""What picks up a call, and what the vendor's answering machine detection makes of it.

A person says hello and is quiet; a machine speaks a long greeting and beeps. Detection takes as long as it must listen.
Source: twilio.com/docs/voice/answering-machine-detection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.sound import tones
from ivr.simulator.sound.sounds import Made

if TYPE_CHECKING:
    from ivr.simulator.sound.sounds import Sound

GREETING = "You have reached the mailbox of somebody who cannot take your call"
BEEP_S = 0.5


@dataclass(frozen=True, slots=True)
class Voice:
    """``kind`` is ``human``, ``machine`` or ``fax``; a machine's greeting lasts ``greeting_s`` and ends in a beep."""

    kind: str
    greeting_s: float = 1.0

    @property
    def sound(self) -> Sound | None:
        """What it says when it picks up: a greeting and a beep, or the fax tone; a person waits to be asked."""
        if self.kind == "fax":
            return tones.fax(self.greeting_s)
        if self.kind != "machine":
            return None
        greeting, beep = tones.melody(GREETING, self.greeting_s), tones.beep(BEEP_S)
        lasts_ms = round(self.greeting_s * 1000)
        return Made(self.greeting_s + BEEP_S, lambda: greeting.read(0, lasts_ms) + beep.read(0, round(BEEP_S * 1000)))


HUMAN = Voice("human")
FAX = Voice("fax", 40.0)
FAX_S = 2.0
"""How soon a fax tone is known for what it is."""


@dataclass(frozen=True, slots=True)
class Detection:
    """How an outgoing call is to be listened to; ``is_async`` does not make the first document wait."""

    waits_for_end: bool
    timeout_s: float = 30.0
    speech_ms: int = 2400
    speech_end_ms: int = 1200
    is_async: bool = False
    url: str = ""
    method: str = "POST"

    def judge(self, voice: Voice) -> tuple[str, float]:
        """``AnsweredBy``, and the seconds it takes to know."""
        answered_by, seconds = self._heard(voice)
        return (answered_by, seconds) if seconds <= self.timeout_s else ("unknown", self.timeout_s)

    def _heard(self, voice: Voice) -> tuple[str, float]:
        if voice.kind == "fax":
            return "fax", FAX_S
        if voice.kind == "human" or voice.greeting_s < self.speech_ms / 1000:
            return "human", voice.greeting_s + self.speech_end_ms / 1000
        return (
            ("machine_end_beep", voice.greeting_s) if self.waits_for_end else ("machine_start", self.speech_ms / 1000)
        )
