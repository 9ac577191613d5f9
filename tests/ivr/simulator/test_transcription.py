"""<Start><Transcription> and <Stop><Transcription>.

| attribute | values | default |
|---|---|---|
| name | text, to stop it by | none |
| statusCallbackUrl, statusCallbackMethod | absolute URL, GET/POST | none; POST |
| track | inbound_track, outbound_track, both_tracks | both_tracks |
| inboundTrackLabel, outboundTrackLabel | text | none |
| partialResults | true, false | false |
| languageCode | a tag | en-US |
| transcriptionEngine | google, deepgram | google |
| speechModel | a name | telephony |
| profanityFilter, enableAutomaticPunctuation | true, false | true |
| hints | text | none |
| enableProviderData, intelligenceService, conversationConfiguration, conversationId | checked, change nothing | none |

Source: twilio.com/docs/voice/twiml/transcription; twilio.com/docs/voice/api/realtime-transcription-resource.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ivr.simulator import Answers
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

pytestmark = VENDOR_LIBRARY

HELLO = "How can we help you today"
"""25 characters: 1.67 s."""


@pytest.fixture(autouse=True)
def callbacks(application: Application) -> None:
    application["/words"] = web.Response(status=204)


def start(application: Application, attributes: str = "", then: str = "<Gather timeout='30'/>") -> None:
    noun = f'<Transcription statusCallbackUrl="{application.url}/words" {attributes}/>'
    application["/voice"] = f"<Start>{noun}</Start>{then}"


def told(application: Application) -> list[dict[str, str]]:
    """In the order of their numbers: several may be under way at once."""
    return sorted((one.form for one in application.received("/words")), key=lambda form: int(form["SequenceId"]))


def said(application: Application) -> list[tuple[str, str, str]]:
    """Track, words and whether they are final."""
    contents = [form for form in told(application) if form["TranscriptionEvent"] == "transcription-content"]
    return [(form["Track"], json.loads(form["TranscriptionData"])["transcript"], form["Final"]) for form in contents]


async def test_both_sides_are_written_down(application: Application, caller: Caller, time: SteppedTime) -> None:
    """What the caller says and what is said to the caller, from start to stop, numbered."""
    start(application, then=f"<Gather input='speech' action='/next'><Say>{HELLO}</Say></Gather>")
    application["/next"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await time.advance(2)
    await caller.telephone.speak("my bill")
    await time.advance(10)

    events = [form["TranscriptionEvent"].removeprefix("transcription-") for form in told(application)]
    assert events == ["started", "content", "content", "stopped"]
    assert [form["SequenceId"] for form in told(application)] == ["1", "2", "3", "4"]
    assert said(application) == [("outbound_track", HELLO, "true"), ("inbound_track", "my bill", "true")]
    assert {form["CallSid"] for form in told(application)} == {caller.call_sid}
    assert len({form["TranscriptionSid"] for form in told(application)}) == 1


async def test_the_start_repeats_what_was_asked_for(application: Application, caller: Caller) -> None:
    """With the defaults of what was not; times are in the ISO's way here."""
    start(application, 'name="calm" inboundTrackLabel="caller" outboundTrackLabel="agent" hints="Acme"', "<Hangup/>")

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    form = told(application)[0]
    given = {name: form[name] for name in ("Name", "Track", "InboundTrackLabel", "OutboundTrackLabel")}
    assert given == {
        "Name": "calm",
        "Track": "both_tracks",
        "InboundTrackLabel": "caller",
        "OutboundTrackLabel": "agent",
    }
    assert (form["PartialResults"], form["LanguageCode"], form["TranscriptionEngine"]) == ("false", "en-US", "google")
    assert json.loads(form["ProviderConfiguration"]) == {
        "profanityFilter": "true",
        "speechModel": "telephony",
        "enableAutomaticPunctuation": "true",
        "hints": "Acme",
    }
    assert form["Timestamp"] == "2026-01-01T00:00:00.000000Z"
    assert "From" not in form


@pytest.mark.parametrize(
    ("track", "tracks"),
    [
        ("", {"inbound_track", "outbound_track"}),
        ('track="both_tracks"', {"inbound_track", "outbound_track"}),
        ('track="inbound_track"', {"inbound_track"}),
        ('track="outbound_track"', {"outbound_track"}),
    ],
)
async def test_only_the_chosen_tracks_are_heard(
    application: Application, caller: Caller, time: SteppedTime, track: str, tracks: set[str]
) -> None:
    """The caller's is inbound, all that the caller hears outbound."""
    start(application, track, f"<Say>{HELLO}</Say><Pause length='9'/>")

    await caller.dials(NUMBER)
    await time.advance(3)
    await caller.telephone.speak("hello there")
    await time.advance(9)

    assert {one for one, _, _ in said(application)} == tracks


