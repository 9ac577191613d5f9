"""The REST API, through the vendor's own asynchronous library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from tests.ivr.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER, VENDOR_LIBRARY, refusal

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

pytestmark = VENDOR_LIBRARY

HOLD = '<Gather timeout="60"><Pause length="30"/></Gather>'


async def test_a_call_in_progress_is_looked_at(application: Application, caller: Caller, twilio: Client) -> None:
    """Alone and in the list."""
    application["/voice"] = HOLD
    await caller.dials(NUMBER)

    call = await twilio.calls(caller.call_sid).fetch_async()
    listed = await twilio.calls.list_async(status="in-progress", to=NUMBER)
    others = await twilio.calls.list_async(from_="+12025550177")

    assert (call.sid, call.status, call.direction) == (caller.call_sid, "in-progress", "inbound")
    assert (call.to, call._from, call.end_time, call.duration) == (NUMBER, caller.number, None, None)
    assert [one.sid for one in listed] == [caller.call_sid]
    assert others == []


async def test_a_call_is_moved_to_another_document(application: Application, caller: Caller, twilio: Client) -> None:
    """What it was doing is abandoned; its action is not asked."""
    application["/voice"] = '<Gather action="/action"><Say>Please wait</Say></Gather>'
    application["/moved"] = "<Say>An agent is here</Say>"
    await caller.dials(NUMBER)
    await caller.hears("Please wait")

    await twilio.calls(caller.call_sid).update_async(url=f"{application.url}/moved#rc=2", method="POST")
    await caller.hears("An agent is here")

    assert application.form("/moved")["CallStatus"] == "in-progress"
    assert application.received("/action") == []


async def test_a_call_is_moved_to_inline_twiml(application: Application, caller: Caller, twilio: Client) -> None:
    """Which has no address of its own."""
    application["/voice"] = HOLD
    await caller.dials(NUMBER)

    await twilio.calls(caller.call_sid).update_async(twiml="<Response><Say>Inline</Say></Response>")

    await caller.hears("Inline")
    assert await caller.hears_the_end() == "completed"


async def test_a_call_is_ended(application: Application, caller: Caller, twilio: Client, time: SteppedTime) -> None:
    """And then cannot be moved, nor ended again: 21220."""
    application["/voice"] = HOLD
    await caller.dials(NUMBER)
    await time.advance(12)

    await twilio.calls(caller.call_sid).update_async(status="completed")
    ending = await caller.hears_the_end()
    call = await twilio.calls(caller.call_sid).fetch_async()

    assert (ending, call.status, call.duration) == ("completed", "completed", "12")
    assert call.end_time - call.start_time == timedelta(seconds=12)
    for change in ({"url": "http://example.com/a"}, {"status": "completed"}, {"status_callback": "http://a.example"}):
        assert await refusal(twilio.calls(caller.call_sid).update_async(**change)) == (400, 21220)


async def test_only_a_ringing_call_is_canceled(
    application: Application, caller: Caller, twilio: Client, time: SteppedTime
) -> None:
    """And only an answered one moved."""
    application["/voice"] = '<Pause length="5"/><Pause length="60"/>'
    await caller.telephone.dial(NUMBER)
    await time.settle()

    moving = await refusal(twilio.calls(caller.call_sid).update_async(url="http://example.com/a"))
    await twilio.calls(caller.call_sid).update_async(status="canceled")
    ending = await caller.hears_the_end()
    await caller.dials(NUMBER)
    await time.advance(5)
    canceling = await refusal(twilio.calls(caller.call_sid).update_async(status="canceled"))

    assert ending == "canceled"
    assert moving == canceling == (400, 21220)


async def test_a_status_callback_given_later_replaces_the_numbers(
    application: Application, caller: Caller, twilio: Client, time: SteppedTime
) -> None:
    """It hears the end, and the call is not disturbed."""
    application["/voice"] = HOLD
    application["/ours"] = web.Response(status=204)
    await caller.dials(NUMBER)

    await twilio.calls(caller.call_sid).update_async(status_callback=f"{application.url}/ours")
    still = caller.ending
    await caller.hangs_up()
    await time.settle()

    assert still == ""
    assert application.form("/ours")["CallStatus"] == "completed"
    assert application.received("/status") == []


async def test_a_time_limit_ends_the_call(
    application: Application, caller: Caller, twilio: Client, time: SteppedTime
) -> None:
    """In seconds from its beginning."""
    application["/voice"] = '<Gather timeout="600"/>'
    await caller.dials(NUMBER)

    await twilio.calls(caller.call_sid).update_async(time_limit=90)
    await time.advance(89.9)
    before = caller.ending
    await time.advance(0.1)

    assert (before, caller.ending) == ("", "completed")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "example.com/a"}, 21205),
        ({"url": "http://example.com/a", "twiml": "<Response/>"}, 20001),
        ({"url": "http://example.com/a", "status": "completed"}, 20001),
        ({"url": "http://example.com/a", "method": "PUT"}, 20001),
        ({"status": "busy"}, 20001),
        ({"twiml": "<Response><Say/></Response>"}, 13520),
        ({"twiml": "<Response>" + " " * 4000 + "</Response>"}, 32018),
        ({"status_callback": "nowhere"}, 21205),
        ({"time_limit": 0}, 20001),
    ],
)
async def test_a_wrong_update_changes_nothing(
    application: Application, caller: Caller, twilio: Client, change: dict[str, Any], code: int
) -> None:
    """It is refused whole."""
    application["/voice"] = HOLD
    await caller.dials(NUMBER)

    refused = await refusal(twilio.calls(caller.call_sid).update_async(**change))

    assert refused == (400, code)
    assert caller.ending == ""
    assert len(application.requests) == 1


async def test_a_text_message_is_sent_and_delivered(
    application: Application, simulator: Simulator, twilio: Client, time: SteppedTime
) -> None:
    """The status callback hears both, and the message can be looked up."""
    application["/sms"] = web.Response(status=204)

    sent = await twilio.messages.create_async(
        to="+12025550143", from_=NUMBER, body="Your place is kept.", status_callback=f"{application.url}/sms?id=7"
    )
    await time.settle()
    message = await twilio.messages(sent.sid).fetch_async()

    assert (sent.status, message.status, message.body) == ("queued", "delivered", "Your place is kept.")
    assert simulator.messages[sent.sid].to == "+12025550143"
    statuses = {request.form["MessageStatus"] for request in application.received("/sms")}
    assert statuses == {"sent", "delivered"}
    assert {request.form["MessageSid"] for request in application.received("/sms")} == {sent.sid}


async def test_messages_are_listed_by_recipient_and_time(twilio: Client, time: SteppedTime) -> None:
    """Newest first; a moment is included on both sides."""
    began = datetime.fromtimestamp(time.now_ms() / 1000, UTC)
    for body in ("one", "two", "three"):
        await twilio.messages.create_async(to="+12025550143", from_=NUMBER, body=body)
        await time.advance(60)
    await twilio.messages.create_async(to="+12025550144", from_=NUMBER, body="other")

    since = began + timedelta(seconds=60)
    recent = await twilio.messages.list_async(to="+12025550143", date_sent_after=since)
    until = await twilio.messages.list_async(to="+12025550143", date_sent_before=began)
    nobody = await twilio.messages.list_async(to="+12025550199")

    assert [message.body for message in recent] == ["three", "two"]
    assert [message.body for message in until] == ["one"]
    assert nobody == []


async def test_long_lists_come_in_pages(twilio: Client) -> None:
    """The library follows them to the end."""
    for number in range(5):
        await twilio.messages.create_async(to="+12025550143", from_=NUMBER, body=str(number))

    listed = await twilio.messages.list_async(page_size=2)

    assert [message.body for message in listed] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "12025550143"}, 21211),
        ({"to": ""}, 21604),
        ({"from_": "+12025550177"}, 21606),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"body": "a" * 1601}, 21617),
        ({"status_callback": "nowhere"}, 21609),
        ({"send_as_mms": True}, 20001),
    ],
)
async def test_a_wrong_message_is_not_sent(
    simulator: Simulator, twilio: Client, change: dict[str, Any], code: int
) -> None:
    """And the refusal has the vendor's code."""
    right = {"to": "+12025550143", "from_": NUMBER, "body": "Hello"}

    assert await refusal(twilio.messages.create_async(**(right | change))) == (400, code)
    assert simulator.messages == {}


