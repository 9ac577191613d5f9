"""Who is at the far end of a number: people and machines that pick up, refuse, or let it ring.

``Simulator.people`` says which number leads to whom: ``people.put("+1202555*", Answers())``. A pattern is a shell
pattern over the number (or ``client:…``, ``sip:…``); what was put last wins; a number nobody put is not in service.
A ``Telephone`` that registers is at its own number until it is unregistered.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from ivr.simulator.handset import Telephone
from ivr.simulator.heard import Noise
from ivr.simulator.voice import FAX, HUMAN, Voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.simulator.call import Call

KEYS = re.compile(r"[0-9*#]+")


class Line(Protocol):
    """What a number leads to."""

    async def ring(self, call: Call) -> str:
        """Ring for ``call``: ``answered``, or the final status with which it is refused; may take for ever."""


class People:
    """Which number leads to whom."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, Line]] = []

    def put(self, pattern: str, line: Line) -> None:
        """From now on ``line`` is at the numbers that fit ``pattern``."""
        self._lines.append((pattern, line))

    def remove(self, line: Line) -> None:
        """Take ``line`` away from all its numbers."""
        self._lines = [(pattern, other) for pattern, other in self._lines if other is not line]

    def find(self, number: str, otherwise: Line | None = None) -> Line:
        """Who is at ``number``; where nobody was put ``otherwise``, or a number that is not in service."""
        put = (line for pattern, line in reversed(self._lines) if fnmatchcase(number, pattern))
        return next(put, otherwise or NotInService())


@dataclass(frozen=True, slots=True)
class Answers:
    """Somebody who picks up after ``after_s`` and gives one entry of ``script`` to each question.

    An entry of keys (``1``, ``12#``) is pressed, others are said. Hangs up ``stays_s`` after picking up; None never.
    """

    after_s: float = 3.0
    script: Sequence[str] = ()
    stays_s: float | None = None
    voice: Voice = HUMAN

    async def ring(self, call: Call) -> str:
        telephone = Telephone(call.network, call.to, voice=self.voice)
        call.network.spawn(self._hold(call, telephone))
        return await telephone.ring(call)

    async def _hold(self, call: Call, telephone: Telephone) -> None:
        await call.network.time.sleep(self.after_s)
        if not telephone.is_ringing:
            return
        await telephone.answer()
        if sound := self.voice.sound:
            call.take(Noise(sound))
        leaving = asyncio.create_task(self._leave(call, telephone))
        try:
            await self._follow_script(call, telephone)
            await leaving
        finally:
            leaving.cancel()

    async def _leave(self, call: Call, telephone: Telephone) -> None:
        if self.stays_s is not None:
            await call.network.time.sleep(self.stays_s)
            await telephone.hang_up()

    async def _follow_script(self, call: Call, telephone: Telephone) -> None:
        question = 0
        for entry in self.script:
            while not (call.is_asking and call.questions > question):
                if call.is_over:
                    return
                await telephone.news()
            question = call.questions
            await (telephone.press(entry) if KEYS.fullmatch(entry) else telephone.speak(entry))


@dataclass(frozen=True, slots=True)
class Voicemail:
    """A mailbox: picks up after ``after_s``, speaks a greeting of ``greeting_s``, beeps, records ``records_s``."""

    after_s: float = 20.0
    greeting_s: float = 8.0
    records_s: float = 120.0

    async def ring(self, call: Call) -> str:
        voice = Voice("machine", self.greeting_s)
        return await Answers(self.after_s, stays_s=self.greeting_s + self.records_s, voice=voice).ring(call)


@dataclass(frozen=True, slots=True)
class Fax:
    """A fax machine: picks up after ``after_s`` and screeches for ``stays_s``."""

    after_s: float = 5.0
    stays_s: float = 40.0

    async def ring(self, call: Call) -> str:
        return await Answers(self.after_s, stays_s=self.stays_s, voice=FAX).ring(call)


@dataclass(frozen=True, slots=True)
class Declines:
    """Somebody who sees the call and refuses it after ``after_s``: no-answer."""

    after_s: float = 3.0

    async def ring(self, call: Call) -> str:
        call.ring()
        await call.network.time.sleep(self.after_s)
        return "no-answer"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """It rings, and nobody comes."""

    async def ring(self, call: Call) -> str:
        call.ring()
        await asyncio.Event().wait()
        return "no-answer"


@dataclass(frozen=True, slots=True)
class Busy:
    """The busy tone, after ``after_s``."""

    after_s: float = 1.0

    async def ring(self, call: Call) -> str:
        await call.network.time.sleep(self.after_s)
        return "busy"


@dataclass(frozen=True, slots=True)
class NotInService:
    """A dead number: failed, after ``after_s``."""

    after_s: float = 1.0

    async def ring(self, call: Call) -> str:
        await call.network.time.sleep(self.after_s)
        return "failed"


class Chance:
    """One of several, drawn for each call by weight: ``Chance(7, [(3, Answers()), (1, Busy())])``."""

    def __init__(self, seed: int, choices: Sequence[tuple[float, Line]]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a game of chance that can be repeated, not a secret
        self._choices = tuple(choices)

    async def ring(self, call: Call) -> str:
        weights = [weight for weight, _ in self._choices]
        ((_, line),) = self._random.choices(self._choices, weights)
        return await line.ring(call)
