"""Calls made by REST, through the vendor's own library.

| parameter | values | default |
|---|---|---|
| To, From | E.164, client:…, sip:… | required; From must be ours |
| Url, Twiml | Url wins | one is required |
| StatusCallbackEvent | initiated ringing answered completed, repeated | completed |
| Timeout | seconds, at most 600; 5 more are rung | 60 |
| SendDigits | at most 32 of 0-9 * # w W; disables detection | |
| MachineDetection | Enable, DetectMessageEnd | none |
| AsyncAmd, AsyncAmdStatusCallback | the first document does not wait for the verdict | false |

Source: twilio.com/docs/voice/api/call-resource; twilio.com/docs/voice/answering-machine-detection.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from ivr.simulator import Answers, Busy, Declines, Fax, NoAnswer, NotInService, Voicemail
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from ivr.simulator.people import Line
    from tests.ivr.simulator.conftest import Application

pytestmark = VENDOR_LIBRARY

CUSTOMER = "+12025550143"
EVENTS = ["initiated", "ringing", "answered", "completed"]


@pytest.fixture(autouse=True)
def documents(application: Application) -> None:
    application["/out"] = "<Say>We call you back</Say>"
    application["/progress"] = web.Response(status=204)


async def make_call(application: Application, twilio: Client, **more: Any) -> Any:
    wishes: dict[str, Any] = {
        "to": CUSTOMER,
        "from_": NUMBER,
        "url": f"{application.url}/out",
        "status_callback": f"{application.url}/progress",
        "status_callback_event": EVENTS,
    }
    return await twilio.calls.create_async(**(wishes | more))


def progress(application: Application) -> list[str]:
    """The statuses told, in the order of their sequence numbers."""
    forms = [request.form for request in application.received("/progress")]
    return [form["CallStatus"] for form in sorted(forms, key=lambda form: int(form["SequenceNumber"]))]


@pytest.mark.parametrize(
    ("line", "statuses", "sip"),
    [
        (Answers(), ["initiated", "ringing", "in-progress", "completed"], "200"),
        (Busy(), ["initiated", "busy"], "486"),
        (NoAnswer(), ["initiated", "ringing", "no-answer"], "487"),
        (Declines(), ["initiated", "ringing", "no-answer"], "487"),
        (NotInService(), ["initiated", "failed"], "404"),
    ],
)
async def test_a_call_tells_how_far_it_has_come(
    application: Application,
    simulator: Simulator,
    twilio: Client,
    time: SteppedTime,
    line: Line,
    statuses: list[str],
    sip: str,
) -> None:
    """Each status once, numbered from 0; the document is asked for when somebody has picked up."""
    simulator.people.put(CUSTOMER, line)

    made = await make_call(application, twilio)
    await time.advance(120)

    last = application.received("/progress")[-1].form
    call = await twilio.calls(made.sid).fetch_async()
    assert (made.status, made.direction, made.queue_time) == ("queued", "outbound-api", "0")
    assert progress(application) == statuses
    assert (last["SipResponseCode"], last["Direction"], call.status) == (sip, "outbound-api", statuses[-1])
    assert [request.form["CallStatus"] for request in application.received("/out")] == (
        ["in-progress"] if "in-progress" in statuses else []
    )
    assert simulator.errors == []


async def test_only_the_end_is_told_unless_more_is_asked(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime
) -> None:
    """With its length."""
    simulator.people.put(CUSTOMER, Answers())

    await make_call(application, twilio, status_callback_event=[])
    await time.advance(60)

    form = application.form("/progress")
    assert (form["CallStatus"], form["SequenceNumber"], form["CallDuration"]) == ("completed", "0", "1")


@pytest.mark.parametrize("timeout_s", [5, 20, 60])
async def test_it_rings_five_seconds_longer_than_asked(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime, timeout_s: int
) -> None:
    """The vendor's buffer."""
    simulator.people.put(CUSTOMER, NoAnswer())

    made = await make_call(application, twilio, timeout=timeout_s)
    await time.advance(timeout_s + 4.9)
    before = simulator.calls[made.sid].status
    await time.advance(0.1)

    assert (before, simulator.calls[made.sid].status) == ("ringing", "no-answer")


async def test_one_call_a_second_leaves_the_account(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime
) -> None:
    """The others are queued, and say for how many milliseconds."""
    simulator.people.put(CUSTOMER, NoAnswer())

    made = [await make_call(application, twilio) for _ in range(3)]
    after = []
    for seconds in (0, 1, 1):
        await time.advance(seconds)
        after.append([simulator.calls[call.sid].status for call in made])

    assert [call.queue_time for call in made] == ["0", "1000", "2000"]
    assert after == [["ringing", "queued", "queued"], ["ringing", "ringing", "queued"], ["ringing"] * 3]


async def test_a_call_canceled_in_the_queue_was_never_made(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime
) -> None:
    """Nobody is told; one that rings already is told as canceled."""
    simulator.people.put(CUSTOMER, NoAnswer())
    ringing, queued = await make_call(application, twilio), await make_call(application, twilio)
    await time.settle()

    for call in (ringing, queued):
        await twilio.calls(call.sid).update_async(status="canceled")
    await time.advance(5)

    assert [simulator.calls[call.sid].status for call in (ringing, queued)] == ["canceled", "canceled"]
    assert {request.form["CallSid"] for request in application.received("/progress")} == {ringing.sid}
    assert progress(application)[-1] == "canceled"


