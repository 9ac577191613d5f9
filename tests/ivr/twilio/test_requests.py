"""Voice webhooks as values: what is garbage is reported, never coerced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.twilio.requests import MOST_SPEECH, DialOver, NotAVoiceRequestError, RecordingMade, read_voice_request

BODIES: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))[
    "webhook_bodies"
]
WHOLE = {"CallSid": "CA1", "AccountSid": "AC1", "From": "+12025550143", "To": "+12025550100", "CallStatus": "ringing"}


def test_a_captured_call_is_read_whole() -> None:
    """The first webhook of a genuine call gives who calls whom, and nothing pressed or said."""
    form = dict(BODIES["inbound_call"]["params"])
    request = read_voice_request(form)

    assert (request.call_sid, request.caller, request.called) == (form["CallSid"], form["From"], form["To"])
    assert (request.digits, request.words, request.over, request.garbage) == (None, None, False, ())


@pytest.mark.parametrize(
    ("body", "digits", "words", "over"),
    [
        ("gather_digits", True, False, False),
        ("gather_speech", False, True, False),
        ("gather_empty", False, False, False),
        ("record_action_hangup", False, False, True),
        ("outbound_completed_amd", False, False, True),
    ],
)
def test_each_kind_of_webhook_tells_what_happened(body: str, *, digits: bool, words: bool, over: bool) -> None:
    """Keys, words, silence and hang-up are told apart; ``Digits=hangup`` is no key."""
    request = read_voice_request(dict(BODIES[body]["params"]))

    assert (request.digits is not None, request.words is not None, request.over) == (digits, words, over)
    assert request.garbage == ()


@pytest.mark.parametrize(
    ("field", "value", "attribute", "seen"),
    [
        ("From", "anonymous", "caller", ""),
        ("From", "client:ana", "caller", ""),
        ("From", "2025550143", "caller", ""),
        ("Digits", "12#", "digits", "12#"),
        ("Digits", "", "digits", None),
        ("Confidence", "0.5", "confidence", 0.5),
        ("SpeechResult", "  billing ", "words", "billing"),
    ],
)
def test_what_may_vary_is_read_as_it_is_meant(field: str, value: str, attribute: str, seen: object) -> None:
    """A withheld number is nobody's, digits stay text, silence is nothing."""
    request = read_voice_request(WHOLE | {field: value})

    assert getattr(request, attribute) == seen
    assert request.garbage == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Digits", "seventeen"),
        ("Digits", "1" * 201),
        ("Confidence", "nan"),
        ("Confidence", "1.5"),
        ("Confidence", "high"),
        ("SpeechResult", "a" * (MOST_SPEECH + 1)),
        ("CallStatus", "singing"),
    ],
)
def test_garbage_is_reported_and_counts_as_not_given(field: str, value: str) -> None:
    """A field that makes no sense is named; the call is answered all the same."""
    request = read_voice_request(WHOLE | {field: value})

    assert len(request.garbage) == 1
    assert field in request.garbage[0]
    assert value not in request.garbage[0]
    assert (request.digits, request.words, request.confidence, request.over) == (None, None, None, False)


def test_a_recording_is_read_whole() -> None:
    """A genuine Record action tells which recording, where, and how long; ``hangup`` is no key."""
    form = dict(BODIES["record_action_hangup"]["params"])
    request = read_voice_request(form)

    made = RecordingMade(form["RecordingSid"], form["RecordingUrl"], int(form["RecordingDuration"]))
    assert (request.recording, request.digits, request.garbage) == (made, None, ())


@pytest.mark.parametrize(
    ("field", "value", "recording"),
    [
        ("RecordingSid", "RE 1", None),
        ("RecordingUrl", "file:///etc/passwd", None),
        ("RecordingUrl", "https://r.example/" + "x" * 500, None),
        ("RecordingUrl", "https://r.example/\n", None),
        ("RecordingDuration", "long", RecordingMade("RE1", "https://r.example/RE1", 0)),
        ("RecordingDuration", "", RecordingMade("RE1", "https://r.example/RE1", 0)),
    ],
)
def test_an_odd_recording_is_reported(field: str, value: str, recording: RecordingMade | None) -> None:
    """What cannot be fetched counts as not recorded, what has no length as empty; both are named."""
    told = {"RecordingSid": "RE1", "RecordingUrl": "https://r.example/RE1", "RecordingDuration": "7"}
    request = read_voice_request(WHOLE | told | {field: value})

    assert request.recording == recording
    assert [field in sentence for sentence in request.garbage] == [True] * bool(value)


@pytest.mark.parametrize(
    ("status", "dial"),
    [
        ("completed", DialOver("ended", 42)),
        ("answered", DialOver("ended", 42)),
        ("busy", DialOver("busy", 42)),
        ("no-answer", DialOver("no_answer", 42)),
        ("canceled", DialOver("failed", 42)),
        ("singing", DialOver("failed", 42)),
        ("", None),
    ],
)
def test_what_became_of_a_dial_is_told_in_our_words(status: str, dial: DialOver | None) -> None:
    """A status that nobody knows has failed, and is named."""
    request = read_voice_request(WHOLE | {"DialCallStatus": status, "DialCallDuration": "42"})

    assert request.dial == dial
    assert bool(request.garbage) == (status == "singing")


@pytest.mark.parametrize("call_sid", ["", " ", "CA1 2", "CA1/../x", "{p00}", "C" * 101])
def test_a_form_that_names_no_call_is_refused_by_name(call_sid: str) -> None:
    """Without a CallSid nobody can be answered, and an odd one must not become a key."""
    with pytest.raises(NotAVoiceRequestError, match="CallSid"):
        read_voice_request(WHOLE | {"CallSid": call_sid})


@given(st.dictionaries(st.sampled_from([*WHOLE, "Digits", "SpeechResult", "Confidence"]), st.text(max_size=20)))
def test_any_form_is_a_request_or_names_no_call(form: dict[str, str]) -> None:
    """Nothing a form may hold raises anything else."""
    try:
        request = read_voice_request(form)
    except NotAVoiceRequestError:
        return

    assert request.call_sid == form["CallSid"]
