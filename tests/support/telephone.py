"""A scripted caller for stories: dials, presses, says, and hears, on the simulator's own telephone.

Speech passes by itself: while something is said or played, a caller on stepped time lets it come to its end. Silence
does not: only ``stays_silent`` lets the time of a question run out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ivr.simulator import SteppedTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from ivr.simulator import Heard, Simulator

PATIENCE_S = 10.0
"""Real seconds a caller waits for the application to do something."""

LONGEST_SILENCE_S = 120
"""Seconds of the network's time after which even the most patient question is over."""


class Caller:
    """One person with a telephone; every failure shows the whole conversation."""

    def __init__(self, simulator: Simulator, number: str = "+12025550143") -> None:
        self.telephone = simulator.telephone(number)
        self.number = number
        self._time = simulator.time
        self._lines: list[str] = []
        self._noted = 0
        self._position = 0

    @property
    def conversation(self) -> str:
        """What was heard and done so far, a line each."""
        self._note_heard()
        return "\n".join(self._lines)

    @property
    def call_sid(self) -> str:
        """The present or last call's."""
        assert self.telephone.call is not None, "no call has been made"
        return self.telephone.call.sid

    @property
    def ending(self) -> str:
        """How the call ended; empty while it lasts."""
        heard = self.telephone.heard
        return heard[-1].text if heard and heard[-1].kind == "ended" else ""

    async def dials(self, to: str) -> None:
        """Ring ``to`` and wait until it answers or the call ends."""
        self._lines.append(f"-- dials {to}")
        self._noted = self._position = 0
        await self.telephone.dial(to)
        await self._wait(lambda: self._heard("status", "in-progress") or bool(self.ending), f"{to} to answer")

    async def presses(self, keys: str) -> None:
        """Press ``keys`` at the next question, whether or not its prompts are over."""
        await self._wait_for_question()
        self._do(f"presses {keys}")
        await self.telephone.press(keys)
        await self._settle()

    async def says(self, words: str, confidence: float = 0.9) -> None:
        """Say ``words`` at the next question, and let the silence after them pass."""
        question = await self._wait_for_question()
        self._do(f"says {words!r}")
        await self.telephone.speak(words, confidence)
        await self._let_pass(question)

    async def stays_silent(self) -> None:
        """Let the next question's time run out."""
        question = await self._wait_for_question()
        self._do("stays silent")
        await self._let_pass(question)

    async def hangs_up(self) -> None:
        self._do("hangs up")
        await self.telephone.hang_up()
        await self._wait(lambda: bool(self.ending), "the call to end")

    async def hears(self, text: str) -> None:
        """Wait until ``text`` is said, after what was heard before."""
        await self._wait(lambda: self._find(text), f"to hear {text!r}")

    async def hears_the_end(self) -> str:
        """Wait until the call is over; its final status."""
        await self._wait(lambda: bool(self.ending), "the call to end")
        return self.ending

    def _find(self, text: str) -> bool:
        heard = self.telephone.heard
        for position in range(self._position, len(heard)):
            if heard[position].kind == "say" and text in heard[position].text:
                self._position = position + 1
                return True
        return False

    def _heard(self, kind: str, text: str) -> bool:
        return any((heard.kind, heard.text) == (kind, text) for heard in self.telephone.heard)

    def _is_asked(self) -> bool:
        return self.telephone.call is not None and self.telephone.call.is_asking

    async def _wait_for_question(self) -> int:
        """The number of the question that is open now, or opens next."""
        await self._wait(self._is_asked, "a question")
        assert self.telephone.call is not None
        return self.telephone.call.questions

    async def _let_pass(self, question: int) -> None:
        """Let time pass until ``question`` is over."""
        call = self.telephone.call
        assert call is not None
        for _ in range(LONGEST_SILENCE_S * 2):
            await self._settle()
            if call.questions != question or not call.is_asking or call.is_over:
                return
            await (self._time.advance(0.5) if isinstance(self._time, SteppedTime) else self._time.sleep(0.5))
        self._fail("the question to be over")

    async def _wait(self, happened: Callable[[], bool], what: str) -> None:
        """Until it ``happened``; speech passes meanwhile, and the application has PATIENCE_S to act."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        await self._settle()
        while not happened():
            if self.ending or asyncio.get_running_loop().time() > deadline:
                self._fail(what)
            if isinstance(self._time, SteppedTime) and (left_s := self._speech_left_s()) > 0:
                await self._time.advance(left_s)
                deadline = asyncio.get_running_loop().time() + PATIENCE_S
            else:
                await self._news()
        self._note_heard()

    async def _news(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S / 50):
                await self.telephone.news()
        except TimeoutError:
            return

    def _speech_left_s(self) -> float:
        """How long what is heard now still lasts, in seconds of the network's time."""
        heard: Heard | None = self.telephone.heard[-1] if self.telephone.heard else None
        if heard is None or heard.kind not in {"say", "play", "pause"}:
            return 0.0
        return heard.at_ms / 1000 + heard.seconds - self._time.now_ms() / 1000

    async def _settle(self) -> None:
        if isinstance(self._time, SteppedTime):
            await self._time.settle()

    def _do(self, what: str) -> None:
        self._note_heard()
        self._lines.append(f"-- {what}")

    def _note_heard(self) -> None:
        new = self.telephone.heard[self._noted :]
        self._noted += len(new)
        self._lines += [f"   {heard.kind}: {heard.text}".rstrip(": ") for heard in new]

    def _fail(self, what: str) -> None:
        raise AssertionError(f"the caller waited in vain for {what}; the conversation:\n{self.conversation}")
