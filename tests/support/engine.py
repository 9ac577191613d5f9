"""An embedded Valkey for tests: started once, emptied between tests, and searched for keys that would stay for ever."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ivr.valkey import EmbeddedValkey, find_binary
from routing.redis import Redis
from routing.scripts import Header, Script, sha_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@contextmanager
def embedded_valkey(*, appendfsync: str = "no") -> Iterator[EmbeddedValkey]:
    """A running engine in a folder of its own, both gone afterwards; writes reach the disk late, for speed."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ivr-test-", ignore_cleanup_errors=True) as folder:
        engine = EmbeddedValkey.start(Path(folder), find_binary(), appendfsync)
        try:
            yield engine
        finally:
            engine.stop()


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[Redis]:
    """A client, closed afterwards."""
    redis = await Redis.connect(url, **options)
    try:
        yield redis
    finally:
        await redis.close()


def script(text: str) -> Script:
    """A script that is its text."""
    return Script("test", text, sha_of(text), Header())


async def flush(redis: Redis) -> None:
    """Empty the engine: keys and known scripts."""
    await redis.everywhere("FLUSHALL")
    await redis.everywhere("SCRIPT", "FLUSH")


async def keys_like(redis: Redis, pattern: str = "*") -> list[bytes]:
    """All keys of that form, on however many servers."""
    return [key for keys in await redis.everywhere("KEYS", pattern) for key in keys]


async def keys_without_ttl(redis: Redis, *, permanent: tuple[str, ...] = ()) -> list[str]:
    """Keys that would stay for ever, sorted, without those that begin with one of ``permanent``."""
    keys = await keys_like(redis)
    lives = await redis.pipeline([("PTTL", key) for key in keys])
    immortal = sorted(key.decode() for key, life_ms in zip(keys, lives, strict=True) if life_ms == -1)
    return [key for key in immortal if not key.startswith(permanent)]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
