"""Recordings: how long something was recorded, what was said in it, and a silent WAV of that length.

in-progress (and paused) -> processing -> completed, a moment after it stops: until then there is nothing to fetch. A
recording stops with its call or conference at the latest. Source: twilio.com/docs/voice/api/recording.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.simulator.delivery import Request
from ivr.simulator.parameters import rfc_2822

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.simulator.call import Call
    from ivr.simulator.network import Simulator
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.records import Callback

PROCESSING_S = 2.0
"""From the end of a recording until it can be fetched."""

SAMPLE_RATE_HZ = 8000
SAMPLE_BYTES = 2
EVENTS = ("in-progress", "completed", "absent")


@dataclass(slots=True, eq=False)
class Recording:
    """``callback.events`` are among ``in-progress``, ``completed`` and ``absent``; ``words`` is what was said."""

    network: Simulator
    call_sid: str
    source: str
    callback: Callback
    started_ms: int
    channels: int = 1
    conference_sid: str = ""
    track: str = "both"
    sid: str = field(default_factory=lambda: f"RE{uuid.uuid4().hex}")
    status: str = "in-progress"
    words: list[str] = field(default_factory=list)
    duration_s: int = 0
    _skipped_ms: int = 0
    _paused_ms: int | None = None

    @property
    def is_running(self) -> bool:
        return self.status in {"in-progress", "paused"}

    @property
    def uri(self) -> str:
        """The resource's path, without extension."""
        return f"/2010-04-01/Accounts/{self.network.account_sid}/Recordings/{self.sid}"

    @property
    def url(self) -> str:
        """Where the audio is, once the recording is completed."""
        return f"{self.network.base_url}{self.uri}"

    def pause(self, *, skips: bool) -> None:
        """Record silence from now on, or nothing at all if ``skips``."""
        self.status = "paused"
        if skips and self._paused_ms is None:
            self._paused_ms = self.network.time.now_ms()

    def resume(self) -> None:
        self.status = "in-progress"
        if self._paused_ms is not None:
            self._skipped_ms += self.network.time.now_ms() - self._paused_ms
            self._paused_ms = None

    def stop(self) -> None:
        """End it; a second time changes nothing."""
        if self.is_running:
            self.resume()
            lasted_ms = self.network.time.now_ms() - self.started_ms - self._skipped_ms
            self.duration_s = round(lasted_ms / 1000)
            self.status = "processing"
            self.network.spawn(self._process())

    async def _process(self) -> None:
        await self.network.time.sleep(PROCESSING_S)
        self.status = "completed"
        self.tell()

    def tell(self) -> None:
        """Post the present status if it was asked for; such a callback has no From and To."""
        if not self.callback.url or self.status not in self.callback.events:
            return
        about = (
            ("AccountSid", self.network.account_sid),
            *((("ConferenceSid", self.conference_sid),) if self.conference_sid else (("CallSid", self.call_sid),)),
            ("RecordingSid", self.sid),
            ("RecordingUrl", self.url),
            ("RecordingStatus", self.status),
            *((("RecordingDuration", str(self.duration_s)),) if self.status == "completed" else ()),
            ("RecordingChannels", str(self.channels)),
            ("RecordingStartTime", rfc_2822(self.started_ms)),
            ("RecordingSource", self.source),
            ("RecordingTrack", self.track),
        )
        self.network.notify(Request("callback", self.callback.url, self.callback.method, about, self.call_sid))

    def outcome(self) -> Parameters:
        """What an action is told of it."""
        return (
            ("RecordingUrl", self.url),
            ("RecordingSid", self.sid),
            ("RecordingDuration", str(self.duration_s)),
        )


def record(
    call: Call, source: str, callback: Callback, *, channels: int = 1, track: str = "both", conference_sid: str = ""
) -> Recording:
    """Begin to record ``call`` (or the conference); it stops when the call ends, if not before."""
    network = call.network
    recording = Recording(network, call.sid, source, callback, network.time.now_ms(), channels, conference_sid, track)
    network.recordings[recording.sid] = recording
    if not conference_sid:
        call.recordings.append(recording)
    recording.tell()
    return recording


def running(recordings: Sequence[Recording]) -> list[Recording]:
    return [one for one in recordings if one.is_running]


def silence(seconds: int, channels: int) -> bytes:
    """A WAV file (8 kHz, 16 bits) in which nothing is heard for ``seconds``."""
    frame = SAMPLE_BYTES * channels
    size = seconds * SAMPLE_RATE_HZ * frame
    form = struct.pack("<HHIIHH", 1, channels, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * frame, frame, 8 * SAMPLE_BYTES)
    head = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    return head + b"data" + struct.pack("<I", size) + bytes(size)
