"""Recordings: what was heard on a line, from a moment to another, as a WAV file of one channel or two.

in-progress (and paused) -> processing -> completed, a moment after it stops: until then there is nothing to fetch. A
recording stops with its call or conference at the latest. The first of two channels is what the far end says, in a
Dial the caller; the second what it hears. Source: twilio.com/docs/voice/api/recording.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.simulator.delivery import Request
from ivr.simulator.parameters import rfc_2822
from ivr.simulator.sound.files import write_wav
from ivr.simulator.sound.reel import Reel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.simulator.call import Call
    from ivr.simulator.network import Simulator
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.records import Callback
    from ivr.simulator.sound.tape import Track
    from ivr.simulator.transcripts import Transcript

PROCESSING_S = 2.0
"""From the end of a recording until it can be fetched."""

EVENTS = ("in-progress", "completed", "absent")
SHORTEST_S = 1
TOO_SHORT, SILENT = 16101, 16102


@dataclass(slots=True, eq=False)
class Recording:
    """``callback.events`` are among ``in-progress``, ``completed`` and ``absent``; ``words`` is what was said."""

    network: Simulator
    call_sid: str
    source: str
    callback: Callback
    started_ms: int
    reel: Reel
    trims: bool = False
    channels: int = 1
    conference_sid: str = ""
    track: str = "both"
    name: str = ""
    sid: str = field(default_factory=lambda: f"RE{uuid.uuid4().hex}")
    status: str = "in-progress"
    error_code: int | None = None
    words: list[str] = field(default_factory=list)
    transcripts: list[Transcript] = field(default_factory=list)

    @property
    def duration_s(self) -> int:
        """How long what is recorded lasts; 0 until it stops."""
        return 0 if self.is_running else round(self.reel.lasts_ms / 1000)

    @property
    def is_running(self) -> bool:
        return self.status in {"in-progress", "paused"}

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it by itself."""
        return self.status in {"completed", "absent", "deleted"}

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
        self.reel.turn("off" if skips else "silent", self.network.time.now_ms())

    def resume(self) -> None:
        self.status = "in-progress"
        self.reel.turn("on", self.network.time.now_ms())

    def stop(self) -> None:
        """End it; a second time changes nothing."""
        if self.is_running:
            self.reel.turn("off", self.network.time.now_ms())
            if self.trims:
                self.reel.trim()
            self.status = "processing"
            self.network.spawn(self._process())

    async def _process(self) -> None:
        await self.network.time.sleep(PROCESSING_S)
        self.error_code = self._absence()
        self.status = "absent" if self.error_code else "completed"
        self.tell()

    def _absence(self) -> int | None:
        """Why nothing is kept; None when something is."""
        if self.duration_s < SHORTEST_S:
            return TOO_SHORT
        return SILENT if self.network.deletes_silent_recordings and self.reel.is_silent else None

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
            *((("ErrorCode", str(self.error_code)),) if self.error_code else ()),
        )
        self.network.notify(Request("callback", self.callback.url, self.callback.method, about, self.call_sid))

    def wav(self, channels: int) -> bytes:
        """The audio as a WAV file of one or two channels (8 kHz, 16 bits); a long one takes a moment."""
        return write_wav(self.reel.read(channels))

    def outcome(self) -> Parameters:
        """What an action is told of it."""
        return (
            ("RecordingUrl", self.url),
            ("RecordingSid", self.sid),
            ("RecordingDuration", str(self.duration_s)),
        )


def record(
    call: Call,
    source: str,
    callback: Callback,
    *,
    channels: int = 1,
    track: str = "both",
    trims: bool = False,
    room: tuple[str, Track] | None = None,
) -> Recording:
    """Begin to record ``call``; it stops when the call ends, if not before.

    ``track`` is what the far end says (``inbound``), what it hears (``outbound``), or ``both``. A ``room`` is recorded
    in place of the call: a conference's sid and what is said in it.
    """
    network, now_ms = call.network, call.network.time.now_ms()
    conference_sid, said = room or ("", call.tape.inbound)
    first = said if track != "outbound" else None
    second = call.tape.outbound if track != "inbound" and not conference_sid else None
    recording = Recording(
        network,
        call.sid,
        source,
        callback,
        now_ms,
        Reel(first, second, now_ms),
        trims=trims,
        channels=channels,
        conference_sid=conference_sid,
        track=track,
    )
    network.recordings[recording.sid] = recording
    if not conference_sid:
        call.recordings.append(recording)
    recording.tell()
    return recording


def running(recordings: Sequence[Recording]) -> list[Recording]:
    return [one for one in recordings if one.is_running]
