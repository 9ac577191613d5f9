"""Reading the timeline: pages of events, newest first, each page as cheap as the first.

Ordered by time, then source, then the source's own number. A page ends with a cursor, the place of its last event; the
next page begins behind it, whatever came meanwhile.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, select, tuple_, union_all

from ivr.timeline.events import Event
from ivr.timeline.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select

    from ivr.timeline.database import Database

MOST_EVENTS = 200
USUAL_EVENTS = 50
PLACE = ("time_ms", "source", "number", "seq")
COLUMNS = [column for column in EVENTS.columns if column.name != "words"]


class CursorError(ValueError):
    """A cursor that no page of ours has ended with."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: all that is given must hold, and one of ``customers``, ``contact`` or ``type`` is what they are
    found by. ``since_ms`` is the first moment that counts, ``until_ms`` the first that counts no more.
    """

    customers: Sequence[str] = ()
    contact: str = ""
    type: str = ""
    channel: str = ""
    actor: str = ""
    since_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """``after`` is the cursor of the next page, empty on the last one."""

    events: tuple[Event, ...]
    after: str


async def read_page(database: Database, wanted: Wanted, *, after: str = "", limit: int = USUAL_EVENTS) -> Page:
    """A page of at most ``limit`` events. Raises CursorError."""
    limit = max(1, min(limit, MOST_EVENTS))
    conditions = _conditions(wanted, after)
    # A person of several customers: each one's own newest by index, and of these the newest.
    found_by = [EVENTS.c.customer == customer for customer in wanted.customers] or [_found_by(wanted)]
    parts = [_newest(select(*COLUMNS).where(each, *conditions), limit + 1) for each in found_by]
    statement: Any = parts[0]
    if len(parts) > 1:
        every = union_all(*(select(part.subquery()) for part in parts)).subquery()
        statement = select(every).order_by(*(every.c[name].desc() for name in PLACE)).limit(limit + 1)
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    shown = rows[:limit]
    return Page(tuple(event_of(row) for row in shown), _cursor(shown[-1]) if len(rows) > limit else "")


def _newest(statement: Select[Any], limit: int) -> Select[Any]:
    return statement.order_by(*(EVENTS.c[name].desc() for name in PLACE)).limit(limit)


def _found_by(wanted: Wanted) -> ColumnElement[bool]:
    if wanted.contact:
        return EVENTS.c.contact == wanted.contact
    if wanted.type:
        return EVENTS.c.type == wanted.type
    raise ValueError("events are found by customers, a contact or a type")


def _conditions(wanted: Wanted, after: str) -> list[ColumnElement[bool]]:
    named = {name: getattr(wanted, name) for name in ("contact", "type", "channel", "actor")}
    found: list[ColumnElement[bool]] = [EVENTS.c[name] == value for name, value in named.items() if value]
    if wanted.since_ms is not None:
        found.append(EVENTS.c.time_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        found.append(EVENTS.c.time_ms < wanted.until_ms)
    if after:
        # The first part alone is what PostgreSQL and SQLite both begin the index at.
        place = _place(after)
        found.append(and_(EVENTS.c.time_ms <= place[0], tuple_(*(EVENTS.c[name] for name in PLACE)) < tuple_(*place)))
    return found


def _cursor(row: Row[Any]) -> str:
    return urlsafe_b64encode(orjson.dumps([getattr(row, name) for name in PLACE])).decode()


def _place(cursor: str) -> tuple[int, str, int, int]:
    try:
        time_ms, source, number, seq = orjson.loads(urlsafe_b64decode(cursor.encode()))
        return int(time_ms), str(source), int(number), int(seq)
    except (ValueError, TypeError) as error:
        raise CursorError(f'"{cursor[:40]}" is no cursor of ours: begin with the first page again') from error


def event_of(row: Row[Any]) -> Event:
    """The event that a row of ``COLUMNS`` holds."""
    return Event(
        source=row.source,
        id=row.id,
        type=row.type,
        time_ms=row.time_ms,
        data=orjson.loads(row.data),
        number=row.number,
        customer=row.customer,
        contact=row.contact,
        channel=row.channel,
        actor=row.actor,
        direction=row.direction,
        summary=row.summary,
    )
