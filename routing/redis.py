"""The hot path's Redis client: many tasks share one connection, and one turn of the event loop costs one send.

One interface over one server (``routing/server.py``), the master of a service (``routing/sentinel.py``) and a cluster
(``routing/cluster.py``); the URL says which. A server is kept connected by a ``Link``. A command issued while there is
no connection waits a moment for the next one. A command that was under way when the connection was lost raises
``RedisUnavailable`` and is never repeated here: it may have run, and only its caller knows whether it may run twice.
What the server refused without running it (``NOT_RUN``) is tried again for that same moment.

Not for blocking commands (BLPOP, XREAD BLOCK), SUBSCRIBE, MULTI or WATCH: these change what the connection means to
all other tasks. They belong to redis-py, like everything off the hot path.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from routing.address import Address, ClusterAddress, masked, parse_url
from routing.link import Command, Options, Part, RedisUnsuitable
from routing.wire import RedisError, RedisOverloaded, RedisRefused, RedisUnavailable, Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.scripts import Script

__all__ = [
    "Call",
    "Redis",
    "RedisError",
    "RedisOverloaded",
    "RedisRefused",
    "RedisUnavailable",
    "RedisUnsuitable",
    "Reply",
    "masked",
]

# A frozen server is given up after this. redis-py's default is 5 s, but a turn has 8 s in all and may try again.
TIMEOUT_S = 2.0
# How long a command waits for a lost connection to come back: an embedded engine is back in about 0.1 s.
PATIENCE_S = 0.5
# A tenth of a second of work for the server; more outstanding means that it is not keeping up. It answers all that it
# read at once together, so this times the slowest script must stay well below TIMEOUT_S.
MOST_WAITING = 10_000
NEEDED = {"Redis": (7, 0), "Valkey": (7, 2)}
# Refusals that a server gives before it runs a command, and that pass when it has started or another took its place.
# A script's too: it is refused as a whole, or (READONLY) at its first write, so that it has written nothing.
NOT_RUN = ("LOADING ", "READONLY ", "MASTERDOWN ", "CLUSTERDOWN ", "TRYAGAIN ", "MOVED ", "ASK ")


class Call(NamedTuple):
    """A script to be run within a pipeline."""

    script: Script
    keys: Sequence[Part]
    args: Sequence[Part]

    def by_hash(self) -> Command:
        return ("EVALSHA", self.script.sha, len(self.keys), *self.keys, *self.args)

    def by_text(self) -> Command:
        return ("EVAL", self.script.text, len(self.keys), *self.keys, *self.args)


class Redis(ABC):
    """A connection to Redis that many tasks share. Made by ``connect``, ended by ``close``."""

    mode = "standalone"

    def __init__(self, url: str, options: Options) -> None:
        self.shown_url = masked(url)
        self._options = options

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        name: str = "cordboard",
        patience_s: float = PATIENCE_S,
        timeout_s: float = TIMEOUT_S,
        most_waiting: int = MOST_WAITING,
    ) -> Redis:
        """Connect, sign in and check the server's version; a server that is not there yet gets ``timeout_s``.

        ``url`` as ``routing/address.py`` has it. ``name`` is what CLIENT LIST shows, without blanks. ``patience_s``
        bounds how long a command waits for a lost connection or is tried again after the server refused to run it,
        ``timeout_s`` how long a server may be silent while it owes replies, ``most_waiting`` the commands under way
        with one server.
        Raises ValueError for a bad URL, RedisUnavailable, RedisRefused (a wrong password), RedisUnsuitable.
        """
        redis = _make(url, Options(name, patience_s, timeout_s, most_waiting))
        try:
            await redis.open()
        except BaseException:
            await redis.close()
            raise
        return redis

    async def execute(self, *args: Part) -> Reply:
        """Run one command and return its reply: bytes, int, None or a list of these.

        A task that is cancelled stops waiting; the command runs all the same. Raises RedisRefused, RedisUnavailable.
        """
        reply = await self._ask(args)
        if isinstance(reply, RedisError):
            raise reply
        return reply

    async def pipeline(
        self, commands: Sequence[Command | Call], *, whole: bool = True
    ) -> list[Reply | RedisRefused | RedisUnavailable]:
        """Run commands with one send a server and return their replies in order, a refused one's as its RedisRefused.

        Not a transaction: other tasks' commands may run between them, and a script that the server had forgotten runs
        behind them all. Raises RedisUnavailable if any reply is missing; where ``whole`` is False, it stands in that
        reply's place: one node of a cluster need not hide what the others said.
        """
        if not commands:
            return []
        replies = await self._ask_all(commands, whole=whole)
        if any(isinstance(reply, RedisError) for reply in replies):
            await self._mend(commands, replies)
            for reply in replies if whole else ():
                if isinstance(reply, RedisUnavailable):
                    raise reply
        return replies

    async def _mend(self, commands: Sequence[Command | Call], replies: list[Reply]) -> None:
        """Send what did not run again, one after the other, so that it stays in order."""
        until_s = self._patience_ends()
        for number, command in enumerate(commands):
            if was_not_run(replies[number]):
                replies[number] = await self._again(as_command(command), replies[number], until_s)
            if isinstance(command, Call) and _is_unknown(replies[number]):
                replies[number] = await self._ask(command.by_text(), command.keys)

    async def run(self, script: Script, keys: Sequence[Part], args: Sequence[Part]) -> Reply:
        """Run a script by its hash; one the server does not know is sent as text, in place.

        Raises RedisRefused, also for an error inside the script, and RedisUnavailable.
        """
        reply = await self._ask(("EVALSHA", script.sha, len(keys), *keys, *args), keys)
        if _is_unknown(reply):
            # An unknown script has not run in part, so this cannot run anything twice.
            reply = await self._ask(("EVAL", script.text, len(keys), *keys, *args), keys)
        if isinstance(reply, RedisError):
            raise reply
        return reply

    # ------------------------------------------------------------------ what each kind does in its own way

    @abstractmethod
    async def open(self) -> None:
        """Connect for the first time; ``connect`` calls it. Raises what ``connect`` raises."""

    @abstractmethod
    async def everywhere(self, *args: Part) -> list[Reply]:
        """Run one command on every server that holds data (FLUSHALL, KEYS, DBSIZE …); each one's reply."""

    @abstractmethod
    async def describe(self) -> str:
        """What is connected to, in words for an operator. Raises the error of a server that does not answer."""

    @abstractmethod
    async def close(self) -> None:
        """End the connection and its reconnecting; who still waits gets RedisUnavailable. May be called twice."""

    @abstractmethod
    async def _ask(self, command: Command, keys: Sequence[Part] | None = None) -> Reply:
        """The reply, or the RedisError in its place; raises only when nothing was sent. ``keys``: a script's."""

    @abstractmethod
    async def _ask_all(self, commands: Sequence[Command | Call], *, whole: bool) -> list[Reply]:
        """The first reply to each; with ``whole``, raises and sends nothing when one of them can't be sent."""

    @abstractmethod
    async def _again(self, command: Command, refusal: Reply, until_s: float) -> Reply:
        """The reply to a command that was refused unrun, sent until it runs or the loop's time is ``until_s``."""

    def _patience_ends(self) -> float:
        return asyncio.get_running_loop().time() + self._options.patience_s

    def _check(self, info: bytes) -> None:
        if objection := objection_to(info, self.mode):
            raise RedisUnsuitable(f"{self.shown_url}: {objection}")


