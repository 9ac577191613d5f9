"""Recordings of calls, Dials and conferences, by REST and by TwiML.

| of | begun by | source | channels |
|---|---|---|---|
| a call | POST /Calls/{sid}/Recordings | StartCallRecordingAPI | mono, dual |
| an outgoing call | Record=true | OutboundAPI | RecordingChannels |
| a Dial | record="record-from-answer(-dual)" | DialVerb | 1, 2 |
| a conference | record="record-from-start" | Conference | 1 |

Source: twilio.com/docs/voice/api/recording.
"""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from ivr.simulator import Answers
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal
from tests.support.telephone import Caller

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application

pytestmark = VENDOR_LIBRARY

ANA = "+12025550161"
TALK = '<Pause length="600"/>'


async def test_a_call_is_recorded_paused_and_stopped(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """What is skipped is not in it; the current one needs no sid."""
    application["/voice"] = f"<Say>Hello</Say>{TALK}"
    application["/recorded"] = web.Response(status=204)
    await caller.dials(NUMBER)
    recordings = twilio.calls(caller.call_sid).recordings

    begun = await recordings.create_async(
        recording_channels="dual",
        recording_status_callback=f"{application.url}/recorded",
        recording_status_callback_event=["in-progress", "completed"],
    )
    await time.advance(10)
    paused = await recordings("Twilio.CURRENT").update_async(status="paused", pause_behavior="skip")
    await time.advance(30)
    await recordings("Twilio.CURRENT").update_async(status="in-progress")
    await time.advance(5)
    stopped = await recordings(begun.sid).update_async(status="stopped")
    processing = await twilio.recordings(begun.sid).fetch_async()
    await time.advance(2)
    completed = await twilio.recordings(begun.sid).fetch_async()
    again = await refusal(recordings(begun.sid).update_async(status="paused"))
    current = await refusal(recordings("Twilio.CURRENT").update_async(status="stopped"))

    assert (begun.status, begun.channels, begun.source) == ("in-progress", 2, "StartCallRecordingAPI")
    assert (paused.status, stopped.status, processing.status) == ("paused", "stopped", "processing")
    assert (completed.status, completed.duration) == ("completed", "15")
    assert (again, current) == ((400, 16114), (404, 20404))
    told = [one.form["RecordingStatus"] for one in application.received("/recorded")]
    assert told == ["in-progress", "completed"]
    assert simulator.errors == []


async def test_the_audio_is_as_long_as_the_recording(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """It needs no credentials, is not there too early, and has the channels asked for if it can."""
    application["/voice"] = f"<Say>Hello</Say>{TALK}"
    await caller.dials(NUMBER)
    begun = await twilio.calls(caller.call_sid).recordings.create_async(recording_channels="dual")
    await time.advance(3)
    await caller.hangs_up()
    url = simulator.recordings[begun.sid].url

    async with aiohttp.ClientSession() as session:
        early = (await session.get(url)).status
        await time.advance(2)
        both = await (await session.get(f"{url}.wav")).read()
        one = await (await session.get(f"{url}?RequestedChannels=1")).read()
        three = (await session.get(f"{url}?RequestedChannels=3")).status
        metadata = (await session.get(f"{url}.json")).status

    with wave.open(io.BytesIO(both)) as audio, wave.open(io.BytesIO(one)) as mono:
        assert (audio.getnchannels(), audio.getnframes() / audio.getframerate()) == (2, 3.0)
        assert (mono.getnchannels(), mono.getnframes() / mono.getframerate()) == (1, 3.0)
    assert (early, three, metadata) == (404, 400, 401)


async def test_a_recording_is_deleted_when_it_is_complete(
    application: Application, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """Not before: 20009."""
    application["/voice"] = f"<Say>Hello</Say>{TALK}"
    await caller.dials(NUMBER)
    begun = await twilio.calls(caller.call_sid).recordings.create_async()

    early = await refusal(twilio.recordings(begun.sid).delete_async())
    await caller.hangs_up()
    await time.advance(2)
    listed = await twilio.recordings.list_async(call_sid=caller.call_sid)
    deleted = await twilio.recordings(begun.sid).delete_async()
    gone = await refusal(twilio.recordings(begun.sid).fetch_async())
    late = await refusal(twilio.calls(caller.call_sid).recordings.create_async())

    assert (early, deleted, gone, late) == ((400, 20009), True, (404, 20404), (400, 21220))
    assert [one.sid for one in listed] == [begun.sid]


@pytest.mark.parametrize(("record", "channels"), [("record-from-answer", "1"), ("record-from-ringing-dual", "2")])
async def test_a_dial_is_recorded_while_the_two_talk(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    record: str,
    channels: str,
) -> None:
    """The action knows where; the callback when it is ready, with the caller's call."""
    application["/recorded"] = web.Response(status=204)
    application["/done"] = TALK
    simulator.people.put(ANA, Answers(after_s=2, stays_s=12))
    application["/voice"] = f'<Dial action="/done" record="{record}" recordingStatusCallback="/recorded">{ANA}</Dial>'

    await caller.dials(NUMBER)
    await time.advance(20)

    told, done = application.form("/recorded"), application.form("/done")
    assert (told["RecordingSource"], told["RecordingDuration"], told["CallSid"]) == ("DialVerb", "12", caller.call_sid)
    assert (told["RecordingChannels"], told["RecordingUrl"]) == (channels, done["RecordingUrl"])


async def test_a_conference_is_recorded_from_its_start(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """Until its end; its recordings are paused but not stopped."""
    application["/recorded"] = web.Response(status=204)
    application["/voice"] = (
        '<Dial><Conference record="record-from-start" waitUrl="" recordingStatusCallback="/recorded">room'
        "</Conference></Dial>"
    )
    other = Caller(simulator, "+12025550144")
    await caller.dials(NUMBER)
    await time.advance(50)
    await other.dials(NUMBER)
    await time.advance(20)
    (room,) = simulator.rooms.conferences.values()
    recordings = twilio.conferences(room.sid).recordings
    (listed,) = await recordings.list_async()
    stopping = await refusal(recordings(listed.sid).update_async(status="stopped"))
    await caller.hangs_up()
    await other.hangs_up()
    await time.advance(2)

    form = application.form("/recorded")
    assert (form["ConferenceSid"], form["RecordingSource"], form["RecordingDuration"]) == (
        room.sid,
        "Conference",
        "20",
    )
    assert stopping == (400, 20001)


async def test_an_outgoing_call_is_recorded_from_its_answer(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """To its end, whose status callback knows of it."""
    application["/recorded"] = application["/progress"] = web.Response(status=204)
    simulator.people.put(ANA, Answers(after_s=5, stays_s=9))

    await twilio.calls.create_async(
        to=ANA,
        from_=NUMBER,
        twiml=f"<Response>{TALK}</Response>",
        record=True,
        status_callback=f"{application.url}/progress",
        recording_status_callback=f"{application.url}/recorded",
    )
    await time.advance(20)

    form = application.form("/recorded")
    assert (form["RecordingSource"], form["RecordingDuration"]) == ("OutboundAPI", "9")
    assert application.form("/progress")["RecordingUrl"] == form["RecordingUrl"]


@pytest.mark.parametrize(
    ("document", "deletes_silent", "code"),
    [
        ("<Record maxLength='2' timeout='0' playBeep='false' action='/done'/>", True, "16102"),
        ("<Record maxLength='2' timeout='0' playBeep='false' action='/done'/>", False, None),
        ("<Start><Recording/></Start><Hangup/>", False, "16101"),
    ],
)
async def test_a_recording_of_nothing_is_absent(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    twilio: Client,
    document: str,
    deletes_silent: bool,
    code: str | None,
) -> None:
    """Too short; or silent, where the account's setting says so. Its audio cannot be had."""
    simulator.deletes_silent_recordings = deletes_silent
    told = 'recordingStatusCallback="/recorded" recordingStatusCallbackEvent="completed absent"'
    application["/voice"] = document.replace("<Recording", f"<Recording {told}").replace("<Record ", f"<Record {told} ")
    application["/done"] = "<Hangup/>"
    application["/recorded"] = web.Response(status=204)

    await caller.dials(NUMBER)
    await time.advance(9)

    form = application.form("/recorded")
    (recording,) = await twilio.recordings.list_async()
    assert form.get("ErrorCode") == code
    assert form["RecordingStatus"] == recording.status == ("absent" if code else "completed")
    assert recording.error_code == (int(code) if code else None)


async def test_what_is_known_of_a_deleted_recording_stays(
    application: Application, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """For who asks for the deleted ones, too."""
    application["/voice"] = f"<Say>Hello</Say>{TALK}"
    await caller.dials(NUMBER)
    begun = await twilio.calls(caller.call_sid).recordings.create_async()
    await time.advance(4)
    await caller.hangs_up()
    await time.advance(2)

    await twilio.recordings(begun.sid).delete_async()
    listed = await twilio.recordings.list_async()
    of_call = await twilio.calls(caller.call_sid).recordings.list_async()
    with_deleted = await twilio.recordings.list_async(include_soft_deleted=True)
    fetched = await twilio.recordings(begun.sid).fetch_async(include_soft_deleted=True)
    again = await refusal(twilio.recordings(begun.sid).delete_async())

    assert (listed, of_call) == ([], [])
    assert [(one.sid, one.status) for one in with_deleted] == [(begun.sid, "deleted")]
    assert (fetched.status, fetched.duration) == ("deleted", "4")
    assert again == (404, 20404)
