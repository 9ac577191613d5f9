"""Events in, each once; customers found or made on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from ivr.timeline.events import Event
from ivr.timeline.identities import Identity
from ivr.timeline.reading import Wanted, read_page
from ivr.timeline.tables import CUSTOMERS, EVENTS, IDENTITIES, TURNS
from ivr.timeline.writing import TurnRow, Writer

if TYPE_CHECKING:
    from ivr.clock import SteppedClock
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database

ANA = Identity("phone", "+12025550143")


def note(number: int, **fields: Any) -> Event:
    """A note about Ana."""
    values: dict[str, Any] = {"data": {"text": f"note {number}"}, "who": ANA, "contact": "CA1", "number": number}
    return Event("/notes", f"n{number}", "note.added", 1_000 + number, **values | fields)


async def count(database: Database, table: Any) -> int:
    async with database.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_an_event_is_kept_as_it_was_told(database: Database, writer: Writer, customers: Customers) -> None:
    """Every attribute comes back; its customer was made, and is the one with the identity."""
    told = note(1, channel="voice", actor="flow:main", direction="in", summary="Ana’s note")
    assert await writer.store([told]) == 1
    ana = await customers.with_identity("phone", "+12025550143")
    assert ana is not None
    page = await read_page(database, Wanted(customers=ana.members))

    assert page.events == (replace(told, who=None, customer=ana.id),)


async def test_the_same_event_again_changes_nothing(database: Database, writer: Writer) -> None:
    """Not beside new ones, not with other words: the first that was told under a name is the event."""
    await writer.store([note(1), note(1), note(2)], [TurnRow("CA1", 0, 5, "{}")])
    again = await writer.store([note(2, data={"text": "other"}), note(3)], [TurnRow("CA1", 0, 5, "{}")])

    assert again == 1
    assert (await count(database, EVENTS), await count(database, TURNS), await count(database, CUSTOMERS)) == (3, 1, 1)
    assert [event.data["text"] for event in (await read_page(database, Wanted(contact="CA1"))).events] == [
        "note 3",
        "note 2",
        "note 1",
    ]


async def test_a_batch_is_stored_as_a_whole_or_not_at_all(database: Database, writer: Writer) -> None:
    """One row that cannot be stored keeps its neighbours out, and the customer that it would have made."""
    with pytest.raises(Exception):  # noqa: B017, PT011 - each database has its own
        await writer.store([note(1), note(2, time_ms=2**70)])

    assert await count(database, EVENTS) == 0
    assert await count(database, CUSTOMERS) == 0


async def test_an_event_without_a_name_belongs_to_the_customer_of_its_contact(
    database: Database, writer: Writer, customers: Customers
) -> None:
    """Also when the contact's other events came in an earlier batch; one of no known contact is nobody's."""
    await writer.store([note(1), note(2, who=None)])
    await writer.store([note(3, who=None), note(4, who=None, contact="CA2")])
    ana = await customers.with_identity("phone", ANA.value)
    assert ana is not None
    found = await read_page(database, Wanted(customers=ana.members))
    stray = await read_page(database, Wanted(contact="CA2"))

    assert [event.id for event in found.events] == ["n3", "n2", "n1"]
    assert [event.customer for event in stray.events] == [None]


async def test_two_writers_that_meet_the_same_strangers_make_each_once(
    database: Database, writer: Writer, clock: SteppedClock
) -> None:
    """Twenty batches at once from two processes' writers, all about the same fifty unknown callers."""
    other = Writer(database, clock)
    strangers = [Identity("phone", f"+120255501{number:02}") for number in range(50)]
    batches = [
        [replace(note(batch * 100 + number), who=who) for number, who in enumerate(strangers)] for batch in range(20)
    ]
    await asyncio.gather(*((writer, other)[number % 2].store(batch) for number, batch in enumerate(batches)))
    async with database.reading() as connection:
        lost = await connection.execute(
            text("SELECT count(*) FROM events WHERE customer NOT IN (SELECT customer FROM identities)")
        )

        assert lost.scalar_one() == 0
    assert await count(database, EVENTS) == 1_000
    assert await count(database, IDENTITIES) == 50
    assert await count(database, CUSTOMERS) == 50


async def test_the_last_contact_survey_and_agent_are_the_latest_in_any_order(
    writer: Writer, customers: Customers
) -> None:
    """What came late but happened early does not win."""
    events = [
        Event("/x", "1", "call.ended", 3_000, who=ANA),
        Event("/x", "2", "contact.handled", 2_000, {"agent": "luis"}, who=ANA),
        Event("/x", "3", "survey.answered", 4_000, {"survey": "s", "question": "q"}, who=ANA),
    ]
    await writer.store(events)
    await writer.store([Event("/x", "4", "contact.handled", 1_000, {"agent": "ana"}, who=ANA)])
    found = await customers.with_identity("phone", ANA.value)

    assert found is not None
    assert (found.last_contact_ms, found.last_survey_ms, found.last_agent) == (3_000, 4_000, "luis")
