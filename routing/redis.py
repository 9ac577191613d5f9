"""The hot path's Redis client: many tasks share one connection, and one turn of the event loop costs one send.

``Redis`` owns a ``Wire`` at a time and replaces it when it is lost: in the background, quickly at first, for as long as
it takes. A command issued meanwhile waits a moment for the new one. A command that was under way when the connection
was lost raises ``RedisUnavailable`` and is never repeated here: it may have run, and only its caller knows whether it
may run twice.

Not for blocking commands (BLPOP, XREAD BLOCK), SUBSCRIBE, MULTI or WATCH: these change what the connection means to
all other tasks. They belong to redis-py, like everything off the hot path. Cluster and Sentinel come with routing.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import TYPE_CHECKING

import hiredis

from routing.address import Address, masked, parse_url
from routing.wire import RedisError, RedisOverloaded, RedisRefused, RedisUnavailable, Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from routing.scripts import Script

__all__ = [
    "Redis",
    "RedisError",
    "RedisOverloaded",
    "RedisRefused",
    "RedisUnavailable",
    "RedisUnsuitable",
    "Reply",
    "check_version",
    "masked",
]

Part = str | bytes | int | float
Command = tuple[Part, ...]
_pack: Callable[[Command], bytes] = hiredis.pack_command  # type: ignore[assignment]  # its stub allows one part only

# A frozen server is given up after this. redis-py's default is 5 s, but a turn has 8 s in all and may try again.
TIMEOUT_S = 2.0
# How long a command waits for a lost connection to come back: an embedded engine is back in about 0.1 s.
PATIENCE_S = 0.5
# A tenth of a second of work for the server; more outstanding means that it is not keeping up. It answers all that it
# read at once together, so this times the slowest script must stay well below TIMEOUT_S.
MOST_WAITING = 10_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.5
# Refusals of a server that is starting up or failing over; any other refusal of a handshake will not pass by waiting.
PASSING = ("LOADING", "MASTERDOWN", "BUSY", "MISCONF")
NEEDED = {"Redis": (7, 0), "Valkey": (7, 2)}


class RedisUnsuitable(RedisError):  # noqa: N818 - named as its siblings are
    """The server can be reached but not used: too old, in cluster mode, or a sentinel."""


class Redis:
    """A connection to Redis that many tasks share. Made by ``connect``, ended by ``close``."""

    def __init__(self, url: str, *, name: str, patience_s: float, timeout_s: float, most_waiting: int) -> None:
        self.shown_url = masked(url)
        self._address = parse_url(url)
        self._greeting = _greeting(self._address, name)
        self._patience_s = patience_s
        self._timeout_s = timeout_s
        self._most_waiting = most_waiting
        self._wire: Wire | None = None
        self._back = asyncio.Event()
        self._reason = f"no answer within {timeout_s:g} s"
        self._closed = False
        self._reconnecting: asyncio.Task[None] | None = None

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

        ``name`` is what CLIENT LIST shows, without blanks. ``patience_s`` bounds how long a command waits for a lost
        connection, ``timeout_s`` how long the server may be silent while it owes replies, ``most_waiting`` the commands
        under way.
        Raises ValueError for a bad URL, RedisUnavailable, RedisRefused (a wrong password), RedisUnsuitable.
        """
        redis = cls(url, name=name, patience_s=patience_s, timeout_s=timeout_s, most_waiting=most_waiting)
        try:
            await redis._first_connection()
            await check_version(redis)
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

    async def pipeline(self, commands: Sequence[Command]) -> list[Reply | RedisRefused]:
        """Run commands with one send and return their replies in order, a refused one's as its RedisRefused.

        Not a transaction: other tasks' commands may run between them. Raises RedisUnavailable if any reply is missing.
        """
        if not commands:
            return []
        packed = b"".join([_pack(command) for command in commands])
        replies = [await reply for reply in await self._send(packed, len(commands))]
        for reply in replies:
            if isinstance(reply, RedisUnavailable):
                raise reply
        return replies

    async def run(self, script: Script, keys: Sequence[Part], args: Sequence[Part]) -> Reply:
        """Run a script by its hash; one the server does not know is sent as text, in place.

        Raises RedisRefused, also for an error inside the script, and RedisUnavailable.
        """
        reply = await self._ask(("EVALSHA", script.sha, len(keys), *keys, *args))
        if isinstance(reply, RedisRefused) and str(reply).startswith("NOSCRIPT"):
            # An unknown script has not run in part, so this cannot run anything twice.
            reply = await self._ask(("EVAL", script.text, len(keys), *keys, *args))
        if isinstance(reply, RedisError):
            raise reply
        return reply

    async def close(self) -> None:
        """End the connection and its reconnecting; who still waits gets RedisUnavailable. May be called twice."""
        self._closed = True
        self._reason = "this client is closed"
        self._back.set()
        if self._reconnecting is not None:
            self._reconnecting.cancel()
            await asyncio.gather(self._reconnecting, return_exceptions=True)
        if self._wire is not None:
            wire = self._wire
            wire.lose(self._reason)
            await wire.closed()

    # ------------------------------------------------------------------ sending

    async def _ask(self, command: Command) -> Reply:
        packed = _pack(command)
        try:
            reply = (self._wire or await self._connected()).send_one(packed)
        except RedisUnavailable:
            await asyncio.sleep(0)  # as in _send
            raise
        return await reply

    async def _send(self, packed: bytes, count: int) -> list[asyncio.Future[Reply]]:
        """Send when there is a connection. A refusal gives way to other tasks first: callers may try again at once."""
        try:
            return (self._wire or await self._connected()).send(packed, count)
        except RedisUnavailable:
            await asyncio.sleep(0)
            raise

    async def _connected(self) -> Wire:
        """The next connection, waited for no longer than a command may."""
        try:
            async with asyncio.timeout(self._patience_s):
                while self._wire is None and not self._closed:
                    await self._back.wait()
        except TimeoutError:
            pass
        if self._wire is None:
            raise RedisUnavailable(f"{self.shown_url} cannot be reached: {self._reason}; the command was not sent")
        return self._wire

    # ------------------------------------------------------------------ connecting

    async def _first_connection(self) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._keep_connecting(first=True)
        except TimeoutError:
            raise RedisUnavailable(f"{self.shown_url} cannot be reached: {self._reason}") from None

    async def _keep_connecting(self, *, first: bool = False) -> None:
        """Try until there is a connection; the first time, a refusal that waiting does not cure is raised."""
        for pause_s in pauses():
            try:
                self._adopt(await self._open())
            except RedisRefused as error:
                if first and not str(error).startswith(PASSING):
                    raise
                self._reason = str(error)
            except (OSError, RedisUnavailable) as error:
                self._reason = str(error) or type(error).__name__
            else:
                return
            await asyncio.sleep(pause_s)

    async def _open(self) -> Wire:
        """Connect and greet. Raises OSError (also TimeoutError), RedisRefused or RedisUnavailable."""
        async with asyncio.timeout(self._timeout_s):
            wire = await _connect(self._address, self._make_wire)
            try:
                await self._greet(wire)
            except BaseException:
                wire.lose("the greeting failed")
                raise
        return wire

    async def _greet(self, wire: Wire) -> None:
        for reply in wire.send(b"".join(map(_pack, self._greeting)), len(self._greeting)):
            answer = await reply
            if isinstance(answer, RedisError):
                raise RedisUnavailable(wire.lost) if wire.lost else answer

    def _make_wire(self) -> Wire:
        return Wire(timeout_s=self._timeout_s, most_waiting=self._most_waiting, on_lost=self._lost)

    def _adopt(self, wire: Wire) -> None:
        if wire.lost:
            raise RedisUnavailable(wire.lost)
        self._wire = wire
        self._back.set()

    def _lost(self, wire: Wire, reason: str) -> None:
        if wire is not self._wire:
            return
        self._wire = None
        if not self._closed:
            self._reason = reason
            self._back.clear()
            self._reconnecting = asyncio.get_running_loop().create_task(self._reconnect())

    async def _reconnect(self) -> None:
        # A server that accepts and drops us at once must not keep a core busy.
        await asyncio.sleep(FIRST_PAUSE_S)
        await self._keep_connecting()


