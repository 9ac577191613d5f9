"""What a proved voice webhook says, as a frozen value.

Garbage is reported in ``garbage``, never coerced: a signed request for a live call must be answered, so a field that
makes no sense counts as not given, and the log says so. Field names and values: twilio.com/docs/voice/twiml, "Request
parameters".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

E164 = re.compile(r"\+[1-9]\d{1,14}")
# A sid names a key in Redis and a path of ours; other providers' are not CA + 32 hex digits, so its alphabet counts.
SID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,99}")
KEYS = re.compile(r"[0-9*#A-D]{1,200}")
MOST_SPEECH = 4_000  # characters: a minute of fast speech, the longest Twilio listens, is under 2,000
STATUSES = frozenset(
    {"queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"}
)
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


# What became of a <Dial>, in our words; "canceled" is the caller's own doing, and "answered" a conference's end.
DIALED = {
    "completed": "ended",
    "answered": "ended",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "failed",
}
DURATION = re.compile(r"\d{1,6}")
MOST_URL = 500


@dataclass(frozen=True, slots=True)
class RecordingMade:
    """A recording that a webhook tells of; ``url`` has no extension, and the file may not be there yet."""

    sid: str
    url: str
    duration_s: int


@dataclass(frozen=True, slots=True)
class DialOver:
    """What became of a ``<Dial>``: ``ended``, ``busy``, ``no_answer`` or ``failed``."""

    status: str
    duration_s: int


@dataclass(frozen=True, slots=True)
class VoiceRequest:
    """One voice webhook.

    ``caller`` and ``called`` are in E.164, or empty when withheld or not a telephone number. ``digits`` and ``words``
    are None when nothing was pressed or said; ``confidence`` is from 0 to 1, None when the recogniser gave none.
    ``over`` tells that the call has ended. ``garbage`` holds a sentence for each field that was refused. ``recording``
    and ``dial`` are what a ``<Record>`` or a ``<Dial>`` has come to, None in any other webhook. ``status`` is the
    call's, in the provider's word.
    """

    call_sid: str
    account_sid: str
    caller: str
    called: str
    over: bool
    digits: str | None = field(repr=False)  # a card's number, perhaps
    words: str | None = field(repr=False)
    confidence: float | None
    garbage: tuple[str, ...]
    recording: RecordingMade | None = None
    dial: DialOver | None = None
    status: str = ""


class NotAVoiceRequestError(ValueError):
    """The form does not even say which call it is about; the text names the field."""


def read_voice_request(form: Mapping[str, str]) -> VoiceRequest:
    """The request in ``form``; raises NotAVoiceRequestError when no call is named."""
    call_sid = form.get("CallSid", "")
    if not SID.fullmatch(call_sid):
        raise NotAVoiceRequestError("CallSid is missing" if not call_sid else "CallSid is not a sid")
    garbage: list[str] = []
    status = form.get("CallStatus", "")
    if status not in STATUSES:
        garbage.append("CallStatus is not one we know")
    recording, dial = read_recording(form, garbage), _dial(form, garbage)
    return VoiceRequest(
        call_sid=call_sid,
        account_sid=form.get("AccountSid", ""),
        caller=_number(form.get("From", "")),
        called=_number(form.get("To", "")),
        over=status in OVER,
        digits=_digits(form.get("Digits", ""), garbage),
        words=_words(form.get("SpeechResult", ""), garbage),
        confidence=_confidence(form.get("Confidence", ""), garbage),
        garbage=tuple(garbage),
        recording=recording,
        dial=dial,
        status=status,
    )


def read_recording(form: Mapping[str, str], garbage: list[str]) -> RecordingMade | None:
    """The recording that a form tells of, None for none; what is wrong with one is added to ``garbage``."""
    sid, url = form.get("RecordingSid", ""), form.get("RecordingUrl", "")
    if not sid:
        return None
    if not SID.fullmatch(sid):
        garbage.append("RecordingSid is not a sid")
        return None
    if not url.startswith(("https://", "http://")) or len(url) > MOST_URL or not url.isprintable():
        garbage.append("RecordingUrl is not an address")
        return None
    return RecordingMade(sid, url, _duration(form, "RecordingDuration", garbage))


def _dial(form: Mapping[str, str], garbage: list[str]) -> DialOver | None:
    status = form.get("DialCallStatus", "")
    if not status:
        return None
    if status not in DIALED:
        garbage.append("DialCallStatus is not one we know")
    return DialOver(DIALED.get(status, "failed"), _duration(form, "DialCallDuration", garbage))


def _duration(form: Mapping[str, str], name: str, garbage: list[str]) -> int:
    """Whole seconds; 0 for none, or for what is not a number."""
    text = form.get(name, "")
    if text and not DURATION.fullmatch(text):
        garbage.append(f"{name} is not a number of seconds")
        return 0
    return int(text or 0)


def _number(text: str) -> str:
    return text if E164.fullmatch(text) else ""


def _digits(text: str, garbage: list[str]) -> str | None:
    # A recording that ends with the call brings Digits=hangup (twilio.com, <Record>): no key was pressed.
    if not text or text == "hangup":
        return None
    if not KEYS.fullmatch(text):
        garbage.append("Digits are not keys of a telephone")
        return None
    return text


def _words(text: str, garbage: list[str]) -> str | None:
    if len(text) > MOST_SPEECH:
        garbage.append(f"SpeechResult is longer than {MOST_SPEECH} characters")
        return None
    return text.strip() or None


def _confidence(text: str, garbage: list[str]) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        garbage.append("Confidence is not a number from 0 to 1")
        return None
    return value
