"""The telephone network in a box, at size: calls at once, webhooks a second, memory, and a call centre's hour.

``python -m bench.simulator calls|live|remembered|forgotten|hour`` measures one of them in a fresh process and prints
JSON; the figures of ``bench`` are medians of several such processes, since a heap remembers what was done before.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import orjson

from bench.load import ACCOUNT, TOKEN, form
from bench.turn import LOAD_CORE, free_port, running
from ivr.simulator import Number, RealTime, Simulator, SteppedTime, Telephone
from ivr.simulator.chances import Exponential
from ivr.simulator.crowd import Crowd, Nature
from ivr.simulator.heap import collect_seldom
from tests.support.centre import CALLERS, a_centre
from tests.support.erlang import erlang_a
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.turn import Server
    from ivr.simulator import Time

CALLS, ARRIVING = 2_000, 200
ROUNDS = 5
SLICE_S = 3.0
FACTOR = 100.0
"""So fast that every call waits for nothing but its turn: ten seconds of prompt and silence last 0.1 s."""

NUMBER, GOODBYE = "+12025550100", "+12025550101"
FRAGMENT = "#rc=2&rp=ct,rt,5xx&rt=9000"
FIRST, FINISHED = 8_000, 4_000
KEPT = 500

AGENTS, TALK_S, PATIENCE_S, HOUR_S = 100, 180.0, 180.0, 3600.0
CALLS_PER_S = AGENTS / TALK_S


def measure(*whats: str, rounds: int = ROUNDS) -> dict[str, float]:
    """The median of each figure, of ``rounds`` processes for each of ``whats``."""
    return {figure: value for what in whats for figure, value in _median(what, rounds).items()}


def _median(what: str, rounds: int) -> dict[str, float]:
    rows = [_in_a_process(what) for _round in range(rounds)]
    return {figure: statistics.median(row[figure] for row in rows) for figure in rows[0]}


def _in_a_process(what: str) -> dict[str, float]:
    result = subprocess.run([sys.executable, "-m", "bench.simulator", what], check=True, stdout=subprocess.PIPE)
    figures: dict[str, float] = orjson.loads(result.stdout)
    return figures


@contextmanager
def answering() -> Iterator[Server]:
    """The handler on its own core; we on the other."""
    os.sched_setaffinity(0, {LOAD_CORE})
    port = free_port()
    with running([sys.executable, "-m", "bench.answering", str(port)], {}, port, "/voice") as server:
        yield server


async def network(server: Server, time: Time, *, keeps: int | None = None) -> Simulator:
    base = f"http://127.0.0.1:{server.port}"
    numbers = {
        NUMBER: Number(f"{base}/voice{FRAGMENT}", status_callback=f"{base}/status"),
        GOODBYE: Number(f"{base}/short{FRAGMENT}", status_callback=f"{base}/status"),
    }
    simulator = Simulator(account_sid=ACCOUNT, auth_token=TOKEN, numbers=numbers, time=time, keeps=keeps)
    await simulator.start()
    return simulator


async def calls(server: Server) -> dict[str, float]:
    """Webhooks a second, sent by 2,000 calls in progress and by a bare client of as many connections, in turns."""
    bare_before = await bare_client(server)
    simulator = await network(server, RealTime(FACTOR))
    await _arrive(simulator)
    before, began, cpu = len(simulator.exchanges), perf_counter(), _cpu_s()
    await asyncio.sleep(SLICE_S)
    count, took, used = len(simulator.exchanges) - before, perf_counter() - began, _cpu_s() - cpu
    at_once = sum(call.status == "in-progress" for call in simulator.calls.values())
    errors = len(simulator.errors)
    if errors:
        print(f"{errors} errors, such as {simulator.errors[0]}", file=sys.stderr)
    await simulator.stop()
    bare = (bare_before + await bare_client(server)) / 2
    return {
        "calls at once": at_once, "errors": errors, "webhooks/s": count / took, "CPU µs a webhook": used / count * 1e6,
        "bare client's/s": bare, "ratio": count / took / bare,
    }  # fmt: skip


async def _arrive(simulator: Simulator) -> None:
    """Everybody has called and has an answer.

    All at once they would share one deadline: on a busy machine, where two thousand first requests take as long as the
    network waits for one, all of them would fail in the same moment.
    """
    for first in range(0, CALLS, ARRIVING):
        answered = _answered(simulator)
        for number in range(first, first + ARRIVING):
            await Telephone(simulator, f"+1202556{number:04}").dial(NUMBER)
        await eventually(lambda: _answered(simulator) - answered >= ARRIVING, "they have an answer")  # noqa: B023


async def bare_client(server: Server) -> float:
    """Requests a second of an aiohttp client that posts one constant form and reads the answer."""
    url, body = f"http://127.0.0.1:{server.port}/next", urlencode(form("CA" + "0" * 32)).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    counts = [0]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def post_until(end: float) -> None:
            while perf_counter() < end:
                async with session.post(url, data=body, headers=headers) as response:
                    await response.read()
                counts[0] += 1

        await asyncio.gather(*(post_until(perf_counter() + 1) for _connection in range(CALLS)))
        before, began = counts[0], perf_counter()
        await asyncio.gather(*(post_until(began + SLICE_S / 2) for _connection in range(CALLS)))
        return (counts[0] - before) / (perf_counter() - began)


async def live(server: Server) -> dict[str, float]:
    """KiB of resident memory a call in progress costs, with its connection and its first exchange."""
    simulator = await network(server, RealTime())
    await _ring(simulator, GOODBYE, 1)
    before = _resident_kib()
    await _arrive(simulator)
    grown = _resident_kib() - before
    await simulator.stop()
    return {"KiB a live call": grown / CALLS}


def _answered(simulator: Simulator) -> int:
    return sum(one.kind == "twiml" for one in simulator.exchanges)


async def remembered(server: Server) -> dict[str, float]:
    """KiB a call leaves behind when all are kept."""
    return {"KiB a remembered call": await _left_behind(server, keeps=None)}


async def forgotten(server: Server) -> dict[str, float]:
    """KiB a call leaves behind when only some are kept: nothing."""
    return {"KiB a forgotten call": await _left_behind(server, keeps=KEPT)}


async def _left_behind(server: Server, *, keeps: int | None) -> float:
    """Of calls with one document and one callback; the first fill heap, caches and what is kept."""
    simulator = await network(server, RealTime(FACTOR), keeps=keeps)
    await _ring(simulator, GOODBYE, FIRST)
    before = _resident_kib()
    await _ring(simulator, GOODBYE, FINISHED)
    grown = _resident_kib() - before
    await simulator.stop()
    return grown / FINISHED


async def _ring(simulator: Simulator, to: str, count: int) -> None:
    """So many calls, a hundred at a time, to their end."""
    for _hundred in range(0, count, 100):
        telephones = [Telephone(simulator, f"+1202557{number:04}") for number in range(min(count, 100))]
        for telephone in telephones:
            await telephone.dial(to)
        await eventually(lambda: not any(one.is_in_call for one in telephones), "they have hung up")  # noqa: B023


async def hour() -> dict[str, float]:
    """An hour of a hundred agents with as much work as they can do, in one process with the application."""
    began, time = perf_counter(), SteppedTime()
    async with a_centre(time, agents=AGENTS) as (centre, simulator):
        nature = Nature(Exponential(1 / CALLS_PER_S), Exponential(TALK_S), Exponential(PATIENCE_S))
        crowd = Crowd(simulator, CALLERS, nature, seed=1)
        simulator.spawn(crowd.arrive(HOUR_S))
        await time.advance(HOUR_S)
        took = perf_counter() - began
        while crowd.present:
            await time.advance(60)
        assert not simulator.errors, simulator.errors[:3]
        final = sum(centre.ended[visit.call_sid] == ["completed"] for visit in crowd.visits)
        expected = erlang_a(agents=AGENTS, calls_per_s=CALLS_PER_S, talk_s=TALK_S, patience_s=PATIENCE_S)
        return {
            "real s": took, "webhooks": centre.webhooks, "webhooks/s": centre.webhooks / took,
            "calls": crowd.arrived, "calls with one final status": final,
            "mean wait s": crowd.mean_wait_s(), "by Erlang A": expected.wait_s,
        }  # fmt: skip


def _resident_kib() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system


BESIDE_A_HANDLER = {"calls": calls, "live": live, "remembered": remembered, "forgotten": forgotten}


def main(what: str) -> None:
    collect_seldom()
    if what == "hour":
        figures = asyncio.run(hour())
    else:
        with answering() as server:
            figures = asyncio.run(BESIDE_A_HANDLER[what](server))
    print(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main(sys.argv[1])
