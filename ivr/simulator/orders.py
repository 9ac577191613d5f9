"""Orders from outside that take a call away from what it is doing: somebody hangs up, REST moves or ends it.

The task that carries out the present verb is cancelled, and the order says where the call goes. Of orders that come
together a hang-up wins, else the last. A verb that still has something to ask of the application says so with
``parting``.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ivr.simulator.problems import Problem
from ivr.simulator.steps import HangUp

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from ivr.simulator.steps import Goto, Step


def _is_bug(task: asyncio.Task[Step]) -> bool:
    """Whether something went wrong that an order must not hide."""
    return not task.cancelled() and task.exception() is not None and not isinstance(task.exception(), Problem)


class Orders:
    """``pending`` is what was ordered and is not yet obeyed, while verbs are being abandoned."""

    def __init__(self) -> None:
        self.pending: Step | None = None
        self._given: asyncio.Future[None] | None = None
        self._partings: list[Callable[[Step], Goto | None]] = []

    def give(self, step: Step) -> None:
        if not isinstance(self.pending, HangUp):
            self.pending = step
        if self._given is not None and not self._given.done():
            self._given.set_result(None)

    async def unless_given(self, work: Coroutine[Any, Any, Step]) -> tuple[Step, list[Goto]]:
        """The step ``work`` leads to, or the one that was ordered meanwhile and what the abandoned verbs still ask."""
        task = asyncio.create_task(work)
        self._given = given = asyncio.get_running_loop().create_future()
        if self.pending is not None:
            given.set_result(None)
        try:
            await asyncio.wait({task, given}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            self._given = None
        order, self.pending = self.pending, None
        partings, self._partings = self._partings, []
        if order is None or _is_bug(task):
            return task.result(), []
        return order, [goto for last in partings if (goto := last(order)) is not None]

    @contextmanager
    def parting(self, last: Callable[[Step], Goto | None]) -> Iterator[None]:
        """An order that takes the call away from here still sends what ``last`` makes of it."""
        try:
            yield
        except asyncio.CancelledError:
            self._partings.append(last)
            raise
