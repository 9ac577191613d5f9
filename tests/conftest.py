"""Fixtures shared by all rooms: one embedded Valkey for the run, emptied for each test that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from ivr.logs import set_up_logs
from ivr.settings import SAMPLE_WORKSPACE
from ivr.workspace import read_workspace
from routing.redis import Redis
from tests.support.engine import embedded_valkey, flush
from tests.support.house import a_house
from tests.support.posting import Poster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ivr.valkey import EmbeddedValkey
    from ivr.workspace import Workspace
    from tests.support.house import House


@pytest.fixture(autouse=True, scope="session")
def _logs() -> None:
    """Our own log lines as the server writes them, so that a failing test shows them without anybody's secrets."""
    set_up_logs("json")


@pytest.fixture(scope="session")
def valkey() -> Iterator[EmbeddedValkey]:
    """The run's engine."""
    with embedded_valkey() as engine:
        yield engine


@pytest.fixture
async def redis(valkey: EmbeddedValkey) -> AsyncIterator[Redis]:
    """A connection to the run's engine, emptied."""
    client = await Redis.connect(valkey.url)
    await flush(client)
    yield client
    await client.close()


@pytest.fixture
async def house(redis: Redis, valkey: EmbeddedValkey) -> AsyncIterator[House]:
    """A whole house, with nothing published yet."""
    assert await redis.execute("DBSIZE") == 0
    async with a_house(valkey.url) as made:
        yield made


@pytest.fixture(scope="session")
def sample() -> Workspace:
    """The shipped workspace."""
    return read_workspace(SAMPLE_WORKSPACE)


@pytest.fixture
async def center(house: House, sample: Workspace) -> House:
    """A whole house that answers with the shipped workspace."""
    await house.publish(sample)
    return house


@pytest.fixture
async def poster(house: House) -> AsyncIterator[Poster]:
    """Posts webhooks by hand to the house's server."""
    async with aiohttp.ClientSession() as session:
        yield Poster(session, house.server)
