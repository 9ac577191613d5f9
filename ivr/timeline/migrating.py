"""Bringing the schema to this version at a start, by one process at a time; the others wait for it.

Each migration runs inside one transaction with all others, on both databases: a schema is never half new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import inspect, text

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

    from ivr.timeline.database import Database

log = structlog.get_logger()

NEWEST = "0001"
# Any number that nobody else uses in this database (postgresql.org, Advisory Locks): "cordboard" in ASCII, cut short.
LOCK = 0x636F7264626F6172


class NewerSchemaError(Exception):
    """The database was made by a later version of ours; the text says so and what to do."""


async def migrate(database: Database, to: str = NEWEST) -> None:
    """Bring the schema to version ``to``, forwards or back; at once when it is there.

    Raises NewerSchemaError, and what the database raises when it cannot be used.
    """
    async with database.writing() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        found = await connection.run_sync(_version)
        if found == to:
            return
        if found > NEWEST:
            raise NewerSchemaError(f"the database has schema {found}, this version knows {NEWEST}: start the newer one")
        await connection.run_sync(_migrate, to)
    log.info("database_migrated", was=found, now=to)


async def version_of(database: Database) -> str:
    """The schema's version, empty when there is none; ``NEWEST`` is the one this version reads and writes."""
    async with database.reading() as connection:
        return await connection.run_sync(_version)


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _migrate(connection: Connection, to: str) -> None:
    from alembic import command  # half a second that only a process which migrates pays for

    config = _config(connection)
    if _version(connection) > to:
        command.downgrade(config, to or "base")
    else:
        command.upgrade(config, to)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ivr.timeline:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