async def test_the_envelope_of_an_error_is_the_vendors(base_url: str) -> None:
    """Code, message, where to read on, and the status; unknown parameters are named."""
    auth = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, AUTH_TOKEN)}
    accounts = f"{base_url}/2010-04-01/Accounts"
    async with aiohttp.ClientSession() as session:
        answers = [
            await session.get(f"{accounts}/{ACCOUNT_SID}/Calls.json"),
            await session.get(f"{accounts}/{ACCOUNT_SID}/Calls.json", headers={"Authorization": "Basic x"}),
            await session.get(f"{accounts}/{ACCOUNT_SID}/Calls/CA{'0' * 32}.json", headers=auth),
            await session.get(f"{accounts}/AC{'9' * 32}/Calls.json", headers=auth),
            await session.get(f"{accounts}/{ACCOUNT_SID}/Faxes.json", headers=auth),
            await session.delete(f"{accounts}/{ACCOUNT_SID}/Calls.json", headers=auth),
            await session.get(f"{accounts}/{ACCOUNT_SID}/Calls.json?PageSize=0", headers=auth),
            await session.post(f"{accounts}/{ACCOUNT_SID}/Messages.json", headers=auth, data={"Text": "a"}),
        ]
        bodies = [await answer.json() for answer in answers]

    assert [(answer.status, body["code"]) for answer, body in zip(answers, bodies, strict=True)] == [
        (401, 20003),
        (401, 20003),
        (404, 20404),
        (404, 20404),
        (404, 20404),
        (405, 20004),
        (400, 20001),
        (400, 20001),
    ]
    assert "'Text'" in bodies[-1]["message"]
    assert bodies[0]["more_info"] == "https://www.twilio.com/docs/errors/20003"
    assert all(body["status"] == answer.status for answer, body in zip(answers, bodies, strict=True))
