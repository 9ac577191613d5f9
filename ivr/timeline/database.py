"""The SQL database, SQLite or PostgreSQL behind one door: connections to read with and transactions to write in.

Everything in ``ivr/timeline`` speaks SQLAlchemy Core to both; only this file, ``writing.py`` and ``searching.py`` know
which it is. SQLAlchemy is loaded with this module, which is why a server's process imports it after it is ready.
"""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.engine import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

# Another process's batch takes some milliseconds; a migration may take longer.
BUSY_MS = 5_000
CONNECT_S = 5.0
COMMAND_S = 60.0
# WAL lets readers read while one writes. FULL syncs each commit: what is acknowledged is gone from Redis, so it must
# survive a power cut here, and a sync a batch costs little (sqlite.org, pragma synchronous).
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "cache_size=-65536")

UNAVAILABLE = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, sqlite3.Error, OSError)
"""What a database that cannot be used now may raise, with SQLAlchemy or below it."""

UNSTORABLE = (
    DataError,
    IntegrityError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    OverflowError,
    UnicodeError,
)
"""What a row raises that no repetition will make storable."""


class Database:
    """A pool of connections. Made in a running loop, ended by ``close``."""

    def __init__(self, url: str) -> None:
        """``url`` as ``address.database_url`` has it."""
        self.is_sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {"pool_pre_ping": not self.is_sqlite, "pool_size": 5, "max_overflow": 5}
        if not self.is_sqlite:
            options["connect_args"] = {"timeout": CONNECT_S, "command_timeout": COMMAND_S}
        self.engine = create_async_engine(url, **options)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one moment of the database."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end, rolled back by an exception. On SQLite one at a time, by the lock."""
        async with self.engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection

    async def close(self) -> None:
        """End all connections."""
        await self.engine.dispose()


async def driver_of(connection: AsyncConnection) -> Any:
    """The driver's own connection, an ``aiosqlite.Connection`` or an ``asyncpg.Connection``, in the transaction."""
    return (await connection.get_raw_connection()).driver_connection


def reason_of(error: Exception) -> str:
    """What went wrong, in a line and without the values that were to be stored."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(error, UNSTORABLE):
        return type(cause).__name__  # its text shows what somebody has said
    return f"{type(cause).__name__}: {cause}".partition("\n")[0][:300]


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver's guess
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading and then writes would be refused when another has written meanwhile.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
