"""Many rows into one table with one statement of the driver's own, under SQLAlchemy's transaction.

SQLAlchemy's own way costs twice the time for the same rows: it makes a dictionary and a set of processors for each.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger

from ivr.timeline.database import driver_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from ivr.timeline.database import Database


async def insert(
    database: Database,
    connection: AsyncConnection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
) -> int:
    """Insert ``rows``, each in the order of ``columns``, but for those that are there already; how many were new."""
    if not rows:
        return 0
    driver = await driver_of(connection)
    if database.is_sqlite:
        cursor = await driver.executemany(_sqlite_insert(table, columns), rows)
        count: int = cursor.rowcount
        await cursor.close()
        return count
    status: str = await driver.execute(_postgresql_insert(table, columns), *map(list, zip(*rows, strict=True)))
    return int(status.rpartition(" ")[2])


async def keep_latest(
    database: Database, connection: AsyncConnection, column: str, rows: Sequence[Sequence[Any]], *, also: str = ""
) -> None:
    """Set ``column`` of customers to a time that is later than theirs, and the column ``also`` with it.

    ``rows`` are a customer, a time and, with ``also``, a text; each customer once and in one order everywhere, so that
    two writers seldom wait for each other in a circle (PostgreSQL ends such a circle, and the batch is tried again).
    """
    if not rows:
        return
    driver = await driver_of(connection)
    if database.is_sqlite:
        await (await driver.executemany(_sqlite_latest(column, also), rows)).close()
    else:
        await driver.execute(_postgresql_latest(column, also), *map(list, zip(*rows, strict=True)))


@cache
def _sqlite_latest(column: str, also: str) -> str:
    more = f", {also} = ?3" if also else ""
    earlier = f"({column} IS NULL OR {column} < ?2)"
    return f"UPDATE customers SET {column} = ?2{more} WHERE id = ?1 AND {earlier}"  # noqa: S608 - names of our own


@cache
def _postgresql_latest(column: str, also: str) -> str:
    more, array, name = (f", {also} = told.other", ", $3::text[]", ", other") if also else ("", "", "")
    return (
        f"UPDATE customers SET {column} = told.at_ms{more} "  # noqa: S608 - names of our own
        f"FROM unnest($1::text[], $2::bigint[]{array}) AS told(customer, at_ms{name}) "
        f"WHERE id = told.customer AND ({column} IS NULL OR {column} < told.at_ms)"
    )


@cache
def _sqlite_insert(table: Table, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table.name} ({_quoted(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of our own tables


@cache
def _postgresql_insert(table: Table, columns: tuple[str, ...]) -> str:
    sorts = ["bigint" if isinstance(table.c[name].type, BigInteger) else "text" for name in columns]
    arrays = ", ".join(f"${number}::{sort}[]" for number, sort in enumerate(sorts, 1))
    return (
        f"INSERT INTO {table.name} ({_quoted(columns)}) "  # noqa: S608 - names of our own tables
        f"SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"
    )


def _quoted(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
