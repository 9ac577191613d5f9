"""Time: stepped by a test, or real and perhaps quickened."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from ivr.simulator import RealTime, SteppedTime

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_sleepers_wake_in_order_and_at_their_moment() -> None:
    """One that sleeps again within the step wakes within it."""
    time, woken = SteppedTime(0), list[tuple[str, int]]()

    async def sleep(name: str, *seconds: float) -> None:
        for each in seconds:
            await time.sleep(each)
            woken.append((name, time.now_ms()))

    tasks = [asyncio.create_task(sleep("slow", 3)), asyncio.create_task(sleep("quick", 1, 1.5))]
    await time.advance(2)
    early = list(woken)
    await time.advance(1)
    await asyncio.gather(*tasks)

    assert early == [("quick", 1000)]
    assert woken[1:] == [("quick", 2500), ("slow", 3000)]
    assert time.now_ms() == 3000


async def test_time_waits_for_work_outside_of_it() -> None:
    """No second passes while a request is under way."""
    time, seen = SteppedTime(0), list[int]()
    answered = asyncio.Event()

    async def work() -> None:
        with time.working():
            await answered.wait()
        seen.append(time.now_ms())
        await time.sleep(1)
        seen.append(time.now_ms())

    task = asyncio.create_task(work())
    asyncio.get_running_loop().call_later(0.01, answered.set)
    await time.advance(5)
    await task

    assert seen == [0, 1000]


async def test_time_waits_for_whatever_is_under_way_by_itself() -> None:
    """However long a chain of tasks is, and through a socket of this process: no second passes before its end."""
    time, seen = SteppedTime(0), list[int]()
    one, other = socket.socketpair()
    (reader, near), (_, far) = await asyncio.open_connection(sock=one), await asyncio.open_connection(sock=other)

    async def work() -> None:
        for _ in range(500):
            await asyncio.create_task(asyncio.sleep(0))
        far.write(b"x")
        seen.append(time.now_ms())

    async def read() -> None:
        await reader.readexactly(1)
        seen.append(time.now_ms())

    tasks = [asyncio.create_task(work()), asyncio.create_task(read())]
    await time.advance(5)
    await asyncio.gather(*tasks)
    near.close()
    far.close()

    assert seen == [0, 0]


async def test_time_goes_on_past_who_goes_round_in_circles() -> None:
    """A task that never waits for anything does not stop the clock for the others."""
    time = SteppedTime(0)

    async def spin() -> None:
        while True:  # noqa: ASYNC110 - to have nothing to wait for is the point
            await asyncio.sleep(0)

    spinning, sleeping = asyncio.create_task(spin()), asyncio.create_task(time.sleep(1))
    async with asyncio.timeout(10):
        await time.advance(2)
    spinning.cancel()

    assert sleeping.done()


@pytest.mark.parametrize("make", [lambda: SteppedTime(0), lambda: RealTime(factor=1000)])
async def test_an_alarm_rings_unless_it_is_cancelled(make: Callable[[], SteppedTime | RealTime]) -> None:
    """One for now rings at once; one that was cancelled never does."""
    time = make()
    now, soon, never = time.alarm(0), time.alarm(1), time.alarm(1)
    never.cancel()
    if isinstance(time, SteppedTime):
        await time.advance(1)
    async with asyncio.timeout(2):
        await asyncio.gather(now, soon)

    assert never.cancelled()


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    """And does not hold up the others."""
    time = SteppedTime(0)
    cancelled, other = asyncio.create_task(time.sleep(1)), asyncio.create_task(time.sleep(2))
    await time.settle()
    cancelled.cancel()
    await time.advance(2)

    assert other.done()
    assert cancelled.cancelled()


async def test_real_time_may_be_quickened() -> None:
    """Ten seconds of it pass in a hundredth of a second at a factor of a thousand."""
    time = RealTime(factor=1000)
    began_ms = time.now_ms()

    async with asyncio.timeout(2):
        await time.sleep(10)

    assert time.now_ms() - began_ms >= 9_990
