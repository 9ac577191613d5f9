"""An application's end of media streams: keeps what it is sent, and does what a test wants when something comes."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@dataclass(slots=True, eq=False)
class Connection:
    """One stream that came in."""

    path: str
    headers: dict[str, str]
    socket: web.WebSocketResponse
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stream_sid(self) -> str:
        return str(self.of("start")[0]["streamSid"])

    def of(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]

    def heard(self, track: str = "inbound") -> bytes:
        """The samples of a track so far."""
        media = (one["media"] for one in self.of("media"))
        return b"".join(base64.b64decode(one["payload"]) for one in media if one["track"] == track)

    async def say(self, event: str, **content: str) -> None:
        about = {event: content} if content else {}
        await self.socket.send_json({"event": event, "streamSid": self.stream_sid, **about})

    async def play(self, samples: bytes) -> None:
        await self.say("media", payload=base64.b64encode(samples).decode())


async def nothing(connection: Connection, message: dict[str, Any]) -> None:
    """Listen and say nothing."""


@dataclass(slots=True)
class MediaServer:
    """Takes streams at every path that does not end in ``refused``."""

    url: str = ""
    connections: list[Connection] = field(default_factory=list)
    on_message: Callable[[Connection, dict[str, Any]], Awaitable[None]] = nothing

    @property
    def only(self) -> Connection:
        (connection,) = self.connections
        return connection

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("refused"):
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = Connection(request.path, dict(request.headers), socket)
        self.connections.append(connection)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                connection.messages.append(json.loads(message.data))
                await self.on_message(connection, connection.messages[-1])
        return socket