def _make(url: str, options: Options) -> Redis:
    """The client of the kind that the URL names; each of them imports this module."""
    place = parse_url(url)
    if isinstance(place, Address):
        from routing.server import Server

        return Server.at(url, place, options)
    if isinstance(place, ClusterAddress):
        from routing.cluster import Cluster

        return Cluster(url, place, options)
    from routing.sentinel import SentinelRedis

    return SentinelRedis(url, place, options)


def was_not_run(reply: Reply) -> bool:
    """Whether this is a server's word that it did not run the command."""
    return isinstance(reply, RedisRefused) and str(reply).startswith(NOT_RUN)


def as_command(command: Command | Call) -> Command:
    """The words that are sent."""
    return command.by_hash() if isinstance(command, Call) else command


def _is_unknown(reply: Reply) -> bool:
    return isinstance(reply, RedisRefused) and str(reply).startswith("NOSCRIPT")


SPELLING = {
    "standalone": "it is a single server: write redis://",
    "cluster": "it is a node of a cluster: write redis+cluster://",
    "sentinel": "it is a sentinel: write redis+sentinel:// with the name of its service",
}


def product_of(info: bytes) -> tuple[str, str]:
    """The server that INFO describes: ``("Valkey", "9.1.2")``."""
    facts = _facts(info)
    product = "Valkey" if "valkey_version" in facts else "Redis"
    return product, facts.get("valkey_version") or facts.get("redis_version") or "of unknown version"


def objection_to(info: bytes, needed_mode: str = "standalone") -> str:
    """What is wrong with the server that INFO describes; empty if nothing is."""
    facts = _facts(info)
    mode = facts.get("redis_mode") or facts.get("server_mode") or "standalone"
    if mode != needed_mode:
        return SPELLING.get(mode, f"it runs in {mode} mode, which is not known here")
    product, found = product_of(info)
    if tuple(map(int, re.findall(r"\d+", found)[:2])) >= NEEDED[product]:
        return ""
    needed = " or ".join(f"{name} {major}.{minor}" for name, (major, minor) in NEEDED.items())
    return f"this is {product} {found}; {needed} or newer is needed"


def _facts(info: bytes) -> dict[str, str]:
    return dict(line.split(":", 1) for line in info.decode(errors="replace").splitlines() if ":" in line)
