"""Misfortunes on order: repeated, lost, late and broken deliveries, and a REST API that refuses or is slow."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ivr.simulator import Answers
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

pytestmark = VENDOR_LIBRARY


def headers(application: Application, path: str) -> list[str]:
    return [request.headers["I-Twilio-Idempotency-Token"] for request in application.received(path)]


async def test_a_delivery_is_repeated_with_the_same_token(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """Once for each order; the call follows the first answer."""
    simulator.faults.repeat("*/voice")
    application["/voice"] = ["<Say>first</Say>", "<Say>second</Say>"]

    await caller.dials(NUMBER)
    await caller.hears("first")
    await caller.hears_the_end()
    await caller.dials(NUMBER)

    one, same, another = headers(application, "/voice")
    assert one == same != another


async def test_two_deliveries_may_come_at_once(application: Application, caller: Caller, simulator: Simulator) -> None:
    """Neither is answered before both have arrived."""
    simulator.faults.repeat("*/voice", at_once=True)
    application["/voice"] = "<Say>Hello</Say>"
    meeting = asyncio.Barrier(2)

    async def meet(path: str) -> None:
        if path == "/voice":
            await meeting.wait()

    application.before_answer = meet
    await caller.dials(NUMBER)
    await caller.hears("Hello")

    assert len(set(headers(application, "/voice"))) == 1


async def test_a_status_callback_is_lost(
    application: Application, caller: Caller, simulator: Simulator, time: SteppedTime
) -> None:
    """Only as often as ordered."""
    simulator.faults.lose("*/status")
    application["/voice"] = "<Hangup/>"

    for _ in range(2):
        await caller.dials(NUMBER)
        await caller.hears_the_end()
        await time.settle()

    assert application.form("/status")["CallSid"] == caller.call_sid


async def test_a_late_answer_counts_as_a_read_timeout(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """The application did its work, nobody heard it, and the retry comes with the same token."""
    number = simulator.numbers[NUMBER]
    simulator.numbers[NUMBER] = dataclasses.replace(number, voice_url=f"{number.voice_url}#rc=2&rp=rt")
    simulator.faults.answer_late("*/voice")
    application["/voice"] = ["<Say>first</Say>", "<Say>second</Say>"]

    await caller.dials(NUMBER)
    await caller.hears("second")

    one, same = headers(application, "/voice")
    assert one == same
    assert simulator.errors == []


async def test_a_delayed_document_is_asked_for_late(
    application: Application, caller: Caller, simulator: Simulator, time: SteppedTime
) -> None:
    """By as many seconds as ordered."""
    application["/voice"] = "<Say>Hello</Say>"
    simulator.faults.delay("*/voice", 7)

    await caller.telephone.dial(NUMBER)
    await time.advance(6.9)
    before = len(application.requests)
    await time.advance(0.1)

    assert (before, len(application.requests)) == (0, 1)


async def test_an_answer_cut_off_leads_to_the_fallback(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """The application has done its work; it is not asked a second time."""
    application["/voice"] = "<Say>Hello</Say>"
    application["/fallback"] = "<Say>One moment</Say>"
    simulator.faults.cut_off("*/voice")

    await caller.dials(NUMBER)
    await caller.hears("One moment")

    assert len(application.received("/voice")) == 1
    assert application.form("/fallback")["ErrorCode"] == "11206"


async def test_a_callback_held_back_comes_after_the_end(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """A ringing told when all is over: its number says where it belongs."""
    application["/progress"] = web.Response(status=204)
    simulator.people.put("*", Answers(after_s=1, stays_s=5))
    simulator.faults.hold_back("*/progress")

    await twilio.calls.create_async(
        to="+12025550143",
        from_=NUMBER,
        twiml="<Response><Pause length='60'/></Response>",
        status_callback=f"{application.url}/progress",
        status_callback_event=["ringing", "answered", "completed"],
    )
    await time.advance(10)

    told = [(one.form["CallStatus"], one.form["SequenceNumber"]) for one in application.received("/progress")]
    assert told[0] == ("in-progress", "1")
    assert sorted(told[1:]) == [("completed", "2"), ("ringing", "0")]


@pytest.mark.parametrize(
    ("status", "is_done", "refused", "made"),
    [(429, False, (429, 20429), 0), (500, False, (500, 20500), 0), (500, True, (500, 20500), 1)],
)
async def test_the_api_refuses_on_order(
    simulator: Simulator, twilio: Client, status: int, is_done: bool, refused: tuple[int, int], made: int
) -> None:
    """Once, before or after it has done what it was asked."""
    simulator.faults.refuse("POST */Calls.json", status=status, is_done=is_done)
    call = {"to": "+12025550143", "from_": NUMBER, "twiml": "<Response/>"}

    first = await refusal(twilio.calls.create_async(**call))
    after_first = len(simulator.calls)
    await twilio.calls.create_async(**call)

    assert (first, after_first, len(simulator.calls)) == (refused, made, made + 1)


async def test_the_api_is_slow_on_order(simulator: Simulator, time: SteppedTime, twilio: Client) -> None:
    """The call is made; only the answer takes its time."""
    simulator.faults.slow("POST */Calls.json", 20)
    asked = asyncio.create_task(twilio.calls.create_async(to="+12025550143", from_=NUMBER, twiml="<Response/>"))
    await eventually(lambda: bool(simulator.calls), "the call to be made")
    before = asked.done()
    await time.advance(20)
    made = await asked

    assert (before, [made.sid]) == (False, list(simulator.calls))
