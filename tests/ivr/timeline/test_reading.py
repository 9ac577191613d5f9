"""Pages and search: newest first, nothing twice, nothing left out."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from ivr.timeline.events import Event
from ivr.timeline.identities import Identity, parse_identity
from ivr.timeline.reading import CursorError, Wanted, read_page
from ivr.timeline.searching import search

if TYPE_CHECKING:
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database
    from ivr.timeline.merges import Merges
    from ivr.timeline.writing import Writer

ANA, MAIL, LUIS = (
    parse_identity(text) for text in ("phone:+12025550143", "email:ana@example.com", "phone:+12025550144")
)


def message(number: int, text: str, who: Identity = ANA, **fields: Any) -> Event:
    return Event("/sms", f"m{number}", "message.received", 1_000 + number, {"text": text}, who=who, **fields)


async def all_pages(database: Database, wanted: Wanted, limit: int) -> list[Event]:
    found: list[Event] = []
    after = ""
    while True:
        page = await read_page(database, wanted, after=after, limit=limit)
        found += page.events
        if not page.after:
            return found
        after = page.after


async def test_pages_show_every_event_once_in_order(
    database: Database, writer: Writer, customers: Customers, merges: Merges
) -> None:
    """However small the pages, for one customer and for two who are one person; within a millisecond by source."""
    chance = random.Random(5)
    events = [
        Event(f"/s{chance.randrange(3)}", f"{n}", "note.added", chance.randrange(20), {"text": "x"}, n, who=who)
        for n in range(120)
        for who in [chance.choice((ANA, MAIL))]
    ]
    chance.shuffle(events)
    await writer.store(events[:50])
    await writer.store(events[50:])
    one, two = [await customers.describe([who]) for who in (ANA, MAIL)]
    newest = sorted(events, key=lambda event: (event.time_ms, event.source, event.number), reverse=True)
    hers = [event.id for event in await all_pages(database, Wanted(customers=one.members), 7)]
    both = await merges.merge(one.id, two.id, by="luis", reason="")
    theirs = [event.id for event in await all_pages(database, Wanted(customers=both.members), 7)]

    assert hers == [event.id for event in newest if event.who == ANA]
    assert theirs == [event.id for event in newest]


async def test_a_page_holds_what_is_asked_for(database: Database, writer: Writer) -> None:
    """By contact, type, channel, actor and time; a new event on top does not move the next page."""
    await writer.store([message(n, "x", contact="CA1", channel="sms" if n % 2 else "voice") for n in range(10)])
    sms = await read_page(database, Wanted(contact="CA1", channel="sms", until_ms=1_007))
    first = await read_page(database, Wanted(type="message.received", since_ms=1_004), limit=4)
    await writer.store([message(10, "x", contact="CA1")])
    second = await read_page(database, Wanted(type="message.received", since_ms=1_004), after=first.after, limit=4)
    nobody = await read_page(database, Wanted(contact="CA1", actor="luis"))

    assert [event.id for event in sms.events] == ["m5", "m3", "m1"]
    assert [event.id for event in (*first.events, *second.events)] == ["m9", "m8", "m7", "m6", "m5", "m4"]
    assert (second.after, nobody.events) == ("", ())


async def test_search_finds_words_by_their_beginnings_without_accents(database: Database, writer: Writer) -> None:
    """In any case and order; all of them must be there."""
    texts = ["My invoice is wrong", "¿Dónde está mi factura?", "Invoices and a STRASSE", "Straße", "a1b2@example.com"]
    await writer.store([message(number, text) for number, text in enumerate(texts)])
    found = {
        words: [event.id for event in (await search(database, words)).events]
        for words in (
            "invoice",
            "WRONG invo",
            "esta donde",
            "strasse",
            "straße",
            "example",
            "invoice factura",
            "?!",
            "",
        )
    }

    assert found == {
        "invoice": ["m2", "m0"],
        "WRONG invo": ["m0"],
        "esta donde": ["m1"],
        "strasse": ["m3", "m2"],
        "straße": ["m3", "m2"],
        "example": ["m4"],
        "invoice factura": [],
        "?!": [],
        "": [],
    }


async def test_search_within_a_person_has_pages_too(
    database: Database, writer: Writer, customers: Customers, merges: Merges
) -> None:
    """Only hers, of all customers that she is; nobody else's."""
    people = [ANA, MAIL, LUIS]
    await writer.store([message(number, "the invoice", people[number % 3]) for number in range(9)])
    one, two = [await customers.describe([who]) for who in (ANA, MAIL)]
    both = await merges.merge(one.id, two.id, by="luis", reason="")
    first = await search(database, "invoice", customers=both.members, limit=4)
    second = await search(database, "invoice", customers=both.members, limit=4, after=first.after)

    assert [event.id for event in (*first.events, *second.events)] == ["m7", "m6", "m4", "m3", "m1", "m0"]
    assert second.after == ""


@pytest.mark.parametrize("cursor", ["x", "%%", "bnVsbA==", "WzEsMl0=", "-1"])
async def test_a_cursor_that_is_none_of_ours_is_refused(database: Database, cursor: str) -> None:
    """By name, for pages and for search."""
    with pytest.raises(CursorError, match="no cursor of ours"):
        await read_page(database, Wanted(contact="CA1"), after=cursor)
    with pytest.raises(CursorError, match="no cursor of ours"):
        await search(database, "x", after=cursor)
