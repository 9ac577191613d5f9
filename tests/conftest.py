"""Fixtures shared by all rooms: one Redis for the run, emptied for each test that asks for it.

It is an embedded Valkey, or what ``--redis`` says: a cluster of three masters, or the master of a service with
sentinels. Tests marked ``every_redis`` run on all three in any case.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Protocol

import aiohttp
import pytest

from ivr.logs import set_up_logs
from ivr.settings import SAMPLE_WORKSPACE
from ivr.workspace import read_workspace
from routing.redis import Redis
from tests.support.engine import embedded_valkey, flush, keys_like
from tests.support.house import a_house
from tests.support.posting import Poster
from tests.support.servers import a_cluster, a_service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractContextManager

    from ivr.workspace import Workspace
    from tests.support.house import House


@pytest.fixture(autouse=True, scope="session")
def _logs() -> None:
    """Our own log lines as the server writes them, so that a failing test shows them without anybody's secrets."""
    set_up_logs("json")


class Running(Protocol):
    """A Redis that runs."""

    @property
    def url(self) -> str: ...


REDISES: dict[str, Callable[[], AbstractContextManager[Running]]] = {
    "one": embedded_valkey,
    "cluster": a_cluster,
    "sentinel": a_service,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--redis", choices=list(REDISES), default="one", help="what the run's Redis is")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "every_redis: run on one server, on a cluster and on a service with sentinels")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "redis_url" in metafunc.fixturenames and metafunc.definition.get_closest_marker("every_redis"):
        metafunc.parametrize("redis_url", list(REDISES), indirect=True, scope="session")


@pytest.fixture(scope="session")
def redises() -> Iterator[Callable[[str], str]]:
    """The URL of the run's Redis of each form, started when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda form: stack.enter_context(REDISES[form]()).url)


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest, redises: Callable[[str], str]) -> str:
    """The URL of the Redis that the test runs on."""
    return redises(getattr(request, "param", request.config.getoption("--redis")))


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A connection to the test's Redis, emptied."""
    client = await Redis.connect(redis_url)
    await flush(client)
    yield client
    await client.close()


@pytest.fixture
async def house(redis: Redis, redis_url: str) -> AsyncIterator[House]:
    """A whole house, with nothing published yet."""
    assert await keys_like(redis) == []
    async with a_house(redis_url) as made:
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
