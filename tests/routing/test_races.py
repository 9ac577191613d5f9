"""Several processes at the same moment: one winner, and everything still holds together."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from routing.keys import base
from routing.registry import Policy
from tests.routing.floor import EASY, RING, START_MS, Floor
from tests.routing.stored import assert_nobody_waits_in_vain
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from routing.redis import Redis

RACERS, ROUNDS = 4, 25


def race(url: str, what: str, rounds: int = ROUNDS) -> list[str]:
    """What each process was told, all of them together."""
    command = [sys.executable, "-m", "tests.routing.racing", url]
    with ExitStack() as stack:
        racers = [
            stack.enter_context(
                subprocess.Popen(
                    [*command, str(one), str(RACERS), what, str(rounds)], stdout=subprocess.PIPE, text=True
                )
            )
            for one in range(RACERS)
        ]
        told = [one.communicate(timeout=120)[0] for one in racers]
        assert [one.returncode for one in racers] == [0] * RACERS
    return [tag for text in told for tag in text.split()]


@pytest.mark.every_redis
async def test_of_all_who_answer_a_ringing_contact_one_has_it(redis: Redis, redis_url: str) -> None:
    """Four processes accept the same contact at the same moment, round after round: one winner each."""
    floor = await Floor(redis).open(quick=Policy(ring_most=RACERS, offer_ms=10**9, connect_ms=10**9))
    for number in range(RACERS):
        await floor.ready(f"agent{number}", capacity={"voice": 20})
    for round_ in range(20):
        await floor.join(f"c{round_}", RING, "quick")

    assert Counter(race(redis_url, "accept", 20)) == {"accepted": 20, "late": 60}
    await floor.sound()


async def test_of_all_who_dial_a_callback_one_does(floor: Floor, redis_url: str) -> None:
    """Single-flight, whoever else wants to."""
    for round_ in range(ROUNDS):
        await floor.join(f"c{round_}", callback="keep_place")

    assert Counter(race(redis_url, "claim")) == {"claimed": ROUNDS, "refused": 3 * ROUNDS}
    await floor.sound()


async def test_of_all_who_sweep_one_does_what_is_due(floor: Floor, redis_url: str) -> None:
    """An offer that expires is declined once, however many see it expire."""
    await floor.open(calm=Policy(misses=0, offer_ms=30_000))
    floor.now_ms = START_MS - 1
    await floor.ready("ana")
    floor.now_ms = START_MS - 1
    await floor.join("c1", EASY, "calm")
    tags = Counter(race(redis_url, "sweep"))

    assert tags == {"declined": ROUNDS, "nothing": 3 * ROUNDS}
    assert (await floor.contact("c1"))["gen"] == str(ROUNDS + 1)


async def test_whatever_several_processes_do_everything_holds_together(floor: Floor, redis_url: str) -> None:
    """Thousands of transitions of the same few contacts and agents: nobody in two offers, nobody lost."""
    await floor.ready(*(f"agent{number}" for number in range(5)))
    race(redis_url, "mayhem", 500)

    stored = await floor.sound()
    assert_nobody_waits_in_vain(stored)
    assert len(stored.contacts) == 12


SWEEPER = """
import asyncio, sys, time
from routing.deadlines import keep_sweeping
from routing.redis import Redis

async def main():
    redis = await Redis.connect(sys.argv[1])
    print("sweeping", flush=True)
    await keep_sweeping(redis, lambda: ["main"], lambda: time.time_ns() // 1_000_000)

asyncio.run(main())
"""


def sweepers(stack: ExitStack, url: str, count: int) -> list[subprocess.Popen[bytes]]:
    """So many processes that sweep, and have begun to."""
    command = [sys.executable, "-c", SWEEPER, url]
    started = [stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE)) for _ in range(count)]
    for one in started:
        stack.callback(one.kill)
        assert one.stdout is not None
        assert one.stdout.readline() == b"sweeping\n"
    return started


async def test_a_killed_process_delays_nothing_by_more_than_two_seconds(redis: Redis, redis_url: str) -> None:
    """Whoever made the offer is killed; another process lets it expire in time."""
    floor = await Floor(redis).open(brief=Policy(offer_ms=300))
    with ExitStack() as stack:
        killed, _ = sweepers(stack, redis_url, 2)
        killed.kill()
        floor.now_ms = time.time_ns() // 1_000_000
        await floor.ready("ana", "bob")
        await floor.join("c1", EASY, "brief")
        began = time.monotonic()

        async def has_moved_on() -> bool:
            return bool(await redis.execute("HGET", f"{base()}contact:c1", "agent") == b"bob")

        await eventually(has_moved_on, "the offer went on to bob")
        took_s = time.monotonic() - began

    assert took_s < 0.3 + 2