async def test_a_prompt_that_is_cut_short_is_written_down_as_far_as_it_came(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """Pressing a key in its middle leaves half of its words."""
    start(application, then=f"<Gather numDigits='1' action='/next'><Say>{HELLO}</Say></Gather>")
    application["/next"] = "<Say>Thanks</Say>"

    await caller.dials(NUMBER)
    await time.advance(0.8)
    await caller.telephone.press("1")
    await time.advance(5)

    assert said(application) == [
        ("outbound_track", "How can we", "true"),
        ("outbound_track", "Thanks", "true"),
    ]


async def test_partial_results_come_before_the_final_one(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """They say how stable they are, and not how sure."""
    start(application, 'partialResults="true" track="inbound_track"', "<Pause length='9'/>")

    await caller.dials(NUMBER)
    await caller.telephone.speak("please call me back")
    await time.advance(9)

    partial, final = (form for form in told(application) if "Final" in form)
    assert [partial["Final"], final["Final"]] == ["false", "true"]
    assert (partial["Stability"], "Stability" in final) == ("0.5", False)
    assert json.loads(partial["TranscriptionData"]) == {"transcript": "please call"}
    assert json.loads(final["TranscriptionData"]) == {"transcript": "please call me back", "confidence": 0.9}


async def test_two_who_are_connected_are_on_a_track_each(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Whoever was dialled is heard on the caller's outbound track."""
    simulator.people.put("+12025550150", Answers(after_s=1))
    start(application, then="<Dial timeLimit='20'>+12025550150</Dial>")

    await caller.dials(NUMBER)
    await time.advance(2)
    (leg,) = [call for call in simulator.calls.values() if call.parent]
    await caller.telephone.speak("is that you")
    await leg.ear.speak("yes it is")  # type: ignore[attr-defined]  # somebody who answers holds a telephone
    await time.advance(20)

    assert sorted(said(application)) == [
        ("inbound_track", "is that you", "true"),
        ("outbound_track", "yes it is", "true"),
    ]


async def test_it_is_stopped_by_its_name(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Another name stops nothing; the call goes on."""
    stop = "<Stop><Transcription name='{}'/></Stop><Say>{}</Say>"
    start(application, 'name="calm"', stop.format("wild", "one") + stop.format("calm", "two"))

    await caller.dials(NUMBER)
    await time.advance(5)

    assert said(application) == [("outbound_track", "one", "true")]
    assert told(application)[-1]["TranscriptionEvent"] == "transcription-stopped"
    assert simulator.errors == []


async def test_a_failure_is_told_and_ends_it(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """The call is not disturbed."""
    simulator.faults.fail_transcription("*/words")
    start(application, then="<Say>Hello</Say>")

    await caller.dials(NUMBER)
    await caller.hears("Hello")
    await time.advance(5)

    assert [form["TranscriptionEvent"] for form in told(application)] == [
        "transcription-started",
        "transcription-error",
    ]
    assert told(application)[1]["TranscriptionError"]


async def test_rest_starts_and_stops_one(
    application: Application, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """By sid or by name, on a call in progress."""
    application["/voice"] = "<Gather timeout='60'/>"
    await caller.dials(NUMBER)
    of_call = twilio.calls(caller.call_sid).transcriptions

    begun = await of_call.create_async(
        name="calm", status_callback_url=f"{application.url}/words", track="inbound_track", partial_results=False
    )
    await caller.telephone.speak("hello")
    await time.advance(3)
    named = await of_call("calm").update_async(status="stopped")
    again = await refusal(of_call("calm").update_async(status="stopped"))
    by_sid = await of_call(begun.sid).update_async(status="stopped")

    assert (begun.status, begun.name, begun.call_sid) == ("in-progress", "calm", caller.call_sid)
    assert (named.sid, named.status, by_sid.status) == (begun.sid, "stopped", "stopped")
    assert again == (404, 20404)
    assert said(application) == [("inbound_track", "hello", "true")]


async def test_rest_refuses_what_cannot_be(
    application: Application, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """A wrong value, a name twice, a call that is over."""
    application["/voice"] = "<Pause length='60'/>"
    await caller.telephone.dial(NUMBER)
    await time.settle()
    assert caller.telephone.call is not None
    of_call = twilio.calls(caller.telephone.call.sid).transcriptions

    ringing = await refusal(of_call.create_async())
    await time.advance(61)
    over = await refusal(of_call.create_async())
    await caller.dials(NUMBER)
    await time.advance(1)
    application["/voice"] = "<Gather timeout='60'/>"
    await caller.hangs_up()
    await time.settle()
    await caller.dials(NUMBER)
    of_call = twilio.calls(caller.call_sid).transcriptions
    await of_call.create_async(name="calm")
    twice = await refusal(of_call.create_async(name="calm"))
    track = await refusal(of_call.create_async(track="middle"))
    status = await refusal(of_call("calm").update_async(status="paused"))
    nobody = await refusal(twilio.calls("CA0").transcriptions.create_async())

    assert ringing == over == (400, 21220)
    assert twice == track == status == (400, 20001)
    assert nobody == (404, 20404)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<Start><Transcription statusCallbackUrl='/words'/></Start>", 11100),
        ("<Start><Transcription statusCallback='http://a.example/'/></Start>", 12200),
        ("<Start><Transcription track='inbound'/></Start>", 12200),
        ("<Start><Transcription partialResults='yes'/></Start>", 12200),
        ("<Start><Transcription languageCode='english'/></Start>", 12200),
        ("<Start><Transcription transcriptionEngine='ours'/></Start>", 12200),
        ("<Start><Transcription>words</Transcription></Start>", 12200),
        ("<Start><Transcription name='a'/><Transcription name='a'/></Start>", 12200),
        ("<Stop><Transcription/></Stop>", 12200),
        ("<Gather><Start><Transcription/></Start></Gather>", 13320),
        ("<Transcription/>", 12200),
    ],
)
async def test_a_wrong_document_is_refused(
    application: Application, simulator: Simulator, caller: Caller, document: str, code: int
) -> None:
    """Whole; the fallback is asked."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = document

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [code]
    assert application.form("/fallback")["ErrorCode"] == str(code)
