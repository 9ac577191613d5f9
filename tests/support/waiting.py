"""Waiting for what is true soon, instead of sleeping."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

# Generous: the machine may be busy, and a test that succeeds never waits for it.
DEADLINE_S = 10.0
LOOK_AGAIN_S = 0.01


@overload
async def eventually(predicate: Callable[[], Awaitable[T]], description: str, *, within_s: float = DEADLINE_S) -> T: ...
@overload
async def eventually(predicate: Callable[[], T], description: str, *, within_s: float = DEADLINE_S) -> T: ...
async def eventually(predicate: Callable[[], Any], description: str, *, within_s: float = DEADLINE_S) -> Any:
    """The first true value of ``predicate``, which may be async; else AssertionError naming ``description``."""
    deadline = time.monotonic() + within_s
    while True:
        result = predicate()
        if inspect.isawaitable(result):
            result = await result
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {description}"
        await asyncio.sleep(LOOK_AGAIN_S)


def eventually_now(predicate: Callable[[], T], description: str, *, within_s: float = DEADLINE_S) -> T:
    """``eventually`` for tests without an event loop."""
    deadline = time.monotonic() + within_s
    while not (result := predicate()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {description}"
        time.sleep(LOOK_AGAIN_S)
    return result
