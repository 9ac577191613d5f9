"""A server kept connected: one ``Wire`` at a time, replaced when it is lost or when the server is no longer the one.

Reconnecting goes on in the background, quickly at first, for as long as it takes; attempts are spread a little, so that
many processes that lost the same server do not come back in step. Who needs the connection meanwhile waits a moment.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import hiredis

from routing.wire import RedisError, RedisRefused, RedisUnavailable, Wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from routing.address import Address
    from routing.wire import Reply

Part = str | bytes | int | float
Command = tuple[Part, ...]
pack: Callable[[Command], bytes] = hiredis.pack_command  # type: ignore[assignment]  # its stub allows one part only

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.5
# Refusals of a server that is starting up or failing over; any other refusal of a handshake will not pass by waiting.
PASSING = ("LOADING", "MASTERDOWN", "BUSY", "MISCONF", "CLUSTERDOWN")


class RedisUnsuitable(RedisError):  # noqa: N818 - named as its siblings are
    """The server can be reached but not used: too old, or not of the kind that the URL says."""


@dataclass(frozen=True, slots=True)
class Options:
    """How servers are spoken to; see ``Redis.connect``."""

    name: str
    patience_s: float
    timeout_s: float
    most_waiting: int


class Link:
    """A server, wherever ``find`` says that it is, and the connection to it.

    With ``must_be_master`` a replica counts as not there yet. ``on_news`` is told of every connection made or lost.
    """

    def __init__(
        self,
        shown: str,
        find: Callable[[], Awaitable[Address]],
        options: Options,
        *,
        must_be_master: bool = False,
        on_news: Callable[[], None] = lambda: None,
    ) -> None:
        self.shown = shown
        self.wire: Wire | None = None
        self.address: Address | None = None
        self.reason = f"no answer within {options.timeout_s:g} s"
        self._find = find
        self._options = options
        self._must_be_master = must_be_master
        self._on_news = on_news
        self._back = asyncio.Event()
        self._closed = False
        self._connecting: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ using it

    async def connected(self) -> Wire:
        """The next connection, waited for no longer than a command may. Raises RedisUnavailable: nothing was sent."""
        try:
            async with asyncio.timeout(self._options.patience_s):
                while self.wire is None and not self._closed:
                    await self._back.wait()
        except TimeoutError:
            pass
        if self.wire is None:
            await self.refuse()
        return self.wire

    async def refuse(self) -> NoReturn:
        """Say that nothing was sent; other tasks go first, since who hears it may try again at once."""
        await asyncio.sleep(0)
        raise RedisUnavailable(f"{self.shown} cannot be reached: {self.reason}; the command was not sent")

    # ------------------------------------------------------------------ connecting

    async def first(self) -> None:
        """Connect for the first time, within ``timeout_s``.

        Raises RedisUnavailable; RedisRefused and RedisUnsuitable at once, when waiting would not help.
        """
        try:
            async with asyncio.timeout(self._options.timeout_s):
                await self._keep_connecting(first=True)
        except TimeoutError:
            raise RedisUnavailable(f"{self.shown} cannot be reached: {self.reason}") from None

    def begin(self) -> None:
        """Connect in the background."""
        self._connecting = asyncio.get_running_loop().create_task(self._keep_connecting())

    def replace(self, reason: str) -> None:
        """Find the server anew: what is under way on the connection is still waited for, nothing more is sent on it."""
        if self.wire is not None:
            wire = self.wire
            self._lost(wire, reason)
            wire.retire(reason)

    async def _keep_connecting(self, *, first: bool = False) -> None:
        for pause_s in pauses():
            try:
                self._adopt(await self._open())
            except RedisError as error:
                if first and not will_pass(error):
                    raise
                self.reason = str(error)
            except OSError as error:
                self.reason = str(error) or type(error).__name__
            else:
                return
            await asyncio.sleep(pause_s)

    async def _open(self) -> Wire:
        async with asyncio.timeout(self._options.timeout_s):
            address = await self._find()
            wire = await open_wire(address, self._options, on_lost=self._lost, must_be_master=self._must_be_master)
        self.address = address
        return wire

    def _adopt(self, wire: Wire) -> None:
        if wire.lost:
            raise RedisUnavailable(wire.lost)
        self.wire = wire
        self._back.set()
        self._on_news()

    def _lost(self, wire: Wire, reason: str) -> None:
        if wire is not self.wire:
            return
        self.wire = None
        if not self._closed:
            self.reason = reason
            self._back.clear()
            self._connecting = asyncio.get_running_loop().create_task(self._reconnect())
            self._on_news()

    async def _reconnect(self) -> None:
        # A server that accepts and drops us at once must not keep a core busy.
        await asyncio.sleep(FIRST_PAUSE_S)
        await self._keep_connecting()

    # ------------------------------------------------------------------ ending

    def leave(self, reason: str) -> None:
        """End the connection when what is under way is answered, and connect no more."""
        self._stop(reason)
        if self.wire is not None:
            wire, self.wire = self.wire, None
            wire.retire(reason)

    async def close(self, reason: str) -> None:
        """End the connection now; who still waits gets RedisUnavailable. May be called twice."""
        self._stop(reason)
        if self._connecting is not None:
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self.wire is not None:
            wire = self.wire
            wire.lose(reason)
            await wire.closed()

    def _stop(self, reason: str) -> None:
        self._closed = True
        self.reason = reason
        self._back.set()
        if self._connecting is not None:
            self._connecting.cancel()


def will_pass(error: RedisError) -> bool:
    """Whether a server that failed like this may be well again by itself."""
    return isinstance(error, RedisUnavailable) or (isinstance(error, RedisRefused) and str(error).startswith(PASSING))


def pauses() -> Iterator[float]:
    """Seconds between attempts, without end: from 20 ms, doubling to half a second, each shortened by up to a half."""
    pause_s = FIRST_PAUSE_S
    while True:
        yield pause_s * random.uniform(0.5, 1)  # noqa: S311 - it spreads attempts, it keeps no secret
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


# ---------------------------------------------------------------------- one connection


async def open_wire(
    address: Address, options: Options, *, on_lost: Callable[[Wire, str], None], must_be_master: bool = False
) -> Wire:
    """Connect and sign in. Raises OSError (also TimeoutError), RedisRefused or RedisUnavailable."""
    wire = await _connect(
        address, lambda: Wire(timeout_s=options.timeout_s, most_waiting=options.most_waiting, on_lost=on_lost)
    )
    try:
        await _greet(wire, _greeting(address, options.name))
        if must_be_master:
            await _prove_master(wire, address)
    except BaseException:
        wire.lose("the greeting failed")
        raise
    return wire


def _greeting(address: Address, name: str) -> list[Command]:
    """What every new connection says first; PING last, since a server that is loading refuses only that."""
    greeting: list[Command] = []
    if address.password:
        greeting.append(("AUTH", *([address.user] if address.user else []), address.password))
    if address.database:
        greeting.append(("SELECT", address.database))
    return [*greeting, ("CLIENT", "SETNAME", name), ("PING",)]


async def _greet(wire: Wire, greeting: list[Command]) -> list[Reply]:
    replies = [await reply for reply in wire.send(b"".join(map(pack, greeting)), len(greeting))]
    for reply in replies:
        if isinstance(reply, RedisError):
            raise RedisUnavailable(wire.lost) if wire.lost else reply
    return replies


async def _prove_master(wire: Wire, address: Address) -> None:
    role = (await _greet(wire, [("ROLE",)]))[0][0]
    if role != b"master":
        raise RedisUnavailable(f"{address} is named as the master and is a {role.decode()} yet")


async def _connect(address: Address, make_wire: Callable[[], Wire]) -> Wire:
    loop = asyncio.get_running_loop()
    if address.path:
        _, wire = await loop.create_unix_connection(make_wire, address.path)
    else:
        # The default context verifies the certificate and the host's name; SSL_CERT_FILE adds a private authority.
        context = ssl.create_default_context() if address.tls else None
        _, wire = await loop.create_connection(make_wire, address.host, address.port, ssl=context)
    return wire
