"""What was heard when: clips laid on tracks, rendered only when somebody listens.

A clip is a stretch of time in which a source is heard: a sound from its beginning on, or another track (somebody who
is listened to) at its own time. Where clips overlap they are mixed; where there is none it is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.sound import mulaw

if TYPE_CHECKING:
    from ivr.simulator.sound.sounds import Sound, Source

NEVER_MS = 1 << 62
LONGEST_MS = 10_000
"""More than this is rendered in pieces, each of which looks only at the clips it needs."""


@dataclass(slots=True, eq=False)
class Clip:
    """From ``begin_ms`` to ``end_ms`` of the network's time; the source's own time began at ``origin_ms``."""

    begin_ms: int
    end_ms: int
    source: Source
    origin_ms: int = 0

    def cut(self, at_ms: int) -> None:
        """End it then, unless it has ended before."""
        self.end_ms = min(self.end_ms, at_ms)


class Track:
    """One direction of a line."""

    __slots__ = ("clips",)

    def __init__(self) -> None:
        self.clips: list[Clip] = []

    def lay(self, sound: Sound, at_ms: int, *, lasts_s: float | None = None) -> Clip:
        """Let ``sound`` be heard from ``at_ms`` on, until it ends or ``lasts_s`` are over."""
        seconds = sound.seconds if lasts_s is None else lasts_s
        end_ms = NEVER_MS if seconds == float("inf") else at_ms + round(seconds * 1000)
        return self._add(Clip(at_ms, end_ms, sound, at_ms))

    def overhear(self, other: Track, from_ms: int) -> Clip:
        """Let all be heard that is heard on ``other`` from then on, until the clip is cut."""
        return self._add(Clip(from_ms, NEVER_MS, other))

    def _add(self, clip: Clip) -> Clip:
        self.clips.append(clip)
        return clip

    def close(self, at_ms: int) -> None:
        """Nothing more is heard."""
        for clip in self.clips:
            clip.cut(at_ms)

    def read(self, begin_ms: int, end_ms: int) -> bytes:
        """The samples from ``begin_ms`` to ``end_ms``, exactly so many."""
        if end_ms - begin_ms > LONGEST_MS:
            begins = range(begin_ms, end_ms, LONGEST_MS)
            return b"".join(self.read(begin, min(begin + LONGEST_MS, end_ms)) for begin in begins)
        parts = [part for clip in self.clips if (part := _read(clip, begin_ms, end_ms))]
        return mulaw.mix(parts) if parts else mulaw.silence(end_ms - begin_ms)

    def sounding(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
        """The first and last (exclusive) millisecond between the two in which something is heard; None for silence."""
        found = [edges for clip in self.clips if (edges := _sounding(clip, begin_ms, end_ms))]
        return (min(first for first, _ in found), max(last for _, last in found)) if found else None


def _read(clip: Clip, begin_ms: int, end_ms: int) -> bytes:
    """What is heard of it, with silence before and behind; nothing if it is not heard at all."""
    first, last = max(begin_ms, clip.begin_ms), min(end_ms, clip.end_ms)
    if first >= last:
        return b""
    samples = clip.source.read(first - clip.origin_ms, last - clip.origin_ms)
    if first > begin_ms:
        samples = mulaw.silence(first - begin_ms) + samples
    return samples.ljust((end_ms - begin_ms) * mulaw.BYTES_PER_MS, mulaw.SILENCE)


def _sounding(clip: Clip, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
    first, last = max(begin_ms, clip.begin_ms), min(end_ms, clip.end_ms)
    if first >= last:
        return None
    edges = clip.source.sounding(first - clip.origin_ms, last - clip.origin_ms)
    return (edges[0] + clip.origin_ms, edges[1] + clip.origin_ms) if edges else None


class Tape:
    """One call's line: ``inbound`` is what the far end says, ``outbound`` what it hears."""

    __slots__ = ("inbound", "outbound")

    def __init__(self) -> None:
        self.inbound = Track()
        self.outbound = Track()

    def read(self, track: str, begin_ms: int, end_ms: int) -> bytes:
        """The samples of ``inbound`` or ``outbound`` between two moments of the network's time."""
        return (self.inbound if track == "inbound" else self.outbound).read(begin_ms, end_ms)

    def close(self, at_ms: int) -> None:
        """The call is over: whatever was being heard ends."""
        self.inbound.close(at_ms)
        self.outbound.close(at_ms)

    @property
    def quiet_from_ms(self) -> int:
        """When the far end has come to the end of what it is saying; a mouth says one thing at a time."""
        return self.inbound.clips[-1].end_ms if self.inbound.clips else 0
