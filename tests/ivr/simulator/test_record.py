"""<Record>.

| attribute | values | default |
|---|---|---|
| action, method | URL, GET/POST | this document; POST |
| timeout | seconds of silence; 0 waits for ever | 5 |
| finishOnKey | any of 0-9 * # | 1234567890*# |
| maxLength | 2 to 14400 seconds | 3600, 120 if transcribed |
| playBeep | true, false | true |
| recordingStatusCallback, …Method, …Event | in-progress completed absent | completed |
| transcribe, transcribeCallback | true, false; URL | false |
| trim | trim-silence, do-not-trim | trim-silence |

Source: twilio.com/docs/voice/twiml/record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tests.ivr.simulator.conftest import NUMBER

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

BEEP_S = 0.5


@pytest.fixture(autouse=True)
def documents(application: Application) -> None:
    application["/done"] = "<Say>Thank you</Say>"
    application["/recorded"] = web.Response(status=204)
    application["/words"] = web.Response(status=204)


@pytest.mark.parametrize(
    ("attributes", "key", "digits", "duration"),
    [
        ("", "", "", "5"),
        ('timeout="9"', "", "", "9"),
        ('timeout="0" maxLength="60"', "", "", "60"),
        ('maxLength="3"', "", "", "3"),
        ("", "7", "7", "0"),
        ('finishOnKey="#"', "7#", "#", "0"),
        ('finishOnKey="" trim="do-not-trim"', "7", "", "5"),
    ],
)
async def test_a_recording_ends_by_silence_a_key_or_its_length(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    attributes: str,
    key: str,
    digits: str,
    duration: str,
) -> None:
    """The action is told how long it is, and where."""
    application["/voice"] = f'<Record action="/done" {attributes}/>'

    await caller.dials(NUMBER)
    await time.advance(BEEP_S)
    if key:
        await caller.telephone.press(key)
    await time.advance(61)

    form = application.form("/done")
    (recording,) = simulator.recordings.values()
    assert (form["Digits"], form["RecordingDuration"], form["CallStatus"]) == (digits, duration, "in-progress")
    assert (form["RecordingSid"], form["RecordingUrl"]) == (recording.sid, recording.url)
    assert caller.telephone.heard[2].text == "beep"


@pytest.mark.parametrize(("trim", "duration"), [("", "4"), ('trim="do-not-trim"', "9")])
async def test_what_is_said_makes_it_longer(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, trim: str, duration: str
) -> None:
    """Silence counts from the end of the words, which are kept; by default it is taken away afterwards."""
    application["/voice"] = f'<Record action="/done" playBeep="false" {trim}/>'

    await caller.dials(NUMBER)
    await caller.telephone.speak("a" * 60)
    await time.advance(20)

    assert application.form("/done")["RecordingDuration"] == duration
    assert [recording.words for recording in simulator.recordings.values()] == [["a" * 60]]


async def test_a_caller_who_hangs_up_has_left_a_message(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """The action is told with the call completed; its answer is not executed."""
    application["/voice"] = '<Record action="/done"/>'

    await caller.dials(NUMBER)
    await time.advance(BEEP_S + 3)
    await caller.hangs_up()
    await time.settle()

    form = application.form("/done")
    assert (form["Digits"], form["RecordingDuration"], form["CallStatus"]) == ("hangup", "3", "completed")
    assert "Thank you" not in caller.conversation
    assert application.form("/status")["CallStatus"] == "completed"


async def test_the_file_is_told_of_when_it_is_ready(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """Later than the action, and without the parameters of a call."""
    application["/voice"] = (
        '<Record action="/done" maxLength="4" timeout="0" recordingStatusCallback="/recorded" '
        'recordingStatusCallbackEvent="in-progress completed"/>'
    )

    await caller.dials(NUMBER)
    await time.advance(BEEP_S + 4)
    early = [one.form["RecordingStatus"] for one in application.received("/recorded")]
    asked = len(application.received("/done"))
    await time.advance(2)

    form = application.received("/recorded")[-1].form
    assert (early, asked) == (["in-progress"], 1)
    assert (form["RecordingStatus"], form["RecordingDuration"], form["RecordingSource"]) == (
        "completed",
        "4",
        "RecordVerb",
    )
    assert form["CallSid"] == caller.call_sid
    assert "From" not in form


async def test_the_words_are_transcribed(application: Application, caller: Caller, time: SteppedTime) -> None:
    """Some time after the recording, if it is neither short nor long."""
    application["/voice"] = '<Record action="/done" transcribe="true" transcribeCallback="/words"/>'

    await caller.dials(NUMBER)
    await time.advance(BEEP_S)
    await caller.telephone.speak("Please call me back when you can find the time")
    await time.advance(30)

    form = application.form("/words")
    assert form["TranscriptionText"] == "Please call me back when you can find the time"
    assert form["TranscriptionStatus"] == "completed"
    assert form["TranscriptionUrl"] == f"{form['RecordingUrl']}/Transcriptions/{form['TranscriptionSid']}"
    assert {"RecordingSid", "CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction"} <= set(form)


async def test_a_transcript_that_fails_is_told_without_words(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """As ordered, once."""
    application["/voice"] = '<Record action="/done" transcribe="true" transcribeCallback="/words"/>'
    simulator.faults.fail_transcription("*/words")

    await caller.dials(NUMBER)
    await time.advance(BEEP_S)
    await caller.telephone.speak("Please call me back when you can find the time")
    await time.advance(30)

    form = application.form("/words")
    assert (form["TranscriptionStatus"], form["TranscriptionText"]) == ("failed", "")


@pytest.mark.parametrize(
    "attributes",
    [
        'transcribeCallback="/words"',  # the callback alone asks for nothing
        'transcribe="true" transcribeCallback="/words" maxLength="2"',  # too short
        'transcribe="true" transcribeCallback="/words" timeout="0" maxLength="200"',  # too long
        'transcribe="true" transcribeCallback="/words" timeout="9"',  # silent, so absent
    ],
)
async def test_not_every_recording_is_transcribed(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, attributes: str
) -> None:
    """Only between two seconds and two minutes, and not what is not kept."""
    simulator.deletes_silent_recordings = True
    application["/voice"] = f'<Record action="/done" {attributes}/>'
    application["/done"] = '<Pause length="60"/>'

    await caller.dials(NUMBER)
    await time.advance(300)

    (recording,) = simulator.recordings.values()
    assert application.received("/words") == []
    assert recording.transcripts == []


async def test_without_action_the_document_is_asked_again(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """Which is a loop, if it does not look at what it is told."""
    application["/voice"] = ["<Record maxLength='2' timeout='0'/>", "<Say>Got it</Say>"]

    await caller.dials(NUMBER)
    await time.advance(3)
    await caller.hears("Got it")

    assert "RecordingUrl" in application.received("/voice")[1].form


@pytest.mark.parametrize(
    "verb",
    [
        "<Record maxLength='1'/>",
        "<Record maxLength='14401'/>",
        "<Record finishOnKey='a'/>",
        "<Record playBeep='loud'/>",
        "<Record trim='hair'/>",
        "<Record recordingStatusCallbackEvent='gone'/>",
        "<Record>words</Record>",
        "<Gather><Record/></Gather>",
    ],
)
async def test_a_wrong_record_is_refused(
    application: Application, simulator: Simulator, caller: Caller, verb: str
) -> None:
    """With the whole document."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = verb

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert len(simulator.errors) == 1
    assert simulator.recordings == {}
