"""What tests of the timeline share: a database of each sort, empty and of this version."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from ivr.clock import SteppedClock
from ivr.timeline.address import FILE, database_url
from ivr.timeline.customers import Customers
from ivr.timeline.database import Database
from ivr.timeline.merges import Merges
from ivr.timeline.migrating import migrate
from ivr.timeline.tables import METADATA
from ivr.timeline.writing import Writer
from tests.support.postgresql import a_database, a_postgresql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


async def _migrated(url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.close()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of this version, to be copied."""
    folder = tmp_path_factory.mktemp("sqlite")
    asyncio.run(_migrated(database_url("", folder)))
    return folder / FILE


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The run's PostgreSQL."""
    with a_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_database(postgresql: str) -> Iterator[str]:
    """A database of this version in it, to be emptied for each test: that is ten times as quick as a new one."""
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        url = runner.run(stack.enter_async_context(a_database(postgresql, f"test_{secrets.token_hex(4)}")))
        runner.run(_migrated(database_url(url, Path())))
        yield url
        runner.run(stack.aclose())


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Path | str:
    """Each of the two: the file to be copied, or the server. What it takes to start is done outside of any loop."""
    found: Path | str = request.getfixturevalue("sqlite_file" if request.param == "sqlite" else "postgresql_database")
    return found


@pytest.fixture
async def url(engine: Path | str, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database of this version, as SQLAlchemy names it: on each of the two."""
    if isinstance(engine, Path):
        shutil.copy(engine, tmp_path / FILE)
        yield database_url("", tmp_path)
        return
    connection = await asyncpg.connect(engine)
    await connection.execute(f"TRUNCATE {', '.join(METADATA.tables)} RESTART IDENTITY")
    await connection.close()
    yield database_url(engine, tmp_path)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The same, open."""
    made = Database(url)
    yield made
    await made.close()


@pytest.fixture
def clock() -> SteppedClock:
    """Monday morning."""
    return SteppedClock(datetime(2026, 3, 2, 10, tzinfo=UTC))


@pytest.fixture
def writer(database: Database, clock: SteppedClock) -> Writer:
    return Writer(database, clock)


@pytest.fixture
def customers(database: Database, clock: SteppedClock) -> Customers:
    return Customers(database, clock, find_s=10)  # the machine may be busy


@pytest.fixture
def merges(database: Database, clock: SteppedClock) -> Merges:
    return Merges(database, clock)
