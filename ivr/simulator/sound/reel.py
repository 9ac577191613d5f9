"""Which stretches of a line a recording consists of, and their samples.

The first channel is what the far end says, the second what it hears. What is paused is silent or left out; trimming
takes away the silence before and behind what is heard, but leaves a recording in which nothing is heard as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ivr.simulator.sound import mulaw

if TYPE_CHECKING:
    from ivr.simulator.sound.tape import Track


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``begin_ms`` to ``end_ms`` of the network's time."""

    begin_ms: int
    end_ms: int
    is_silent: bool = False

    def within(self, begin_ms: int, end_ms: int) -> Stretch:
        return replace(self, begin_ms=max(self.begin_ms, begin_ms), end_ms=min(self.end_ms, end_ms))


class Reel:
    """Runs from ``at_ms``; a track that is None is not recorded."""

    def __init__(self, first: Track | None, second: Track | None, at_ms: int) -> None:
        self._tracks = (first, second)
        self._stretches: list[Stretch] = []
        self._since_ms = at_ms
        self._mode = "on"

    @property
    def lasts_ms(self) -> int:
        """Without what has not come to its end."""
        return sum(stretch.end_ms - stretch.begin_ms for stretch in self._stretches)

    def turn(self, mode: str, at_ms: int) -> None:
        """From ``at_ms`` on be ``on``, ``silent``, or ``off``."""
        if self._mode != "off" and at_ms > self._since_ms:
            self._stretches.append(Stretch(self._since_ms, at_ms, is_silent=self._mode == "silent"))
        self._mode, self._since_ms = mode, at_ms

    @property
    def is_silent(self) -> bool:
        """Whether nothing is heard in it."""
        return not self._sounds()

    def _sounds(self) -> list[tuple[int, int]]:
        """From when to when something is heard, on each track of each stretch."""
        return [
            edges
            for stretch in self._stretches
            if not stretch.is_silent
            for track in self._tracks
            if track and (edges := track.sounding(stretch.begin_ms, stretch.end_ms))
        ]

    def trim(self) -> None:
        """Take the silence away before the first and behind the last sound, if there is one."""
        heard = self._sounds()
        if heard:
            first, last = min(begin for begin, _ in heard), max(end for _, end in heard)
            trimmed = [stretch.within(first, last) for stretch in self._stretches]
            self._stretches = [stretch for stretch in trimmed if stretch.begin_ms < stretch.end_ms]

    def read(self, channels: int) -> list[bytes]:
        """The samples of both channels, or of the two mixed."""
        both = [self._channel(track) for track in self._tracks]
        return both if channels == 2 else [mulaw.mix(both)]

    def _channel(self, track: Track | None) -> bytes:
        return b"".join(
            mulaw.silence(one.end_ms - one.begin_ms)
            if one.is_silent or track is None
            else track.read(one.begin_ms, one.end_ms)
            for one in self._stretches
        )
