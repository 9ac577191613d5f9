"""Transcripts of recordings: what was said in a message, a while after it was left.

in-progress -> completed, or failed (ordered with ``faults.fail_transcription``). Only of a recording that is neither
too short nor too long, and of none that turns out to be absent. Source: twilio.com/docs/voice/twiml/record.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.simulator.delivery import Request
from ivr.simulator.recordings import PROCESSING_S

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.recordings import Recording

SHORTEST_S, LONGEST_S = 2, 120
TRANSCRIBING_S = 5.0


@dataclass(slots=True)
class Transcript:
    """The words of ``recording`` as they were understood; ``text`` is empty until it is completed."""

    recording: Recording
    created_ms: int
    status: str = "in-progress"
    text: str = ""
    sid: str = field(default_factory=lambda: f"TR{uuid.uuid4().hex}")

    @property
    def uri(self) -> str:
        """The resource's path, without extension."""
        return f"{self.recording.uri}/Transcriptions/{self.sid}"


async def write_down(call: Call, recording: Recording, url: str) -> None:
    """Transcribe ``recording``, which has stopped, and tell ``url`` if it is not empty."""
    if not SHORTEST_S < recording.duration_s < LONGEST_S:
        return
    network = call.network
    transcript = Transcript(recording, network.time.now_ms())
    recording.transcripts.append(transcript)
    await network.time.sleep(PROCESSING_S + TRANSCRIBING_S)
    if recording.status == "absent":
        recording.transcripts.remove(transcript)
        return
    has_failed = bool(network.faults.take(url.partition("#")[0], "transcription failed"))
    transcript.status = "failed" if has_failed else "completed"
    transcript.text = "" if has_failed else " ".join(recording.words)
    if url:
        _tell(call, transcript, url)


def _tell(call: Call, transcript: Transcript, url: str) -> None:
    about = (
        ("TranscriptionSid", transcript.sid),
        ("TranscriptionText", transcript.text),
        ("TranscriptionStatus", transcript.status),
        ("TranscriptionUrl", f"{call.network.base_url}{transcript.uri}"),
        ("RecordingSid", transcript.recording.sid),
        ("RecordingUrl", transcript.recording.url),
    )
    call.notify(Request("callback", url, "POST", call.parameters(about), call.sid))
