"""Media streams: the sound of a call to an application over a WebSocket, and back, while the call goes on.

connecting -> streaming -> over. The network says ``connected`` and ``start``, then 20 ms of each track at a time as
fast as the network's time goes, at last ``stop``; a bidirectional stream also tells keys, and plays what it is sent. It
is over when the application closes the connection, somebody stops it, or the call ends. On stepped time no time passes
before the application has read what it was sent: it is asked with a ping.
Source: twilio.com/docs/voice/media-streams.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import WSMsgType

from ivr.simulator.clock import SteppedTime
from ivr.simulator.delivery import Request
from ivr.simulator.heard import Heard, Keys
from ivr.simulator.playback import Playback
from ivr.simulator.problems import Problem
from ivr.simulator.records import Exchange
from ivr.simulator.signature import sign
from ivr.simulator.stream_messages import CONNECTED, BadMessageError, Outbox, read_order
from ivr.simulator.transcriptions import iso_8601

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.simulator.call import Call
    from ivr.simulator.heard import Input
    from ivr.simulator.stream_wishes import Wishes

FRAME_MS = 20
MOST_TRACKS = 4
HANDSHAKE_FAILED, BROKEN_OFF, BAD_MESSAGE = 31920, 31921, 31951
HANDSHAKE_S = 10.0
PONG_S = 5.0
"""How long, on real time, stepped time waits for an application that does not read; after that no more."""

UNREAD_S = 30.0
"""On real time: then an application that reads nothing of what waits to be sent is taken for gone."""

PARTING = aiohttp.ClientWSTimeout(ws_close=2.0)  # real seconds to answer a closing connection
LARGEST_MESSAGE = 1 << 22


class Stream:
    """One stream; ``over`` is set when nothing more comes of it.

    ``sent`` and ``obeyed`` count its messages to the application and from it.
    """

    def __init__(self, call: Call, wishes: Wishes) -> None:
        self.sid = f"MZ{uuid.uuid4().hex}"
        self.call = call
        self.wishes = wishes
        self.error = ""
        self.over = asyncio.Event()
        self.began_ms = self.updated_ms = call.network.time.now_ms()
        self.sent = self.obeyed = 0
        self._is_stopping = False
        self._alarm: asyncio.Future[None] | None = None
        self._keys: list[str] = []
        self._outbox = Outbox(call.account_sid, call.sid, self.sid)
        self._playback = Playback(call.tape.outbound)
        self._pong: asyncio.Future[None] | None = None
        self._is_in_step = isinstance(call.network.time, SteppedTime)
        self._sent_ms = 0

    @property
    def is_running(self) -> bool:
        return not (self._is_stopping or self.over.is_set())

    @property
    def status(self) -> str:
        return "in-progress" if self.is_running else "stopped"

    def stop(self) -> None:
        """Say so to the application and hang up on it; a second time changes nothing."""
        if self.is_running:
            self.updated_ms = self.call.network.time.now_ms()
        self._is_stopping = True
        self._wake()

    def notice(self, given: Input) -> None:
        """The far end presses keys: only a bidirectional stream is told."""
        if isinstance(given, Keys) and self.wishes.is_bidirectional and self.is_running:
            self._keys += given.keys
            self._wake()

    async def live(self) -> None:
        """From the handshake to the end."""
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
                socket = await self._shake_hands(session)
                self._tell("stream-started")
                await self._talk(session, socket)
            self._tell("stream-stopped")
        except Problem as problem:
            self.error = problem.message
            self.call.report(problem)
            self._tell("stream-error")
        finally:
            self.updated_ms = self.call.network.time.now_ms()
            self.over.set()
            self.call.network.history.touch(self.call.sid)

    async def _shake_hands(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        """A signed GET; raises Problem 31920 when the application does not agree to a WebSocket."""
        network, url = self.call.network, self.wishes.url
        headers = {"User-Agent": "TwilioMediaStreams/1.0", "X-Twilio-Signature": sign(network.auth_token, url)}
        at_ms, began_s, status, error = network.time.now_ms(), time.monotonic(), 0, ""
        try:
            if network.faults.take(url, "stream refused"):
                raise Problem(HANDSHAKE_FAILED, url, "no WebSocket (as ordered)")
            with network.time.working():
                async with asyncio.timeout(HANDSHAKE_S):
                    socket = await session.ws_connect(
                        url, headers=headers, autoping=False, max_msg_size=LARGEST_MESSAGE, timeout=PARTING
                    )
            status = 101
        except aiohttp.WSServerHandshakeError as failure:
            status, error = failure.status, f"no WebSocket: answered with status {failure.status}"
            raise Problem(HANDSHAKE_FAILED, url, error) from failure
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            error = f"no WebSocket: {failure!r}"
            raise Problem(HANDSHAKE_FAILED, url, error) from failure
        finally:
            took_ms = round((time.monotonic() - began_s) * 1000)
            network.courier.record(
                Exchange("stream", self.call.sid, "GET", url, (), headers, "", 1, at_ms, took_ms, status, "", error)
            )
        return socket

    async def _talk(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Until one side has had enough; raises Problem when the connection breaks off."""
        listening = asyncio.create_task(self._listen(socket))
        feeding = asyncio.create_task(self._feed(socket))
        cut = self.call.network.faults.find(self.wishes.url, "stream cut")
        misfortune = self.call.network.time.alarm(cut.seconds) if cut else None
        try:
            ends = {listening, feeding, *((misfortune,) if misfortune else ())}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if misfortune and misfortune.done():
                await session.close()
                raise Problem(BROKEN_OFF, self.wishes.url, "the connection broke off (as ordered)")
            if feeding.done():
                feeding.result()
            if listening.done() and not self._is_stopping:
                self._check_close(listening.result())
        finally:
            listening.cancel()
            feeding.cancel()
            if misfortune:
                misfortune.cancel()
            await asyncio.wait({listening, feeding})
            with self.call.network.time.working():
                await socket.close()

    def _check_close(self, code: int) -> None:
        if code not in {aiohttp.WSCloseCode.OK, aiohttp.WSCloseCode.GOING_AWAY, 1005}:
            raise Problem(BROKEN_OFF, self.wishes.url, f"the application closed the connection with {code}")

    # To the application.

    async def _feed(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Send what there is to send whenever there is something; the one who writes to the socket."""
        now_ms, alarm = self.call.network.time.now_ms, self.call.network.time.alarm
        began_ms = self._sent_ms = now_ms()
        await self._send(socket, [CONNECTED, self._outbox.start(self.wishes.tracks, self.wishes.custom)])
        while True:
            is_last = self._is_stopping
            await self._send(socket, self._news(began_ms, now_ms()))
            if is_last:
                await self._send(socket, [self._outbox.stop()])
                return
            if not self._has_news():
                self._alarm = alarm((self._sent_ms + FRAME_MS - now_ms()) / 1000)
                await asyncio.wait([self._alarm])

    def _has_news(self) -> bool:
        """Whether something came up while messages were sent."""
        return self._is_stopping or bool(self._keys) or self._playback.is_due(self.call.network.time.now_ms())

    def _news(self, began_ms: int, now_ms: int) -> list[str]:
        messages = list[str]()
        while self._sent_ms + FRAME_MS <= now_ms:
            begin_ms, self._sent_ms = self._sent_ms, self._sent_ms + FRAME_MS
            for track in self.wishes.tracks:
                samples = self.call.tape.read(track, begin_ms, self._sent_ms)
                messages.append(self._outbox.media(track, begin_ms - began_ms, samples))
        keys, self._keys = self._keys, []
        messages += [self._outbox.dtmf(key) for key in keys]
        messages += [self._outbox.mark(name) for name in self._playback.due(now_ms)]
        if seconds := self._playback.news(now_ms):
            self.call.hear(Heard("audio", seconds=seconds))
        return messages

    async def _send(self, socket: aiohttp.ClientWebSocketResponse, messages: Sequence[str]) -> None:
        """All of them; an application that has gone is noticed by who listens."""
        if not messages or socket.closed:
            return
        with self.call.network.time.working():
            try:
                async with asyncio.timeout(UNREAD_S):
                    for message in messages:
                        await socket.send_str(message)
                        self.sent += 1
                if self._is_in_step:
                    await self._await_pong(socket)
            except TimeoutError:
                raise Problem(BROKEN_OFF, self.wishes.url, "the application does not read") from None
            except (aiohttp.ClientError, ConnectionError):
                return

    async def _await_pong(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._pong = asyncio.get_running_loop().create_future()
        await socket.ping()
        done, _ = await asyncio.wait([self._pong], timeout=PONG_S)
        self._is_in_step = bool(done)

    def _wake(self) -> None:
        if self._alarm is not None and not self._alarm.done():
            self._alarm.set_result(None)

    # From the application.

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> int:
        """Obey until the application closes the connection; with which code it did."""
        try:
            while True:
                message = await socket.receive()
                if message.type is WSMsgType.TEXT:
                    self._obey(message.data)
                elif message.type is WSMsgType.BINARY:
                    self._complain("a message that is not text")
                elif message.type is WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.type is WSMsgType.PONG:
                    self._note_pong()
                else:
                    return socket.close_code or aiohttp.WSCloseCode.ABNORMAL_CLOSURE
        finally:
            self._note_pong()

    def _note_pong(self) -> None:
        if self._pong is not None and not self._pong.done():
            self._pong.set_result(None)

    def _obey(self, text: str) -> None:
        if not self.wishes.is_bidirectional:
            self._complain("a message to a stream that only listens")
            return
        try:
            order = read_order(text, self.sid)
        except BadMessageError as error:
            self._complain(str(error))
            return
        self.obeyed += 1
        now_ms = self.call.network.time.now_ms()
        if order.event == "media":
            self._playback.play(order.samples, now_ms)
        elif order.event == "mark":
            self._playback.mark(order.name, now_ms)
        else:
            self._playback.clear(now_ms)
        if self._playback.is_due(now_ms):
            self._wake()

    def _complain(self, message: str) -> None:
        self.call.report(Problem(BAD_MESSAGE, self.wishes.url, f"the application sent {message}"))

    def _tell(self, event: str) -> None:
        callback, network = self.wishes.callback, self.call.network
        if not callback.url:
            return
        about = (
            ("AccountSid", self.call.account_sid),
            ("CallSid", self.call.sid),
            ("StreamSid", self.sid),
            *((("StreamName", self.wishes.name),) if self.wishes.name else ()),
            ("StreamEvent", event),
            *((("StreamError", self.error),) if self.error else ()),
            ("Timestamp", iso_8601(network.time.now_ms())),
        )
        network.notify(Request("callback", callback.url, callback.method, about, self.call.sid))


def stream(call: Call, wishes: Wishes) -> Stream:
    """Begin to stream ``call``; it stops when the call ends, if not before."""
    begun = Stream(call, wishes)
    call.streams.append(begun)
    call.network.spawn(begun.live())
    return begun


def find_stream(call: Call, name: str) -> Stream | None:
    """By sid, or by name the one that runs."""
    found = (one for one in call.streams if one.sid == name or (one.is_running and name == one.wishes.name))
    return next(found, None) if name else None


def fault_of(call: Call, wishes: Wishes) -> str:
    """Why ``call`` cannot have this stream as well; empty if it can."""
    if find_stream(call, wishes.name):
        return f"name={wishes.name!r} is the name of one that runs"
    tracks = sum(len(one.wishes.tracks) for one in call.streams if one.is_running) + len(wishes.tracks)
    return f"is too much: a call has at most {MOST_TRACKS} tracks streamed" if tracks > MOST_TRACKS else ""