@pytest.mark.parametrize(
    ("line", "mode", "answered_by", "ms"),
    [
        (Answers(), "Enable", "human", "2200"),
        (Voicemail(greeting_s=8), "Enable", "machine_start", "2400"),
        (Voicemail(greeting_s=8), "DetectMessageEnd", "machine_end_beep", "8000"),
        (Voicemail(greeting_s=45), "DetectMessageEnd", "unknown", "30000"),
        (Fax(), "Enable", "fax", "2000"),
    ],
)
async def test_who_picked_up_is_told_to_the_first_document(
    application: Application,
    simulator: Simulator,
    twilio: Client,
    time: SteppedTime,
    line: Line,
    mode: str,
    answered_by: str,
    ms: str,
) -> None:
    """Which waits until it is known."""
    simulator.people.put(CUSTOMER, line)

    made = await make_call(application, twilio, machine_detection=mode)
    await time.advance(90)

    form = application.form("/out")
    assert (form["AnsweredBy"], form["MachineDetectionDuration"]) == (answered_by, ms)
    assert (await twilio.calls(made.sid).fetch_async()).answered_by == answered_by


async def test_asynchronous_detection_does_not_make_the_document_wait(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime
) -> None:
    """Its verdict is posted beside the call, without the standard parameters."""
    application["/amd"] = web.Response(status=204)
    application["/out"] = '<Pause length="60"/>'
    simulator.people.put(CUSTOMER, Voicemail(after_s=5))

    made = await make_call(
        application,
        twilio,
        machine_detection="DetectMessageEnd",
        async_amd="true",
        async_amd_status_callback=f"{application.url}/amd",
    )
    await time.advance(5)
    asked, told = len(application.received("/out")), len(application.received("/amd"))
    await time.advance(8)

    assert (asked, told) == (1, 0)
    assert application.form("/amd") == {
        "AccountSid": simulator.account_sid,
        "CallSid": made.sid,
        "AnsweredBy": "machine_end_beep",
        "MachineDetectionDuration": "8000",
    }


async def test_digits_are_sent_before_the_document(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime
) -> None:
    """Each w waits half a second; nobody is detected."""
    simulator.people.put(CUSTOMER, Answers(after_s=0))

    made = await make_call(application, twilio, send_digits="ww12", machine_detection="Enable")
    await time.advance(1.3)
    before = application.received("/out")
    await time.advance(0.1)

    assert before == []
    assert "AnsweredBy" not in application.form("/out")
    assert ("play", "ww12") in [(one.kind, one.text) for one in simulator.calls[made.sid].heard]


async def test_inline_twiml_needs_no_document(simulator: Simulator, twilio: Client, time: SteppedTime) -> None:
    """The call says it when it is answered."""
    simulator.people.put(CUSTOMER, Answers())

    made = await twilio.calls.create_async(to=CUSTOMER, from_=NUMBER, twiml="<Response><Say>Hello</Say></Response>")
    await time.advance(10)

    assert "Hello" in [heard.text for heard in simulator.calls[made.sid].heard]


async def test_a_time_limit_counts_from_the_answer(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime
) -> None:
    """Not from the queue."""
    application["/out"] = '<Pause length="600"/>'
    simulator.people.put(CUSTOMER, Answers(after_s=10))

    made = await make_call(application, twilio, time_limit=30)
    await time.advance(39)
    before = simulator.calls[made.sid].status
    await time.advance(1)

    call = await twilio.calls(made.sid).fetch_async()
    assert (before, call.status, call.duration) == ("in-progress", "completed", "30")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "12025550143"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": "+12025550177"}, 21210),
        ({"from_": "me"}, 21212),
        ({"from_": ""}, 21213),
        ({"url": ""}, 21205),
        ({"url": "example.com"}, 21205),
        ({"url": "", "twiml": "<Response><Say/></Response>"}, 13520),
        ({"timeout": 601}, 20001),
        ({"send_digits": "abc"}, 21206),
        ({"machine_detection": "Please"}, 20001),
        ({"machine_detection": "Enable", "machine_detection_timeout": 99}, 20001),
        ({"status_callback_event": ["hung-up"]}, 20001),
        ({"status_callback": "nowhere"}, 21205),
        ({"application_sid": "AP1"}, 20001),
    ],
)
async def test_a_wrong_call_is_not_made(
    application: Application, simulator: Simulator, twilio: Client, change: dict[str, Any], code: int
) -> None:
    """It is refused with the vendor's code."""
    assert await refusal(make_call(application, twilio, **change)) == (400, code)
    assert simulator.calls == {}


async def test_a_call_is_found_by_whom_it_goes_to_and_when(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime
) -> None:
    """Also while it is queued; a call that is over is deleted, no other."""
    simulator.people.put(CUSTOMER, Answers())
    began = datetime.fromtimestamp(time.now_ms() / 1000, UTC)
    made = await make_call(application, twilio)
    await time.advance(60)
    later = await make_call(application, twilio)

    found = await twilio.calls.list_async(to=CUSTOMER, start_time_after=began + timedelta(seconds=30))
    earlier = await twilio.calls.list_async(to=CUSTOMER, start_time_before=began + timedelta(seconds=30))
    ended = await twilio.calls.list_async(end_time_after=began)
    living = await refusal(twilio.calls(later.sid).delete_async())
    deleted = await twilio.calls(made.sid).delete_async()

    assert [call.sid for call in found] == [later.sid]
    assert [call.sid for call in earlier] == [call.sid for call in ended] == [made.sid]
    assert (living, deleted, list(simulator.calls)) == ((400, 20009), True, [later.sid])
