"""What commands beside a running server work with: its Redis, its clock, and the programs in it."""

from __future__ import annotations

import asyncio
import getpass
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ivr.clock import Clock, parse_clock
from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.programs import Programs
from ivr.sealing import Vault
from ivr.valkey import NoServerRuns, socket_url
from ivr.versions import Versions
from routing.redis import Redis, RedisError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Store:
    """The store of the settings."""

    redis: Redis
    clock: Clock
    programs: Programs
    versions: Versions


def with_store(name: str, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do some work with the running server's Redis, under the name ``name``; refused where there is none."""
    settings = settings_or_refuse()

    async def connected() -> T:
        redis = await Redis.connect(settings.redis_url or socket_url(settings.data_dir), name=name)
        try:
            clock = parse_clock(settings.clock)
            programs = Programs(redis, clock, Vault(settings.secrets, settings.secret_key))
            return await work(Store(redis, clock, programs, Versions(redis, clock)))
        finally:
            await redis.close()

    try:
        return asyncio.run(connected())
    except NoServerRuns as error:
        raise CannotRun(str(error)) from error
    except (RedisError, ValueError) as error:
        raise CannotRun(f"{error}; check IVR_REDIS_URL") from error


def user() -> str:
    """Who sits at the command line."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user of this number
        return "somebody at the command line"
