"""Sounds that can be laid on a tape: known by their length at once, made into samples when somebody listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ivr.simulator.sound import mulaw

if TYPE_CHECKING:
    from collections.abc import Callable

ENDLESS_S = float("inf")


class Source(Protocol):
    """Where samples come from, by milliseconds of its own time."""

    def read(self, begin_ms: int, end_ms: int) -> bytes:
        """The samples from ``begin_ms`` to ``end_ms``; fewer where there are no more."""

    def sounding(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
        """The first and last (exclusive) millisecond between the two in which something is heard; None for silence."""


class Sound(Source, Protocol):
    """A source with a beginning at 0."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""


class Samples:
    """Samples that are there already."""

    __slots__ = ("__weakref__", "data")

    def __init__(self, data: bytes | bytearray) -> None:
        self.data = data

    @property
    def seconds(self) -> float:
        return len(self.data) / mulaw.RATE_HZ

    def read(self, begin_ms: int, end_ms: int) -> bytes:
        return bytes(self.data[begin_ms * mulaw.BYTES_PER_MS : end_ms * mulaw.BYTES_PER_MS])

    def sounding(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
        within = mulaw.edges(self.read(begin_ms, end_ms))
        return (begin_ms + within[0], begin_ms + within[1]) if within else None


class Silence:
    """So many seconds of nothing."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def read(self, begin_ms: int, end_ms: int) -> bytes:
        return mulaw.silence(end_ms - begin_ms)

    def sounding(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:  # noqa: ARG002 - nothing whenever
        return None


class Made:
    """A sound of ``seconds`` whose samples ``make`` makes the first time they are wanted.

    A ``is_solid`` one is known to be heard from its beginning to its end, without being made.
    """

    __slots__ = ("__weakref__", "_make", "_samples", "is_solid", "seconds")

    def __init__(self, seconds: float, make: Callable[[], bytes], *, is_solid: bool = True) -> None:
        self.seconds = seconds
        self.is_solid = is_solid
        self._make = make
        self._samples: Samples | None = None

    def read(self, begin_ms: int, end_ms: int) -> bytes:
        return self._made().read(begin_ms, end_ms)

    def sounding(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
        if not self.is_solid:
            return self._made().sounding(begin_ms, end_ms)
        last_ms = min(end_ms, round(self.seconds * 1000))
        return (begin_ms, last_ms) if begin_ms < last_ms else None

    def _made(self) -> Samples:
        if self._samples is None:
            self._samples = Samples(self._make())
        return self._samples


class Looped:
    """A sound that begins again at its end, for ever."""

    __slots__ = ("_sound",)

    seconds = ENDLESS_S

    def __init__(self, sound: Sound) -> None:
        self._sound = sound

    def read(self, begin_ms: int, end_ms: int) -> bytes:
        period_ms = round(self._sound.seconds * 1000)
        first = begin_ms // period_ms
        once = self._sound.read(0, period_ms)
        data = once * (-(-end_ms // period_ms) - first)
        return Samples(data).read(begin_ms - first * period_ms, end_ms - first * period_ms)

    def sounding(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
        return (begin_ms, end_ms) if end_ms > begin_ms else None
