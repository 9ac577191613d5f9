"""The one way into the tables: a batch of events in one transaction, each at most once for ever.

A batch is stored as a whole or not at all. Sending it again is always right: an event that is there already changes
nothing, and what is kept of a customer (the last contact, survey and agent) is a maximum, which minds no order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ivr.timeline import bulk, knowing
from ivr.timeline.events import words_of
from ivr.timeline.tables import EVENTS, TURNS, UNREADABLE
from ivr.timeline.types import type_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from ivr.clock import Clock
    from ivr.timeline.database import Database
    from ivr.timeline.events import Event

EVENT_COLUMNS = tuple(column.name for column in EVENTS.columns if column.name != "seq")


class TurnRow(NamedTuple):
    """A call's turn as it was journaled; ``entry`` is its JSON."""

    call_sid: str
    turn: int
    at_ms: int
    entry: str


class UnreadableRow(NamedTuple):
    """A journal entry that cannot be read, and why."""

    stream: str
    id: str
    reason: str
    entry: str


class Writer:
    """Writes batches."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def store(
        self, events: Sequence[Event], turns: Sequence[TurnRow] = (), unreadable: Sequence[UnreadableRow] = ()
    ) -> int:
        """Store all of them, or raise what the database raises and store none; how many events were new."""
        database = self._database
        async with database.writing() as connection:
            customers = await self._customers(connection, events)
            rows = [_row(event, customer) for event, customer in zip(events, customers, strict=True)]
            new = await bulk.insert(database, connection, EVENTS, EVENT_COLUMNS, rows)
            await _note_latest(database, connection, events, customers)
            await bulk.insert(database, connection, TURNS, TurnRow._fields, turns)
            await bulk.insert(database, connection, UNREADABLE, UnreadableRow._fields, unreadable)
        return new

    async def _customers(self, connection: AsyncConnection, events: Sequence[Event]) -> list[str | None]:
        """Whom each event is about: by its own word, by an identity, else by the contact it belongs to."""
        named = [event.who for event in events if event.customer is None and event.who is not None]
        by_identity = await knowing.known_or_made(self._database, connection, named, self._clock.now_ms())
        told = [event.customer or (by_identity[event.who] if event.who else None) for event in events]
        pairs = list(zip(events, told, strict=True))
        by_contact = {event.contact: customer for event, customer in pairs if event.contact and customer}
        lost = {event.contact for event, customer in pairs if event.contact and not customer} - by_contact.keys()
        found = by_contact | await knowing.of_contacts(connection, [contact for contact in lost if contact])
        return [customer or (found.get(event.contact) if event.contact else None) for event, customer in pairs]


def _row(event: Event, customer: str | None) -> tuple[Any, ...]:
    """In the order of EVENT_COLUMNS."""
    return (
        event.source,
        event.id,
        event.type,
        event.time_ms,
        event.number,
        customer,
        event.contact,
        event.channel,
        event.actor,
        event.direction,
        event.summary,
        orjson.dumps(event.data).decode(),
        words_of(event),
    )


async def _note_latest(
    database: Database, connection: AsyncConnection, events: Sequence[Event], customers: Sequence[str | None]
) -> None:
    """Keep with each customer when the last contact, survey and agent were."""
    contacts: dict[str, int] = {}
    surveys: dict[str, int] = {}
    agents: dict[str, tuple[int, str]] = {}
    for event, customer in zip(events, customers, strict=True):
        if customer is None:
            continue
        kind = type_named(event.type)
        if kind is not None and kind.closes:
            contacts[customer] = max(contacts.get(customer, 0), event.time_ms)
        if event.type == "survey.answered":
            surveys[customer] = max(surveys.get(customer, 0), event.time_ms)
        if event.type == "contact.handled":
            agents[customer] = max(agents.get(customer, (0, "")), (event.time_ms, str(event.data.get("agent", ""))))
    for column, times in (("last_contact_ms", contacts), ("last_survey_ms", surveys)):
        await bulk.keep_latest(database, connection, column, sorted(times.items()))
    helped = [(customer, at_ms, agent) for customer, (at_ms, agent) in sorted(agents.items())]
    await bulk.keep_latest(database, connection, "last_agent_ms", helped, also="last_agent")
