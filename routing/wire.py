"""One connection to Redis: commands go out in order, replies come in in order, and nothing else is known here.

A FIFO of futures pairs them. Whoever stops waiting leaves a cancelled future in its place, so replies never shift. All
commands of one turn of the event loop leave with one send. Replies *and* errors arrive as results, never as a future's
exception: a future nobody looks at any more then goes in silence.

A connection ends once and for good, for whatever reason (closed by the peer, garbage, no reply in time); every waiting
future then gets ``RedisUnavailable``. Speaks RESP2: no pushed messages, so a reply always belongs to a command.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, cast

import hiredis

if TYPE_CHECKING:
    from collections.abc import Callable

Reply = Any
"""What a command answers: bytes, int, None, or a list of these. Any, since only the caller knows which."""

NOTHING = object()


class RedisError(Exception):
    """A command did not get its answer."""


class RedisRefused(RedisError):  # noqa: N818 - reads as what happened; other rooms catch it by this name
    """The server answered with an error; the text begins with its code: ``WRONGTYPE …``, ``OOM …``."""


class RedisUnavailable(RedisError):  # noqa: N818 - the same
    """No answer came. A command that was sent may or may not have run: repeat only what may run twice."""


class RedisOverloaded(RedisUnavailable):
    """Too many commands wait for their replies; this one was not sent."""


class Wire(asyncio.Protocol):
    """A connection and the futures waiting on it. Made by ``loop.create_connection``; used within that loop."""

    def __init__(self, *, timeout_s: float, most_waiting: int, on_lost: Callable[[Wire, str], None]) -> None:
        self.lost = ""
        self._retiring = ""
        self._loop = asyncio.get_running_loop()
        self._timeout_s = timeout_s
        self._most_waiting = most_waiting
        self._on_lost = on_lost
        self._reader = hiredis.Reader(replyError=RedisRefused, notEnoughData=NOTHING)
        self._waiting: deque[asyncio.Future[Reply]] = deque()
        self._outgoing: list[bytes] = []
        self._heard_s = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._closed: asyncio.Future[None] = self._loop.create_future()

    def send(self, packed: bytes, count: int) -> list[asyncio.Future[Reply]]:
        """Queue ``count`` packed commands for this turn's send; their replies, in order.

        Each future's result is a reply, RedisRefused or RedisUnavailable. Raises RedisUnavailable when the connection
        has ended and RedisOverloaded when too much is under way; then nothing was sent.
        """
        self._queue(packed, count)
        replies = [self._loop.create_future() for _ in range(count)]
        self._waiting.extend(replies)
        return replies

    def send_one(self, packed: bytes) -> asyncio.Future[Reply]:
        """``send`` for one command, as nearly all are."""
        self._queue(packed, 1)
        reply: asyncio.Future[Reply] = self._loop.create_future()
        self._waiting.append(reply)
        return reply

    def _queue(self, packed: bytes, count: int) -> None:
        if self.lost:
            raise RedisUnavailable(self.lost)
        if len(self._waiting) + count > self._most_waiting:
            raise RedisOverloaded(f"{len(self._waiting)} commands wait for Redis already, and {self._most_waiting} may")
        if not self._waiting:
            self._start_watch()
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(packed)

    def lose(self, reason: str) -> None:
        """End the connection now, whatever it still holds; every waiting future hears ``reason``."""
        if self.lost:
            return
        self.lost = reason
        if self._transport is not None:
            self._transport.abort()
        if self._watch is not None:
            self._watch.cancel()
        self._outgoing.clear()
        while self._waiting:
            reply = self._waiting.popleft()
            if not reply.done():
                reply.set_result(RedisUnavailable(f"{reason}; the command may or may not have run"))
        self._on_lost(self, reason)

    def retire(self, reason: str) -> None:
        """End the connection as soon as no reply is owed; whoever calls this sees to it that nothing more is sent."""
        self._retiring = reason
        if not self._waiting:
            self.lose(reason)

    async def closed(self) -> None:
        """Return when the socket is closed, after ``lose``."""
        await asyncio.shield(self._closed)

    # ------------------------------------------------------------------ called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._heard_s = self._loop.time()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not NOTHING:
                future = self._waiting.popleft()
                if not future.done():
                    future.set_result(reply)
        except hiredis.ProtocolError as error:
            self.lose(f"what answers is no Redis ({error})")
        except IndexError:
            self.lose("a reply came that nobody asked for")
        if self._retiring and not self._waiting:
            self.lose(self._retiring)

    def connection_lost(self, error: Exception | None) -> None:
        self.lose(f"the connection was lost ({error or 'closed by the server'})")
        if not self._closed.done():
            self._closed.set_result(None)

    # ------------------------------------------------------------------ timers of our own

    def _flush(self) -> None:
        if self._outgoing and self._transport is not None:
            self._transport.write(b"".join(self._outgoing))
            self._outgoing.clear()

    def _start_watch(self) -> None:
        self._heard_s = self._loop.time()
        if self._watch is None:
            self._watch = self._loop.call_later(self._timeout_s, self._check)

    def _check(self) -> None:
        """One timer for all commands: it looks at when the server was last heard, not at each command."""
        self._watch = None
        if not self._waiting:
            return
        left_s = self._heard_s + self._timeout_s - self._loop.time()
        if left_s > 0:
            self._watch = self._loop.call_later(left_s, self._check)
        else:
            self.lose(f"Redis did not answer for {self._timeout_s:g} s")
