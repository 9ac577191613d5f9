"""Misfortunes on order: repeated, lost and late deliveries."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

NUMBER = "+12025550100"


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
