"""The vendor's codes for attributes with a wrong value, by element and attribute.

What is not here has no code of its own and is a violation of the schema.
Source: twilio.com/docs/api/errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 12200
CODES: Mapping[str, int] = {
    "Conference.beep": 13235,
    "Conference.coach": 13240,
    "Conference.endConferenceOnExit": 13231,
    "Conference.muted": 13230,
    "Conference.participantLabel": 16023,
    "Conference.startConferenceOnEnter": 13232,
    "Conference.trim": 13239,
    "Conference.waitMethod": 13234,
    "Dial.answerOnBridge": 13219,
    "Dial.callerId": 13214,
    "Dial.hangupOnStar": 13213,
    "Dial.method": 13210,
    "Dial.record": 13217,
    "Dial.ringTone": 13220,
    "Dial.sequential": 13218,
    "Dial.timeLimit": 13216,
    "Dial.timeout": 13212,
    "Enqueue.method": 14201,
    "Enqueue.waitUrlMethod": 14206,
    "Gather.actionOnEmptyResult": 13338,
    "Gather.bargeIn": 13332,
    "Gather.finishOnKey": 13310,
    "Gather.input": 13326,
    "Gather.language": 13331,
    "Gather.maxSpeechTime": 13328,
    "Gather.method": 13312,
    "Gather.numDigits": 13314,
    "Gather.partialResultCallbackMethod": 13329,
    "Gather.profanityFilter": 13333,
    "Gather.speechModel": 13334,
    "Gather.speechTimeout": 13327,
    "Gather.timeout": 13313,
    "Number.method": 13221,
    "Number.sendDigits": 13222,
    "Pause.length": 13910,
    "Play.digits": 13430,
    "Play.loop": 13410,
    "Queue.method": 14210,
    "Record.finishOnKey": 13613,
    "Record.maxLength": 13612,
    "Record.method": 13610,
    "Record.playBeep": 13616,
    "Record.timeout": 13611,
    "Record.transcribe": 13614,
    "Record.trim": 13699,
    "Redirect.method": 13710,
    "Reject.reason": 13810,
    "Say.language": 13512,
    "Say.loop": 13510,
    "Say.voice": 13511,
    "Sip.method": 13241,
}


def code_of(element: str, attribute: str) -> int:
    return CODES.get(f"{element}.{attribute}", SCHEMA)
