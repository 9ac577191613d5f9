"""How long a piece of audio lasts: exactly for WAV, from its usual bit rate for the other kinds."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from ivr.simulator.problems import DocumentError

if TYPE_CHECKING:
    from ivr.simulator.delivery import Answer

BYTES_PER_SECOND = {
    "audio/mpeg": 4000,
    "audio/aiff": 16_000,
    "audio/x-aifc": 16_000,
    "audio/x-aiff": 16_000,
    "audio/x-gsm": 1650,
    "audio/gsm": 1650,
    "audio/ulaw": 8000,
}
"""For telephone audio: 8 kHz, mono; mp3 at 32 kbit/s."""

WAV = frozenset({"audio/wav", "audio/wave", "audio/x-wav"})


def seconds_of(answer: Answer) -> float:
    """The length of the audio in ``answer``; raises DocumentError 13420 when it is none that Twilio plays."""
    if answer.content_type in WAV:
        return _wav_seconds(answer)
    if answer.content_type not in BYTES_PER_SECOND:
        raise DocumentError(13420, answer.url, f"cannot play {answer.content_type or 'audio without Content-Type'}")
    return len(answer.body) / BYTES_PER_SECOND[answer.content_type]


def _wav_seconds(answer: Answer) -> float:
    """Data bytes by bytes a second, whatever the encoding; a data chunk of a stream may claim more than there is."""
    body, at, byte_rate = answer.body, 12, 0
    if body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        raise DocumentError(13420, answer.url, "is not a WAV file")
    while at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        if name == b"fmt " and at + 20 <= len(body):
            (byte_rate,) = struct.unpack_from("<I", body, at + 16)
        if name == b"data" and byte_rate:
            return float(min(size, len(body) - at - 8) / byte_rate)
        at += 8 + size + size % 2
    raise DocumentError(13420, answer.url, "is a WAV file without audio")
