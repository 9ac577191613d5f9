"""What a server process has of the timeline: customers for flows, and a writer for what others post.

Loading the database's libraries takes as long as a server's start, so it is done after it: until then, as at all times
when the database cannot be used, customers are unknown and posts are told to come again.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ivr.timeline.address import database_url, make_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ivr.clock import Clock
    from ivr.settings import Settings
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database
    from ivr.timeline.events import Event
    from ivr.timeline.writing import Writer


class TimelineUnavailableError(Exception):
    """The database cannot be used now; the text says why, and holds nobody's data."""


class Timeline:
    """Made at once, usable when ``open`` is done, ended by ``close``."""

    def __init__(self, settings: Settings, clock: Clock, **customers: Any) -> None:
        """``customers`` are options of ``Customers``."""
        self._settings = settings
        self._url = database_url(settings.database_url, settings.data_dir)
        self._clock = clock
        self._options = customers
        self._parts: tuple[Database, Customers, Writer] | None = None

    async def open(self) -> None:
        """Load the libraries beside what else goes on; the database itself need not be there."""
        with suppress(OSError):  # the timeline's own process says so, and what cannot be opened is unavailable
            make_room(self._settings.database_url, self._settings.data_dir)
        make = await asyncio.to_thread(_load)
        self._parts = make(self._url, self._clock, self._options)

    async def close(self) -> None:
        """End the connections."""
        if self._parts is not None:
            await self._parts[0].close()

    async def find(self, by: str, value: str) -> Mapping[str, Any] | None:
        """As ``Customers.find``. Raises TimelineUnavailableError and TimeoutError."""
        with self._usable() as (customers, _):
            return await customers.find(by, value)

    async def store(self, events: Sequence[Event]) -> int:
        """As ``Writer.store``. Raises TimelineUnavailableError."""
        with self._usable() as (_, writer):
            return await writer.store(events)

    async def strangers(self, customers: set[str]) -> set[str]:
        """Of ids of customers those that are nobody's. Raises TimelineUnavailableError."""
        with self._usable() as (known, _):
            return customers - await known.existing(customers)

    @contextmanager
    def _usable(self) -> Iterator[tuple[Customers, Writer]]:
        if self._parts is None:
            raise TimelineUnavailableError("the database's libraries are being loaded")
        from ivr.timeline.database import UNAVAILABLE, reason_of

        try:
            yield self._parts[1:]
        except TimeoutError:  # a deadline of ours; the database's own are errors of its library
            raise
        except UNAVAILABLE as error:
            raise TimelineUnavailableError(reason_of(error)) from error


def _load() -> Callable[[str, Clock, Mapping[str, Any]], tuple[Database, Customers, Writer]]:
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database
    from ivr.timeline.writing import Writer

    def make(url: str, clock: Clock, options: Mapping[str, Any]) -> tuple[Database, Customers, Writer]:
        database = Database(url)
        return database, Customers(database, clock, **options), Writer(database, clock)

    return make
