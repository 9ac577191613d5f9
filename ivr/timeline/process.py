"""``python -m ivr.timeline.process``: moves journals to SQL; started by ``ivr serve`` and ``ivr demo``.

A process of its own, so that no turn waits for a batch; of lower priority, so that calls come first. It is ready at
once: a database that is not there yet is waited for, and nothing but the timeline depends on it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from ivr.supervisor import announce_ready

if TYPE_CHECKING:
    from ivr.settings import Settings
    from ivr.timeline.database import Database
    from routing.redis import Redis

log = structlog.get_logger()

NICE = 5
LOOK_AGAIN_S = 1.0


async def run(settings: Settings) -> None:
    """Bring the schema up to date, then move entries, until SIGTERM or SIGINT; a batch under way is finished later."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    moving = asyncio.create_task(_move(settings))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([moving, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not moving.done():
        moving.cancel()
    with suppress(asyncio.CancelledError):
        await moving


async def _move(settings: Settings) -> None:
    from ivr.clock import parse_clock
    from ivr.timeline.address import database_url, make_room
    from ivr.timeline.database import Database
    from ivr.timeline.journals import JournalReader
    from ivr.timeline.writing import Writer

    make_room(settings.database_url, settings.data_dir)
    redis = await _connected(settings)
    database = Database(database_url(settings.database_url, settings.data_dir))
    try:
        await _until_migrated(database)
        await JournalReader(redis, Writer(database, parse_clock(settings.clock))).run()
    finally:
        await database.close()
        await redis.close()


async def _connected(settings: Settings) -> Redis:
    from ivr.valkey import NoServerRuns, socket_url
    from routing.redis import Redis, RedisUnavailable

    while True:
        try:
            return await Redis.connect(settings.redis_url or socket_url(settings.data_dir), name="ivr-timeline")
        except (RedisUnavailable, NoServerRuns) as error:
            log.warning("timeline_waits_for_redis", error=str(error))
        await asyncio.sleep(LOOK_AGAIN_S)


async def _until_migrated(database: Database) -> None:
    from ivr.timeline.database import UNAVAILABLE, reason_of
    from ivr.timeline.migrating import migrate

    while True:
        try:
            return await migrate(database)
        except UNAVAILABLE as error:
            log.warning("timeline_waits_for_sql", error=reason_of(error))
        await asyncio.sleep(LOOK_AGAIN_S)


def main() -> int:
    """Move until told to stop; the exit status."""
    announce_ready()
    os.nice(NICE)
    # What this process needs is loaded only now, so that the workers beside it start first.
    from ivr.logs import set_up_logs
    from ivr.settings import read_settings

    settings = read_settings()
    set_up_logs(settings.log_format)
    try:
        asyncio.run(run(settings))
    except Exception as error:  # the supervisor starts it again, and the reason is to be seen
        log.exception("timeline_failed", error=type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
