"""Misfortunes on order: repeated, lost, late and broken deliveries, and a REST API that refuses or is slow."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from ivr.simulator import Answers, Number, SteppedTime
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

pytestmark = VENDOR_LIBRARY

CUSTOMER = "+12025550150"


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


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_repetition_that_fails_changes_nothing(
    application: Application, caller: Caller, simulator: Simulator, *, at_once: bool
) -> None:
    """It is a copy on its way; the call follows the answer to what was copied."""
    simulator.faults.repeat("*/voice", at_once=at_once)
    application["/voice"] = ["<Say>Hello</Say>", web.Response(status=500)]

    await caller.dials(NUMBER)
    await caller.hears("Hello")

    assert len(application.received("/voice")) == 2
    assert simulator.errors == []


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


@pytest.mark.parametrize("order", ["refuse", "slow"])
async def test_an_order_is_used_up_by_a_request_that_is_wrong(simulator: Simulator, twilio: Client, order: str) -> None:
    """It does not wait for the next one."""
    if order == "slow":
        simulator.faults.slow("POST */Calls.json", 20)
    else:
        simulator.faults.refuse("POST */Calls.json", is_done=True)

    assert await refusal(twilio.calls.create_async(to="nobody", from_=NUMBER, twiml="<Response/>")) == (400, 21211)
    assert simulator.faults.open == ()


async def test_the_api_is_slow_on_order(simulator: Simulator, time: SteppedTime, twilio: Client) -> None:
    """The call is made; only the answer takes its time."""
    simulator.faults.slow("POST */Calls.json", 20)
    asked = asyncio.create_task(twilio.calls.create_async(to="+12025550143", from_=NUMBER, twiml="<Response/>"))
    await eventually(lambda: bool(simulator.calls), "the call to be made")
    before = asked.done()
    await time.advance(20)
    made = await asked

    assert (before, [made.sid]) == (False, list(simulator.calls))


async def test_a_callback_is_overtaken_by_the_next(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """The numbers still tell the order in which things happened."""
    simulator.people.put(CUSTOMER, Answers(after_s=1))
    simulator.faults.reorder("*/progress")
    application["/out"] = "<Hangup/>"
    application["/progress"] = web.Response(status=204)

    await twilio.calls.create_async(
        to=CUSTOMER,
        from_=NUMBER,
        url=f"{application.url}/out",
        status_callback=f"{application.url}/progress",
        status_callback_event=["ringing", "answered", "completed"],
    )
    await time.advance(3)

    assert [one.form["SequenceNumber"] for one in application.received("/progress")] == ["1", "0", "2"]


async def test_a_callback_is_not_overtaken_by_one_that_was_before_it(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """One that is still under way does not count."""
    simulator.people.put(CUSTOMER, Answers(after_s=1))
    application["/out"] = '<Pause length="5"/>'
    application["/progress"] = web.Response(status=204)
    simulator.faults.delay("*/progress", 2)

    await twilio.calls.create_async(
        to=CUSTOMER,
        from_=NUMBER,
        url=f"{application.url}/out",
        status_callback=f"{application.url}/progress",
        status_callback_event=["ringing", "answered", "completed"],
    )
    await time.advance(0.5)
    simulator.faults.reorder("*/progress")
    await time.advance(10)

    assert [one.form["SequenceNumber"] for one in application.received("/progress")] == ["0", "2", "1"]


async def test_nothing_that_chance_ordered_is_left_open(caller: Caller, simulator: Simulator) -> None:
    """An answer that never came cannot be cut off, nor can the next one in its place."""
    simulator.faults.at_random("*", 7, chance=1, kinds=["cut off", "500"])
    simulator.numbers[NUMBER] = Number("http://127.0.0.1:1/voice", status_callback="http://127.0.0.1:1/status")

    await caller.dials(NUMBER)
    await caller.hears_the_end()
    await eventually(lambda: len(simulator.errors) == 2, "the end told in vain")

    assert simulator.faults.open == ()


async def test_a_callback_that_nothing_overtakes_goes_anyway(
    application: Application, caller: Caller, simulator: Simulator, time: SteppedTime
) -> None:
    """After half a minute."""
    simulator.faults.reorder("*/status")
    application["/voice"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()
    await time.advance(29)
    before = application.received("/status")
    await time.advance(1)

    assert before == []
    assert len(application.received("/status")) == 1


@pytest.mark.parametrize(
    ("seconds", "date"), [(90, "Thu, 01 Jan 2026 00:01:30 +0000"), (-1, "Wed, 31 Dec 2025 23:59:59 +0000")]
)
async def test_a_callback_is_dated_by_a_clock_that_goes_wrong(
    application: Application, caller: Caller, simulator: Simulator, time: SteppedTime, seconds: int, date: str
) -> None:
    """Only as often as ordered; the signature is over what is told."""
    simulator.faults.skew("*/status", seconds)
    application["/voice"] = "<Hangup/>"

    for _ in range(2):
        await caller.dials(NUMBER)
        await caller.hears_the_end()
        await time.settle()

    dates = [one.form["Timestamp"] for one in application.received("/status")]
    assert dates == [date, "Thu, 01 Jan 2026 00:00:00 +0000"]


async def test_the_dates_of_transcriptions_go_wrong_in_their_own_way(
    application: Application, caller: Caller, simulator: Simulator, time: SteppedTime
) -> None:
    """They are written as ISO 8601."""
    simulator.faults.skew("*/words", 0.5)
    noun = f'<Transcription statusCallbackUrl="{application.url}/words"/>'
    application["/voice"] = f"<Start>{noun}</Start><Pause length='9'/>"
    application["/words"] = web.Response(status=204)

    await caller.dials(NUMBER)
    await time.settle()

    assert application.form("/words")["Timestamp"] == "2026-01-01T00:00:00.500000Z"


@pytest.mark.parametrize(("fragment", "status", "is_retried"), [("", 500, False), ("#rc=1&rp=5xx", 503, True)])
async def test_something_in_between_answers(
    application: Application,
    caller: Caller,
    simulator: Simulator,
    fragment: str,
    status: int,
    is_retried: bool,
) -> None:
    """In the application's place: the answer counts as that status."""
    simulator.numbers[NUMBER] = dataclasses.replace(
        simulator.numbers[NUMBER], voice_url=f"{application.url}/voice{fragment}"
    )
    simulator.faults.answer_with("*/voice", status)
    application["/voice"] = "<Say>Hello</Say>"
    application["/fallback"] = "<Say>Sorry</Say>"

    await caller.dials(NUMBER)
    await caller.hears("Hello" if is_retried else "Sorry")

    assert len(application.received("/voice")) == (2 if is_retried else 1)


