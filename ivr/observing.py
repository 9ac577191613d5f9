"""Finding out how the world stands for a step that goes by it: ``Observe`` and ``LookUp``, answered as events.

Closures of opening hours and the queues' figures come from Redis. Customers are a protocol, which the room that keeps
them implements; until there is one, nobody is known. What cannot be found out in time is an event too: the step goes on
as if it were unknown, and no call fails for it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from flows.events import Answered, EffectFailed
from flows.instructions import Observe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.events import Event
    from flows.instructions import LookUp
    from ivr.closures import Closures

log = structlog.get_logger()

# A caller hears nothing meanwhile; what takes longer is not worth the silence.
OBSERVE_S = 1.0
LOOK_UP_S = 2.0


class Customers(Protocol):
    """Who keeps customers."""

    async def find(self, by: str, value: str) -> Mapping[str, Any] | None:
        """The facts of ``flows/scope.py`` about the customer whose ``phone``, ``email`` or ``external_id`` it is."""


class Queues(Protocol):
    """Who knows how queues stand."""

    async def figures(self, names: Sequence[str], contact: str) -> Mapping[str, Mapping[str, Any]]:
        """By queue the figures of ``flows/scope.py``, with ``position`` of the contact where it waits in one."""


class Observer:
    """Looks at the world on behalf of a flow, through whom it is given; None where nobody keeps such things yet."""

    def __init__(self, closures: Closures, customers: Customers | None = None, queues: Queues | None = None) -> None:
        self._closures = closures
        self._customers = customers
        self._queues = queues

    async def ask(self, question: Observe | LookUp, *, within_s: float) -> Event:
        """The answer within ``within_s`` and the sort's own limit; never an exception."""
        limit_s = OBSERVE_S if isinstance(question, Observe) else LOOK_UP_S
        try:
            async with asyncio.timeout(min(limit_s, within_s)):
                if isinstance(question, Observe):
                    return Answered(await self._observe(question))
                return await self._look_up(question)
        except TimeoutError:
            log.warning("observation_timeout", question=type(question).__name__)
            return EffectFailed("timeout")
        except Exception as error:  # whatever a store met, the call goes on without what it keeps
            log.warning("observation_failed", question=type(question).__name__, error=repr(error)[:200])
            return EffectFailed("failed")

    async def _observe(self, question: Observe) -> dict[str, Any]:
        closed, queues, customer = await asyncio.gather(
            self._hours(question.hours),
            self._figures(question.queues, question.contact),
            self._caller(question.customer),
        )
        return {"hours": closed, "queues": queues, "customer": customer}

    async def _hours(self, calendars: Sequence[str]) -> dict[str, Any]:
        if not calendars:
            return {}
        return {name: found.as_data() for name, found in (await self._closures.of(calendars)).items()}

    async def _figures(self, queues: Sequence[str], contact: str) -> dict[str, Any]:
        if not queues or self._queues is None:
            return {}
        return {name: dict(facts) for name, facts in (await self._queues.figures(queues, contact)).items()}

    async def _caller(self, number: str) -> dict[str, Any] | None:
        """Who calls; nobody known when they cannot be found in time, for which no hours and figures are given up."""
        try:
            return await self._customer("phone", number)
        except Exception as error:  # whatever the customers' store met
            log.warning("caller_unknown", error=repr(error)[:200])
            return None

    async def _customer(self, by: str, value: str) -> dict[str, Any] | None:
        found = await self._customers.find(by, value) if value and self._customers is not None else None
        return None if found is None else dict(found)

    async def _look_up(self, question: LookUp) -> Event:
        if self._customers is None:
            return EffectFailed("unavailable")
        return Answered({"customer": await self._customer(question.by, question.value)})
