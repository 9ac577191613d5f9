"""The schema: made by one process at a time, forwards and back, and the same as the tables in code."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from ivr.commands.doctor import _database
from ivr.settings import Settings
from ivr.timeline.address import database_url
from ivr.timeline.database import Database
from ivr.timeline.migrating import NEWEST, NewerSchemaError, migrate, version_of
from ivr.timeline.tables import METADATA
from tests.support.postgresql import a_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.engine import Connection


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> str:
    """Where an empty database is to be made; empty for a file."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgresql"))


@pytest.fixture
async def empty(server: str, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database without a table."""
    if not server:
        yield database_url("", tmp_path)
        return
    async with a_database(server, f"test_{secrets.token_hex(4)}") as made:
        yield database_url(made, tmp_path)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def differences(connection: Connection) -> list[str]:
    """What the tables in code have, or the database has, and the other one lacks; the search's own left out."""
    found = compare_metadata(MigrationContext.configure(connection), METADATA)
    return [str(one) for one in found if "search" not in str(one) and "index" not in str(one)]


async def test_four_processes_at_once_make_the_schema_once(empty: str) -> None:
    """The others wait for the one that is first; then it is the one that the code knows."""
    async with opened(empty) as one, opened(empty) as two:
        await asyncio.gather(*(migrate(database) for database in (one, two, one, two)))

        assert await version_of(one) == NEWEST
        async with one.reading() as connection:
            assert await connection.run_sync(differences) == []


async def test_it_goes_back_and_leaves_nothing(empty: str) -> None:
    """And forwards again."""
    async with opened(empty) as database:
        await migrate(database)
        await migrate(database, "")
        async with database.reading() as connection:
            left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        await migrate(database)

        assert left == ["alembic_version"]
        assert await version_of(database) == NEWEST


async def test_doctor_says_how_the_database_is(empty: str, tmp_path: Path) -> None:
    """Without a schema, with ours, a later one, and not to be reached; it makes nothing itself."""
    configured = "" if empty.startswith("sqlite") else empty.replace("+asyncpg", "")
    settings = Settings(database_url=configured, data_dir=tmp_path)
    before = await _database(settings)
    async with opened(empty) as database:
        await migrate(database)
        after = await _database(settings)
        async with database.writing() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    newer = await _database(settings)
    gone = await _database(Settings(database_url="postgresql://nobody@127.0.0.1:1/x", data_dir=tmp_path))

    assert [one.state for one in (before, after, newer, gone)] == ["ok", "ok", "wrong", "wrong"]
    assert "was made by a later version (9999)" in newer.text
    assert "check IVR_DATABASE_URL" in gone.text


async def test_a_later_versions_database_is_refused(empty: str) -> None:
    """By name, and it is not touched."""
    async with opened(empty) as database:
        await migrate(database)
        async with database.writing() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(NewerSchemaError, match="schema 9999, this version knows"):
            await migrate(database)

        assert await version_of(database) == "9999"
