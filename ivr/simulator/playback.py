"""What an application plays into a call over a stream: a buffer that is heard as fast as people hear, with marks in it.

Source: twilio.com/docs/voice/media-streams/websocket-messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.sound import mulaw
from ivr.simulator.sound.sounds import Samples

if TYPE_CHECKING:
    from ivr.simulator.sound.tape import Clip, Track

GAP_MS = 500
"""Sound that follows sooner belongs to what was heard before: an application sends frame by frame."""


class Playback:
    """Lays what it is given on ``track``, each piece behind the one before it."""

    def __init__(self, track: Track) -> None:
        self._track = track
        self._clip: Clip | None = None
        self._samples = bytearray()
        self._marks: list[tuple[int, str]] = []
        self._is_news = False

    @property
    def ends_ms(self) -> int:
        """When the buffer is empty, or became so; 0 if nothing was ever in it."""
        return self._clip.end_ms if self._clip else 0

    def play(self, samples: bytes, now_ms: int) -> None:
        """Behind what is buffered, or now."""
        if self._clip is None or now_ms - self.ends_ms > GAP_MS:
            self._samples = bytearray()
            self._clip = self._track.lay(Samples(self._samples), now_ms)
            self._is_news = True
        elif now_ms > self.ends_ms:
            self._samples += mulaw.silence(now_ms - self._clip.begin_ms)[len(self._samples) :]
        self._samples += samples
        self._clip.end_ms = self._clip.begin_ms + -(-len(self._samples) // mulaw.BYTES_PER_MS)

    def mark(self, name: str, now_ms: int) -> None:
        """To come back when all that is buffered has been heard, at once if that is nothing."""
        self._marks.append((max(self.ends_ms, now_ms), name))

    def clear(self, now_ms: int) -> None:
        """Nothing of what is buffered is heard; the marks come back now."""
        if self._clip is not None and self.ends_ms > now_ms:
            self._clip.cut(now_ms)
            del self._samples[(now_ms - self._clip.begin_ms) * mulaw.BYTES_PER_MS :]
        self._marks = [(now_ms, name) for _, name in self._marks]

    def due(self, now_ms: int) -> list[str]:
        """The marks that come back now, each once."""
        due = [name for at_ms, name in self._marks if at_ms <= now_ms]
        self._marks = [(at_ms, name) for at_ms, name in self._marks if at_ms > now_ms]
        return due

    def is_due(self, now_ms: int) -> bool:
        """Whether a mark is to come back now."""
        return any(at_ms <= now_ms for at_ms, _ in self._marks)

    def news(self, now_ms: int) -> float:
        """The seconds that are left of what has begun to be heard since this was asked last; 0 for nothing new."""
        if not self._is_news:
            return 0.0
        self._is_news = False
        return max(0, self.ends_ms - now_ms) / 1000
