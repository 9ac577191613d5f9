"""The JSON messages of a media stream, in the vendor's shape: some numbers are text, some are not.

Source: twilio.com/docs/voice/media-streams/websocket-messages.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.simulator.parameters import Parameters

CONNECTED = json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})
FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


class Outbox:
    """Makes the messages of one stream, which share one sequence from 1; media is numbered by track, too."""

    def __init__(self, account_sid: str, call_sid: str, stream_sid: str) -> None:
        self._sids = {"accountSid": account_sid, "callSid": call_sid}
        self._stream_sid = stream_sid
        self._sequence = 0
        self._chunks: dict[str, int] = {}

    def start(self, tracks: Sequence[str], custom: Parameters) -> str:
        about = {"accountSid": self._sids["accountSid"], "streamSid": self._stream_sid}
        about |= {"callSid": self._sids["callSid"]}
        form = {"tracks": list(tracks), "mediaFormat": FORMAT, "customParameters": dict(custom)}
        return self._message("start", about | form)

    def media(self, track: str, at_ms: int, samples: bytes) -> str:
        """``at_ms`` is when the samples began to be heard, from the stream's start."""
        chunk = self._chunks[track] = self._chunks.get(track, 0) + 1
        payload = base64.b64encode(samples).decode()
        return self._message(
            "media", {"track": track, "chunk": str(chunk), "timestamp": str(at_ms), "payload": payload}
        )

    def dtmf(self, digit: str) -> str:
        return self._message("dtmf", {"track": "inbound_track", "digit": digit})

    def mark(self, name: str) -> str:
        return self._message("mark", {"name": name})

    def stop(self) -> str:
        return self._message("stop", self._sids)

    def _message(self, event: str, content: dict[str, Any]) -> str:
        self._sequence += 1
        return json.dumps(
            {
                "event": event,
                "sequenceNumber": str(self._sequence),
                event: content,
                "streamSid": self._stream_sid,
            }
        )


class BadMessageError(ValueError):
    """The application sent something that is no message of a stream; the text says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """``event`` is ``media`` with ``samples``, ``mark`` with a ``name``, or ``clear``."""

    event: str
    samples: bytes = b""
    name: str = ""


def read_order(text: str, stream_sid: str) -> Order:
    """What the application wants; raises BadMessageError."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessageError(f"no JSON: {text[:100]!r}") from None
    if not isinstance(message, dict) or message.get("event") not in ("media", "mark", "clear"):
        raise BadMessageError(f"no event that can be sent to a stream: {text[:100]!r}")
    if message.get("streamSid") != stream_sid:
        raise BadMessageError(f"streamSid must be {stream_sid!r}, not {message.get('streamSid')!r}")
    event = message["event"]
    content = message.get(event, {})
    if event == "clear":
        return Order(event)
    value = content.get("payload" if event == "media" else "name") if isinstance(content, dict) else None
    if not isinstance(value, str):
        raise BadMessageError(f"a {event} without {'payload' if event == 'media' else 'name'}: {text[:100]!r}")
    return Order(event, samples=_decoded(value)) if event == "media" else Order(event, name=value)


def _decoded(payload: str) -> bytes:
    try:
        return base64.b64decode(payload, validate=True)
    except binascii.Error as error:
        raise BadMessageError(f"a payload that is not base64: {error}") from None
