"""Full-text search in notes, messages and transcripts: every word must begin a word of the text, newest first.

SQLite's FTS5 and PostgreSQL's ``tsvector`` index the same folded words (``events.folded``). Within one person SQLite
intersects the person's own entries in the same index; PostgreSQL goes by whichever index its planner finds smaller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal_column, select, text

from ivr.timeline.events import folded
from ivr.timeline.reading import COLUMNS, MOST_EVENTS, USUAL_EVENTS, CursorError, Page, event_of
from ivr.timeline.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from ivr.timeline.database import Database

MOST_WORDS = 10


async def search(
    database: Database, words: str, *, customers: Sequence[str] = (), after: str = "", limit: int = USUAL_EVENTS
) -> Page:
    """Events whose texts hold all of ``words``, or a beginning of words; of ``customers`` only, where there are any.

    ``after`` is the cursor of the page before. Nothing to be searched for finds nothing. Raises CursorError.
    """
    terms = folded(words)[:MOST_WORDS]
    if not terms:
        return Page((), "")
    limit = max(1, min(limit, MOST_EVENTS))
    statement = _on_sqlite(terms, customers) if database.is_sqlite else _on_postgresql(terms, customers)
    if after:
        statement = statement.where(EVENTS.c.seq < _seq(after))
    async with database.reading() as connection:
        rows = (await connection.execute(statement.order_by(EVENTS.c.seq.desc()).limit(limit + 1))).all()
    return Page(tuple(event_of(row) for row in rows[:limit]), str(rows[limit - 1].seq) if len(rows) > limit else "")


def _seq(cursor: str) -> int:
    if not cursor.isdecimal() or len(cursor) > 18:
        raise CursorError(f'"{cursor[:40]}" is no cursor of ours: begin with the first page again')
    return int(cursor)


def _on_sqlite(terms: Sequence[str], customers: Sequence[str]) -> Select[Any]:
    query = "words : (" + " AND ".join(f'"{term}" *' for term in terms) + ")"
    if customers:
        people = " OR ".join(f'"{"".join(folded(one))}"' for one in customers)
        query = f"customer : ({people}) AND {query}"
    matching = text("SELECT rowid AS seq FROM search WHERE search MATCH :query").bindparams(query=query)
    found = matching.columns(EVENTS.c.seq).subquery("found")
    return select(*COLUMNS).join(found, found.c.seq == EVENTS.c.seq)


def _on_postgresql(terms: Sequence[str], customers: Sequence[str]) -> Select[Any]:
    query = func.to_tsquery("simple", " & ".join(f"'{term}':*" for term in terms))
    matching = literal_column("events.search").op("@@")(query)
    statement = select(*COLUMNS).where(EVENTS.c.words.is_not(None), matching)
    return statement.where(EVENTS.c.customer.in_(customers)) if customers else statement
