"""Five calls that wait: how a caller and an agent come together, or a caller goes on without one.

A small centre with one queue: callers need somebody with billing 3, or billing 1 once they have waited for a minute;
after two minutes they may leave a message. ``hall`` is what supervisors work with (``ivr queues``, ``ivr agents``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ivr.hall import Hall
from ivr.sessions import Sessions
from tests.support.waiting import eventually
from tests.support.workspaces import CENTER

if TYPE_CHECKING:
    from tests.support.house import House

ACME = "+12025550100"
QUEUES = """
skills: [billing]
queues:
  billing:
    require: {billing: 3}
    relax: [{after: 1m, require: {billing: 1}}]
    overflow: {after: 2m}
    announce: {every: 30s, messages: [You are still in line.]}
"""
FLOW = """
flow: main
start: wait
steps:
  wait: {queue: billing, overflow: {next: message}, nobody: operator, return_within: 60s}
  message: {voicemail: Nobody is free. Please leave a message after the tone., mailbox: billing, failed: operator}
  operator: {hangup: Please ring us tomorrow.}
"""


@pytest.fixture
async def hall(house: House) -> Hall:
    """The centre, live, and its hall; Ana is signed in for billing 5, on break."""
    await house.publish({"center.yaml": CENTER + QUEUES, "flows/main.yaml": FLOW})
    program = house.server.programs.live
    assert program is not None
    made = Hall(house.redis, program, Sessions(house.redis), house.clock, "a supervisor")
    await made.sign_in("ana", {"billing": 5}, "main")
    return made


async def test_a_caller_waits_with_music(house: House, hall: Hall) -> None:
    """Nobody is ready: the caller hears music, and now and then that the line is not dead."""
    caller = house.caller()
    await caller.dials(ACME)
    await caller.hears("Please hold the line.")
    await caller.stays_silent()
    await caller.stays_silent()
    await caller.hears("You are still in line.")
    (queue,) = await hall.queues()

    assert (queue.waiting, queue.ready, queue.signed_in) == (1, 0, 1)


async def test_who_waits_longest_is_offered_first(house: House, hall: Hall) -> None:
    """Ana comes back from her break and is offered the first in line; the second goes on waiting."""
    first, second = house.caller(), house.caller("+12025550144")
    for caller in (first, second):
        await caller.dials(ACME)
        await caller.hears("Please hold the line.")
        await house.time.advance(1)
    await hall.set_status("ana", "available", "")
    line = [(one.caller, one.state, one.agent) for one in await hall.contacts("billing")]

    assert line == [(first.number, "offered", "ana"), (second.number, "waiting", "")]


async def test_less_will_do_with_time(house: House, hall: Hall) -> None:
    """Ben knows little of billing: for a minute he is not asked, then he is, and the caller's place has been kept."""
    await hall.sign_in("ben", {"billing": 1}, "main")
    await hall.set_status("ben", "available", "")
    caller = house.caller()
    await caller.dials(ACME)
    await caller.hears("Please hold the line.")
    before = await hall.why_contact(caller.call_sid)
    await house.time.advance(61)

    async def is_offered() -> bool:
        return [one.agent for one in await hall.contacts("billing")] == ["ben"]

    assert before is not None
    assert "ben: billing 3 is needed, has 1" in before.words
    await eventually(is_offered, "Ben to be offered the call")


async def test_who_hangs_up_has_left_the_line(house: House, hall: Hall) -> None:
    """Nobody is offered a caller who has gone; one who was cut off and calls again has the old place."""
    caller = house.caller()
    await caller.dials(ACME)
    await caller.hears("Please hold the line.")
    (before,) = await hall.contacts("billing")
    await caller.hangs_up()

    async def is_empty() -> bool:
        return await hall.contacts("billing") == ()

    await eventually(is_empty, "the line to be empty")
    await house.time.advance(30)
    await caller.dials(ACME)
    await caller.hears("Please hold the line.")
    (again,) = await hall.contacts("billing")

    assert again.id != before.id
    assert again.place == before.place


async def test_whose_time_is_up_leaves_a_message(house: House, hall: Hall) -> None:
    """After two minutes the music stops in the middle, and the caller is asked for a message."""
    caller = house.caller()
    await caller.dials(ACME)
    await caller.hears("Please hold the line.")
    await house.time.advance(121)

    await caller.hears("Please leave a message after the tone.")
    assert await hall.contacts("billing") == ()
