"""What reaches the ear of whoever holds the telephone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.simulator.sound.sounds import Sound

CHARACTERS_PER_SECOND = 15
"""About 160 English words a minute, the speed of an unhurried voice."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard or noticed, at the moment it begins.

    ``kind`` and what ``text`` then is:
    ``say`` the words · ``play`` the audio's URL or the tones · ``pause`` nothing · ``listening`` ``dtmf``, ``speech``,
    ``dtmf speech`` or ``recording``: the prompts are over and the line waits · ``status`` ``ringing`` or
    ``in-progress`` · ``rings`` who calls this telephone · ``connected`` with whom, or which conference · ``voice`` and
    ``tones`` what somebody this call is connected with says and presses · ``audio`` sound without words, from a stream
    or from somebody else · ``ended`` the final status, or ``not-in-service``.
    ``seconds`` is how long it will last if nothing interrupts it; ``question`` counts the gathers of a call from 1.
    """

    kind: str
    text: str = ""
    language: str = ""
    voice: str = ""
    seconds: float = 0.0
    question: int = 0
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys pressed, one tone after the other."""

    keys: str


@dataclass(frozen=True, slots=True)
class Words:
    """Something said, how sure a recogniser would be of it (0 to 1), and what it sounds like if that is known."""

    words: str
    confidence: float = 0.9
    sound: Sound | None = None

    @property
    def seconds(self) -> float:
        """How long it takes to say."""
        return len(self.words) / CHARACTERS_PER_SECOND if self.sound is None else self.sound.seconds


@dataclass(frozen=True, slots=True)
class Noise:
    """Something heard that is neither words nor keys."""

    sound: Sound

    @property
    def seconds(self) -> float:
        return self.sound.seconds


@dataclass(frozen=True, slots=True)
class Silence:
    """Whoever holds the telephone will say and press nothing more to this question: no need to wait for it."""

    question: int


Input = Keys | Words | Noise | Silence