def pauses() -> Iterator[float]:
    """Seconds between attempts to connect: short at first, doubling to half a second, without end."""
    pause_s = FIRST_PAUSE_S
    while True:
        yield pause_s
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def _greeting(address: Address, name: str) -> list[Command]:
    """What every new connection says first; PING last, since a server that is loading refuses only that."""
    greeting: list[Command] = []
    if address.password:
        greeting.append(("AUTH", *([address.user] if address.user else []), address.password))
    if address.database:
        greeting.append(("SELECT", address.database))
    return [*greeting, ("CLIENT", "SETNAME", name), ("PING",)]


async def _connect(address: Address, make_wire: Callable[[], Wire]) -> Wire:
    loop = asyncio.get_running_loop()
    if address.path:
        _, wire = await loop.create_unix_connection(make_wire, address.path)
    else:
        # The default context verifies the certificate and the host's name; SSL_CERT_FILE adds a private authority.
        context = ssl.create_default_context() if address.tls else None
        _, wire = await loop.create_connection(make_wire, address.host, address.port, ssl=context)
    return wire


async def check_version(redis: Redis) -> None:
    """Raise RedisUnsuitable unless the server is one we can work with, saying what was found and what is needed."""
    if objection := objection_to(await redis.execute("INFO", "server")):
        raise RedisUnsuitable(f"{redis.shown_url}: {objection}")


def objection_to(info: bytes) -> str:
    """What is wrong with the server that INFO describes; empty if nothing is."""
    facts = dict(line.split(":", 1) for line in info.decode(errors="replace").splitlines() if ":" in line)
    mode = facts.get("redis_mode") or facts.get("server_mode") or "standalone"
    if mode != "standalone":
        return f"this server runs in {mode} mode, which comes with routing; give the URL of a single server"
    product = "Valkey" if "valkey_version" in facts else "Redis"
    found = facts.get("valkey_version") or facts.get("redis_version") or "of unknown version"
    if tuple(map(int, re.findall(r"\d+", found)[:2])) >= NEEDED[product]:
        return ""
    needed = " or ".join(f"{name} {major}.{minor}" for name, (major, minor) in NEEDED.items())
    return f"this is {product} {found}; {needed} or newer is needed"
