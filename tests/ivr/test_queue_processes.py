"""Waiting callers and processes that are killed: nobody stays in a queue, and nobody stays in the music."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from ivr.telephone.handset import connect
from ivr.valkey import socket_url
from routing import agents, keys
from routing.redis import Redis
from tests.support.house import NUMBER
from tests.support.processes import an_installation
from tests.support.queueing import WAIT, queue_workspace
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from ivr.telephone.handset import Handset
    from tests.support.processes import Installation

OVERFLOW_S = 6


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """A server of two workers with one queue, and a telephone network."""
    for path, text in queue_workspace(overflow=f"{OVERFLOW_S}s").items():
        (tmp_path / "workspace" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "workspace" / path).write_text(text, encoding="utf-8")
    with an_installation(tmp_path) as made:
        made.serve(IVR_WORKSPACE=str(tmp_path / "workspace"), IVR_WORKERS="2")
        made.connect()
        yield made


@pytest.fixture
async def redis_of(installed: Installation) -> AsyncIterator[Redis]:
    """Its Redis, with an agent signed in who is on break."""
    client = await Redis.connect(socket_url(installed.folder / "data"))
    await agents.sign_in(client, "main", "ana", {"billing": 5}, now_ms=1)
    yield client
    await client.close()


async def ends(redis: Redis) -> dict[bytes, float]:
    """The outcomes in the group's journal, and when they were written (Unix seconds)."""
    rows = await redis.execute("XRANGE", f"{keys.base()}journal", "-", "+")
    entries = [(entry, dict(zip(fields[::2], fields[1::2], strict=True))) for entry, fields in rows]
    return {one[b"outcome"]: int(entry.split(b"-")[0]) / 1000 for entry, one in entries if one[b"event"] == b"ended"}


async def is_nearly_up(redis: Redis) -> bool:
    due = await redis.execute("ZRANGE", f"{keys.base()}due", 0, 0, "WITHSCORES")
    return bool(due) and int(float(due[1])) - time.time() * 1000 < 500


async def hears(handset: Handset, text: str) -> None:
    async for sound in handset.listen():
        if text in sound.text:
            return
    raise AssertionError(f"never heard: {text}")


async def test_who_hangs_up_leaves_though_every_process_is_killed(installed: Installation, redis_of: Redis) -> None:
    """The errand stands in Redis with the commit, or the provider tells again: either way the contact ends."""
    async with connect(installed.network_url) as handset:
        await handset.dial(NUMBER, from_="+12025550143")
        await hears(handset, WAIT)
        await handset.hang_up()
        for worker in installed.workers(installed.processes[0]):
            os.kill(worker, signal.SIGKILL)

    async def has_left() -> bool:
        return b"abandoned" in await ends(redis_of)

    await eventually(has_left, "the contact to end", within_s=30)


async def test_a_killed_process_keeps_nobody_in_the_music(installed: Installation, redis_of: Redis) -> None:
    """The time is up just after one of two processes was killed: the other moves the caller within two seconds."""
    async with connect(installed.network_url) as handset:
        await handset.dial(NUMBER, from_="+12025550143")
        await hears(handset, WAIT)
        await eventually(lambda: is_nearly_up(redis_of), "the time to be nearly up")
        os.kill(installed.workers(installed.processes[0])[0], signal.SIGKILL)
        async with asyncio.timeout(0.5 + 2 + 1):  # and a second for a busy machine
            await hears(handset, "Nobody was free in time.")

    assert b"overflowed" in await ends(redis_of)
