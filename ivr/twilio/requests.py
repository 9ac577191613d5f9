"""What a proved voice webhook says, as a frozen value.

Garbage is reported in ``garbage``, never coerced: a signed request for a live call must be answered, so a field that
makes no sense counts as not given, and the log says so. Field names and values: twilio.com/docs/voice/twiml, "Request
parameters".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class VoiceRequest:
    """One voice webhook.

    ``caller`` and ``called`` are in E.164, or empty when withheld or not a telephone number. ``digits`` and ``words``
    are None when nothing was pressed or said; ``confidence`` is from 0 to 1, None when the recogniser gave none.
    ``over`` tells that the call has ended. ``garbage`` holds a sentence for each field that was refused.
    """

    call_sid: str
    account_sid: str
    caller: str
    called: str
    over: bool
    digits: str | None
    words: str | None
    confidence: float | None
    garbage: tuple[str, ...]


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
    )


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
