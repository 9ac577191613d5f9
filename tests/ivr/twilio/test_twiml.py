"""The scribe: a table of instructions and the one line of TwiML each becomes.

Attributes (twilio.com/docs/voice/twiml): Say ``voice language loop``; Play ``loop digits``; Pause ``length`` (whole
seconds, default 1); Gather ``input action method timeout speechTimeout finishOnKey numDigits hints language``; Record
``timeout maxLength finishOnKey trim playBeep action method recordingStatusCallback recordingStatusCallbackEvent``;
Dial ``timeout timeLimit callerId action method``; Redirect ``method``; Hangup none.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.instructions import INSTRUCTIONS, SPOKEN, Dial, Gather, Hangup, Pause, Play, RecordCaller, Say, Spoken
from ivr.twilio.links import Links
from ivr.twilio.twiml import EMPTY, MOST_BYTES, VERBS, Scribe, escape

LINKS = Links("https://a.example")
SCRIBE = Scribe(LINKS.audio_xml, LINKS.recordings_xml)
NEXT = Links("https://a.example").turn_xml("CA1", 1)
NEXT_XML = "https://a.example/twilio/calls/CA1/turns/1#rc=2&amp;rp=ct,rt,5xx&amp;rt=9000"

CASES: list[tuple[Spoken, str]] = [
    (Say("Hello.", "en-US"), '<Say language="en-US">Hello.</Say>'),
    (Say("Hola", "es-US", "Polly.Lupe-Neural"), '<Say voice="Polly.Lupe-Neural" language="es-US">Hola</Say>'),
    (Say('Tom & Ana say "a < b"', "en-US"), '<Say language="en-US">Tom &amp; Ana say &quot;a &lt; b&quot;</Say>'),
    (Say("bell\x07 and \ud800", "en-US"), '<Say language="en-US">bell  and  </Say>'),
    (Play("ab12"), "<Play>https://a.example/audio/ab12</Play>"),
    (Pause(3), '<Pause length="3"/>'),
    (Hangup(), "<Hangup/>"),
    (
        RecordCaller(60, 4, "1234567890*#", beep=False),
        (
            '<Record timeout="4" maxLength="60" finishOnKey="1234567890*#" trim="do-not-trim" playBeep="false" '
            f'action="{NEXT_XML}" method="POST" '
            'recordingStatusCallback="https://a.example/twilio/recordings#rc=2&amp;rp=ct,rt,5xx&amp;rt=9000" '
            'recordingStatusCallbackEvent="completed absent"/>'
        ),
    ),
    (
        Dial("+12025550170", "number", "+12025550100", 20, 3600),
        (
            f'<Dial timeout="20" timeLimit="3600" callerId="+12025550100" action="{NEXT_XML}" method="POST">'
            "<Number>+12025550170</Number></Dial>"
        ),
    ),
    (
        Dial("sip:desk@pbx.example.com?X-Line=a&b", "sip"),
        (
            f'<Dial timeout="30" timeLimit="14400" action="{NEXT_XML}" method="POST">'
            "<Sip>sip:desk@pbx.example.com?X-Line=a&amp;b</Sip></Dial>"
        ),
    ),
    (
        Dial("O7", "conference"),
        (
            f'<Dial timeout="30" timeLimit="14400" action="{NEXT_XML}" method="POST">'
            '<Conference beep="false" waitUrl="" endConferenceOnExit="true">O7</Conference></Dial>'
        ),
    ),
    (
        Gather((Say("Press 1.", "en-US"),), "en-US", num_digits=1),
        (
            f'<Gather input="dtmf" timeout="5" action="{NEXT_XML}" method="POST" finishOnKey="#" numDigits="1">'
            '<Say language="en-US">Press 1.</Say></Gather>'
        ),
    ),
    (
        Gather((), "es-US", timeout_s=8, speech=True, finish_on_key="", hints=("sí", "no & nunca")),
        (
            f'<Gather input="dtmf speech" timeout="8" action="{NEXT_XML}" method="POST" finishOnKey="" '
            'language="es-US" speechTimeout="1" hints="sí, no &amp; nunca"></Gather>'
        ),
    ),
    (
        Gather((Pause(1), Play("cd")), "en-US", keys=False, speech=True),
        (
            f'<Gather input="speech" timeout="5" action="{NEXT_XML}" method="POST" language="en-US" speechTimeout="1">'
            '<Pause length="1"/><Play>https://a.example/audio/cd</Play></Gather>'
        ),
    ),
]


@pytest.mark.parametrize(("instruction", "line"), CASES, ids=lambda value: type(value).__name__)
def test_each_instruction_becomes_its_verb(instruction: Spoken, line: str) -> None:
    """One spoken instruction, one verb."""
    assert SCRIBE.verbs([instruction], NEXT) == line


def test_every_spoken_instruction_has_a_verb_and_a_case() -> None:
    """The table, the instructions and this file agree."""
    assert set(VERBS) == set(SPOKEN) == {type(instruction) for instruction, _line in CASES}
    assert set(SPOKEN) < set(INSTRUCTIONS.values())


def test_a_document_goes_on_at_the_next_turn() -> None:
    """After what is said comes the redirect, for whoever stays silent."""
    document = SCRIBE.write([Say("Hi", "en-US")], NEXT)

    assert document.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="en-US">Hi</Say>'
        f'<Redirect method="POST">{NEXT_XML}</Redirect></Response>'
    )


def test_a_call_that_ends_goes_nowhere() -> None:
    """Without a next turn there is no redirect; an empty document is a whole one."""
    assert SCRIBE.write([Hangup()], None).endswith(b"<Hangup/></Response>")
    assert SCRIBE.wrap("", None) == EMPTY


@given(st.text(max_size=200))
def test_any_text_survives_the_xml(text: str) -> None:
    """What XML can hold comes back as it was; what it cannot becomes a space; nothing breaks the document."""
    document = SCRIBE.write([Say(text, "en-US", text)], None)
    said = ET.fromstring(document)[0]  # noqa: S314 - it reads only what we wrote

    assert said.tag == "Say"
    assert (said.text or "").replace("\r", "\n") == escape_free(text).replace("\r\n", "\n").replace("\r", "\n")


def escape_free(text: str) -> str:
    """The text with only what XML cannot hold replaced."""
    plain = escape(text)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    return plain


def test_a_long_turn_stays_below_the_providers_limit() -> None:
    """Ten prompts of the longest text a voice speaks (3,000 characters) fit into one answer."""
    document = SCRIBE.write([Say("x" * 3000, "en-US")] * 10, NEXT)

    assert len(document) < MOST_BYTES
