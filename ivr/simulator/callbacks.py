"""Callbacks: posted beside everything else; their answers change nothing.

Each meets whatever misfortune was ordered for it: it is lost, held back until its call is over, overtaken by the next
that fits the same pattern, or dated by a clock that goes wrong.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ivr.simulator.mischief import CALLBACK
from ivr.simulator.problems import Problem, Reported

if TYPE_CHECKING:
    from ivr.simulator.delivery import Request
    from ivr.simulator.network import Simulator
    from ivr.simulator.parameters import Parameters

LONGEST_HELD_S = 30.0
"""So long does a callback wait to be overtaken, then it goes anyway."""

DATED = ("Timestamp", "RecordingStartTime")
WARNING = 15003


class Callbacks:
    """Those under way, of one network."""

    def __init__(self, network: Simulator) -> None:
        self._network = network
        self._held: list[tuple[str, asyncio.Event]] = []

    def post(self, request: Request) -> None:
        """Deliver ``request`` beside the rest; what cannot be delivered is among the network's errors."""
        faults, url = self._network.faults, _bare(request)
        faults.draw(url, CALLBACK)
        if not faults.take(url, "lost"):
            self._network.spawn(self._deliver(request))

    async def _deliver(self, request: Request) -> None:
        faults, url = self._network.faults, _bare(request)
        call = self._network.calls.get(request.call_sid)
        if call and faults.take(url, "held back"):
            await call.over.wait()
            request = request.befell("held back")
        if overtaken := faults.find(url, "overtaken"):
            await self._hold(overtaken.pattern)
            request = request.befell("overtaken")
        if skewed := faults.find(url, "skewed"):
            request = replace(request, parameters=shifted(request.parameters, skewed.seconds))
            request = request.befell(f"skewed {skewed.seconds:+g} s")
        overtaken_now = [passed for pattern, passed in self._held if fnmatchcase(url, pattern)]
        try:
            await self._network.courier.deliver(request)
        except Problem as problem:
            self._network.errors.append(Reported(request.call_sid, WARNING, problem.url, problem.message))
        finally:
            for passed in overtaken_now:
                passed.set()

    async def _hold(self, pattern: str) -> None:
        passed = asyncio.Event()
        self._held.append((pattern, passed))
        tasks = {
            asyncio.create_task(passed.wait()),
            asyncio.create_task(self._network.time.sleep(LONGEST_HELD_S)),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._held = [held for held in self._held if held[1] is not passed]
            for task in tasks:
                task.cancel()


def _bare(request: Request) -> str:
    return request.url.partition("#")[0]


def shifted(parameters: Parameters, seconds: float) -> Parameters:
    """``parameters`` as a clock dates them that is ``seconds`` fast."""
    return tuple((name, _later(value, seconds) if name in DATED else value) for name, value in parameters)


def _later(date: str, seconds: float) -> str:
    """In the way it was written: RFC 2822 or ISO 8601."""
    shift = timedelta(seconds=seconds)
    if date.endswith("Z"):
        return (datetime.fromisoformat(date) + shift).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return format_datetime(parsedate_to_datetime(date) + shift)
