"""Agents at telephones, for tests: a house with one queue, and somebody whose telephone rings for its callers."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

from ivr.meeting.lines import keep_line
from ivr.simulator import Telephone
from routing import agents, keys
from routing.answers import Done
from tests.support.house import NUMBER
from tests.support.queueing import WAIT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ivr.simulator.call import Call
    from ivr.simulator.people import Line
    from tests.support.house import House
    from tests.support.telephone import Caller

ANA = "+12025550170"
BEN = "sip:ben@example.com"
LONGEST_S = 60.0
STEP_S = 0.5
# The queues' keeper looks ten times a second of real time; two and a half of the network's seconds a look.
REAL_S = 0.02


async def comes(house: House, happened: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Let time pass until it ``happened``, a minute of the network's time at most."""
    for _ in range(round(LONGEST_S / STEP_S)):
        found = happened()
        if await found if inspect.isawaitable(found) else found:
            return
        await house.time.advance(STEP_S)
        await asyncio.sleep(REAL_S)
    raise AssertionError(f"in vain for {LONGEST_S:g} s of the network's time: {what}")


async def at_telephone(house: House, name: str, number: str, person: Line | None = None) -> None:
    """``name`` is ready, and rung at ``number``, where ``person`` is."""
    if person is not None:
        house.network.people.put(number, person)
    done = await agents.sign_in(house.redis, "main", name, {"billing": 5}, now_ms=house.clock.now_ms())
    assert isinstance(done, Done), done
    await keep_line(house.redis, name, number)
    await agents.set_status(house.redis, "main", name, "available", now_ms=house.clock.now_ms())


async def who_waits(house: House, number: str = "+12025550143") -> Caller:
    caller = house.caller(number)
    await caller.dials(NUMBER)
    await caller.hears(WAIT)
    return caller


async def fields_of(house: House, kind: str, name: str) -> dict[str, str]:
    """A contact or an agent as routing has it."""
    found = await house.redis.execute("HGETALL", f"{keys.base()}{kind}:{name}")
    texts = [part.decode(errors="replace") for part in found]
    return dict(zip(texts[::2], texts[1::2], strict=True))


async def contact_is(house: House, caller: Caller, **wanted: str) -> None:
    """Wait until the caller's contact has these fields."""
    await _is(house, "contact", f"{caller.call_sid}-0", wanted)


async def agent_is(house: House, name: str, **wanted: str) -> None:
    """Wait until the agent has these fields."""
    await _is(house, "agent", name, wanted)


async def _is(house: House, kind: str, name: str, wanted: dict[str, str]) -> None:
    async def is_so() -> bool:
        return wanted.items() <= (await fields_of(house, kind, name)).items()

    try:
        await comes(house, is_so, f"{kind} {name} to have {wanted}")
    except AssertionError as error:
        raise AssertionError(f"{error}; it has {await fields_of(house, kind, name)}") from None


def legs_to(house: House, number: str) -> list[Call]:
    """Every call that was made to an agent's telephone."""
    return [call for call in house.network.calls.values() if call.to == number and call.direction == "outbound-api"]


def said_to(call: Call) -> list[str]:
    """What was said on an agent's leg; nothing before somebody picked up."""
    if not call.is_answered:
        return []
    assert isinstance(call.ear, Telephone)
    return [heard.text for heard in call.ear.heard if heard.kind == "say"]


def is_in_conference(caller: Caller) -> bool:
    return any(heard.kind == "connected" for heard in caller.telephone.heard)
