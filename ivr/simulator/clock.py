"""The time of the telephone network, given from outside: real (perhaps quickened) or stepped by a test.

All that lasts on the line (speech, audio, pauses, waiting for a key) lasts on this time. Connections to the
application are real sockets and their limits run on real time; they are announced with ``working`` so that a test
that steps time can let them finish first.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

QUIET_TURNS = 3
"""Turns of the event loop in a row that had nothing to do, after which nothing more happens by itself: what one task
wrote to a socket of this process, another reads a turn later."""

BLIND_TURNS = 30
"""The same for a loop that does not show what it has to do: the longest chain of awaits is about a third of this."""

MOST_TURNS = 10_000
"""Whoever is busy for so long without time passing or a request under way goes round in circles: time goes on."""

EPOCH_MS = 1_767_225_600_000
"""Where stepped time begins: 2026-01-01 00:00 UTC."""


class Time(Protocol):
    """What the simulator asks of a clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 (UTC)."""

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` of this time have passed."""

    def alarm(self, seconds: float) -> asyncio.Future[None]:
        """Done when ``seconds`` of this time have passed; to be cancelled by whoever needs it no more."""

    def working(self) -> AbstractContextManager[None]:
        """Held while something outside this time (a socket) is under way."""


class RealTime:
    """The system's time; with a ``factor`` of 10, ten seconds pass in one."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self._began_ms = time.time() * 1000
        self._began_s = time.monotonic()

    def now_ms(self) -> int:
        return round(self._began_ms + (time.monotonic() - self._began_s) * 1000 * self.factor)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.factor)

    def alarm(self, seconds: float) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        alarm = loop.create_future()
        timer = loop.call_later(seconds / self.factor, _ring, alarm)
        alarm.add_done_callback(lambda _: timer.cancel())
        return alarm

    @contextmanager
    def working(self) -> Iterator[None]:
        yield


class SteppedTime:
    """Time that stands still until ``advance`` is called."""

    def __init__(self, now_ms: int = EPOCH_MS) -> None:
        self._now_ms = now_ms
        self._order = itertools.count()
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._working = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def now_ms(self) -> int:
        return self._now_ms

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self.alarm(seconds)

    def alarm(self, seconds: float) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        alarm: asyncio.Future[None] = loop.create_future()
        if seconds <= 0:
            loop.call_soon(_ring, alarm)
        else:
            heapq.heappush(self._sleepers, (self._now_ms + round(seconds * 1000), next(self._order), alarm))
        return alarm

    @contextmanager
    def working(self) -> Iterator[None]:
        self._working += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._working -= 1
            if not self._working:
                self._idle.set()

    async def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass: sleepers wake in order, and each runs until idle before the next wakes."""
        target_ms = self._now_ms + round(seconds * 1000)
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= target_ms:
            due_ms, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self._now_ms = max(self._now_ms, due_ms)
                woken.set_result(None)
                await self.settle()
        self._now_ms = target_ms

    async def settle(self) -> None:
        """Return when no request is under way and nothing is left to do before time passes."""
        ready = getattr(asyncio.get_running_loop(), "_ready", None)  # asyncio has no public word for it
        enough = BLIND_TURNS if ready is None else QUIET_TURNS
        quiet = 0
        for _ in range(MOST_TURNS):
            if self._working:
                await self._idle.wait()
                quiet = 0
            await asyncio.sleep(0)
            quiet = 0 if ready else quiet + 1
            if quiet == enough and not self._working:
                return


def _ring(alarm: asyncio.Future[None]) -> None:
    if not alarm.done():
        alarm.set_result(None)