async def calls_in_trouble(simulator: Simulator, seed: int) -> list[tuple[str, int, str]]:
    """Kind, attempt and error of each exchange of ten calls."""
    assert isinstance(simulator.time, SteppedTime)
    simulator.exchanges.clear()
    simulator.faults.clear()
    simulator.faults.at_random("*", seed, chance=0.5)
    for _ in range(10):
        telephone = simulator.telephone("+12025550143")
        await telephone.dial(NUMBER)
        await simulator.time.advance(60)
    return [(one.kind, one.attempt, one.error.partition(":")[0]) for one in simulator.exchanges]


async def test_chance_repeats_itself_with_its_seed(application: Application, simulator: Simulator) -> None:
    """Another seed has other misfortunes; every call ends."""
    application["/voice"] = "<Say>Hello</Say><Redirect>/more</Redirect>"
    application["/more"] = "<Pause/>"
    application["/fallback"] = "<Say>Sorry</Say>"

    once = await calls_in_trouble(simulator, seed=7)
    again = await calls_in_trouble(simulator, seed=7)
    other = await calls_in_trouble(simulator, seed=8)

    assert once == again != other
    assert {error for _, _, error in once} >= {"", "11200"}
    assert all(call.is_over for call in simulator.calls.values())


@pytest.mark.parametrize(
    ("kind", "code", "asked"),
    [("cut off", "11206", 1), ("429", "11200", 1), ("500", "11200", 1), ("repeat", "", 2), ("delay", "", 0)],
)
async def test_each_kind_befalls_a_document(
    application: Application,
    caller: Caller,
    simulator: Simulator,
    time: SteppedTime,
    kind: str,
    code: str,
    asked: int,
) -> None:
    """A failure leads to the fallback, which is spared here; a delay takes its time."""
    simulator.faults.at_random("*/voice", 1, chance=1, kinds=[kind])
    application["/voice"] = "<Pause length='60'/>"
    application["/fallback"] = "<Pause length='60'/>"

    await caller.telephone.dial(NUMBER)
    await time.settle()

    assert len(application.received("/voice")) == asked
    assert [str(error.code) for error in simulator.errors] == ([code] if code else [])


@pytest.mark.parametrize(
    ("kind", "code"), [("429", {(429, 20429)}), ("500", {(500, 20500)}), ("cut off", set()), ("lose", set())]
)
async def test_the_api_has_its_own_share(
    simulator: Simulator, twilio: Client, kind: str, code: set[tuple[int, int]]
) -> None:
    """Of what can befall a request; the rest is for deliveries."""
    simulator.faults.at_random("POST */Queues.json", 1, chance=1, kinds=[kind])
    create = twilio.queues.create_async

    refusals = {await refusal(create(friendly_name="one"))} if code else set()
    simulator.faults.clear()
    created = await create(friendly_name="two")

    assert refusals == code
    assert created.friendly_name == "two"


@pytest.mark.parametrize("wish", [{"kinds": ["gravity"]}, {"chance": 2}])
def test_chance_knows_its_kinds(simulator: Simulator, wish: dict[str, Any]) -> None:
    """And lies between nothing and certainty."""
    with pytest.raises(ValueError, match="chance is from 0 to 1"):
        simulator.faults.at_random("*", 1, **wish)
