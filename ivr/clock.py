"""The one clock: made where the application is put together, passed to whatever asks for the time.

Three of them. The system's. A simulated one, which all processes and the simulator compute alike from ``IVR_CLOCK``
without speaking to each other: it agrees with the real time at an epoch and runs ``factor`` times as fast. A stepped
one, which stands still until a test moves it.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORM = re.compile(r"(?P<epoch>[0-9]{1,11}(?:\.[0-9]+)?)\+(?P<factor>[0-9]{1,6}(?:\.[0-9]+)?)")


class Clock(Protocol):
    """Tells the time, and nothing else."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 (UTC): the form Redis and its scripts get."""

    def now(self) -> datetime:
        """The same instant as an aware UTC datetime."""
        return UNIX_EPOCH + timedelta(milliseconds=self.now_ms())


class SystemClock(Clock):
    """The machine's time."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class SimulatedClock(Clock):
    """Agrees with the machine's time at ``epoch_s`` (Unix seconds); a real second is ``factor`` seconds here."""

    def __init__(self, epoch_s: float, factor: float) -> None:
        self.epoch_s = epoch_s
        self.factor = factor

    def now_ms(self) -> int:
        return int((self.epoch_s + (time.time() - self.epoch_s) * self.factor) * 1000)


class SteppedClock(Clock):
    """Stands at ``start`` (aware) until it is moved; for tests."""

    def __init__(self, start: datetime) -> None:
        self._now_ms = (start - UNIX_EPOCH) // timedelta(milliseconds=1)

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass. Raises ValueError for a negative number: time does not go back."""
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds:g} s")
        self._now_ms += round(seconds * 1000)


def parse_clock(text: str) -> Clock:
    """The clock that ``IVR_CLOCK`` names: empty for the system's, ``<epoch>+<factor>`` for a simulated one.

    ``1772445600+10`` agrees with real time at Unix second 1772445600 and runs ten times as fast.
    Raises ValueError saying the form.
    """
    if not text:
        return SystemClock()
    found = FORM.fullmatch(text)
    if not found or float(found["factor"]) == 0:
        raise ValueError("must be empty or <epoch>+<factor>, Unix seconds and a speed above 0, such as 1772445600+10")
    clock = SimulatedClock(float(found["epoch"]), float(found["factor"]))
    try:
        clock.now()
    except OverflowError:
        raise ValueError(f"{text} is beyond the calendar by now: take a later epoch or a lower factor") from None
    return clock
