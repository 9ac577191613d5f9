"""Erasure: nothing that was said or by whom is left anywhere, and the counts are what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from ivr.timeline.customers import CustomerError
from ivr.timeline.erasing import erase, receipts
from ivr.timeline.events import Event
from ivr.timeline.identities import parse_identity
from ivr.timeline.reading import Wanted, read_page
from ivr.timeline.searching import search
from ivr.timeline.tables import METADATA
from ivr.timeline.writing import TurnRow

if TYPE_CHECKING:
    from ivr.clock import SteppedClock
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database
    from ivr.timeline.merges import Merges
    from ivr.timeline.writing import Writer

ANA, MAIL, LUIS = map(parse_identity, ("phone:+12025550143", "email:ana@example.com", "phone:+12025550144"))
TRACES = ("Ana", "0143", "ana@", "teapot")


async def everything(database: Database) -> str:
    """All rows of all tables, and the search's own."""
    async with database.reading() as connection:
        rows = [row for table in METADATA.tables.values() for row in await connection.execute(select(table))]
    return "\n".join(map(str, rows))


async def test_a_person_is_forgotten_and_the_counts_stay(
    database: Database, writer: Writer, customers: Customers, merges: Merges, clock: SteppedClock
) -> None:
    """All customers that the person was; somebody else's events are untouched, and who calls again is new."""
    one = await customers.describe([ANA], {"name": "Ana", "fields": {"pot": "teapot"}})
    two = await customers.describe([MAIL], {"first_name": "Ana"})
    await merges.merge(one.id, two.id, by="luis", reason="Ana said so")
    said = {"text": "a teapot for Ana"}
    events = [
        Event("/x", "1", "note.added", 1, said, who=ANA, contact="CA1", summary="teapot"),
        Event("/x", "2", "message.received", 2, said, who=MAIL, summary="Ana"),
        Event("/x", "3", "message.received", 3, {"text": "another pot"}, who=LUIS, contact="CA2"),
    ]
    turns = [TurnRow("CA1", 0, 1, '{"party": "+12025550143"}'), TurnRow("CA2", 0, 1, '{"party": "+12025550144"}')]
    await writer.store(events, turns)
    before = await everything(database)
    receipt = await erase(database, clock, two.id, by="eva", reason="asked by letter")
    after = await everything(database)
    left = await read_page(database, Wanted(customers=(one.id, two.id)))
    await writer.store(events[:1])
    again = await customers.with_identity(ANA.kind, ANA.value)

    assert all(trace in before for trace in TRACES)
    assert [trace for trace in TRACES if trace in after] == []
    assert (await search(database, "teapot")).events == ()
    assert [event.id for event in (await search(database, "pot")).events] == ["3"]
    assert [(event.type, dict(event.data)) for event in left.events] == [("message.received", {}), ("note.added", {})]
    assert dict(receipt.counts) == {"turns": 1, "events": 2, "identities": 2, "customers": 2, "merges": 1}
    assert await receipts(database) == [receipt]
    assert again is not None
    assert again.id not in (one.id, two.id)


async def test_somebody_unknown_cannot_be_erased(database: Database, clock: SteppedClock) -> None:
    """Refused by name, without a receipt."""
    with pytest.raises(CustomerError, match="there is no customer nobody"):
        await erase(database, clock, "nobody", by="eva", reason="")

    assert await receipts(database) == []
