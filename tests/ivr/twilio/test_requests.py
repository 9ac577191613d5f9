"""Voice webhooks as values: what is garbage is reported, never coerced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.twilio.requests import MOST_SPEECH, NotAVoiceRequestError, read_voice_request

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
