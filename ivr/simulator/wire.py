"""A telephone over WebSocket, at ``/handset``: JSON messages, documented in docs/simulator.md.

To the simulator: ``{"do": …}`` with one of DEEDS. From it: each Heard as an object, or ``{"kind": "error", "text": …}``
for a message it cannot use. Closing the connection hangs up and unregisters. Who may connect: ``visitors``.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from ivr.simulator.handset import Misuse, Telephone
from ivr.simulator.keys import SIMULATOR

if TYPE_CHECKING:
    from ivr.simulator.heard import Heard
    from ivr.simulator.network import Simulator

WITHHELD = "anonymous"
DEEDS = ("dial", "connect", "press", "speak", "silent", "hang_up", "register", "answer", "decline")


async def handset(request: web.Request) -> web.WebSocketResponse:
    simulator = request.app[SIMULATOR]
    socket = web.WebSocketResponse(heartbeat=30)
    await socket.prepare(request)
    line = WiredTelephone(simulator, socket)
    sending = asyncio.create_task(line.send_all())
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await line.obey(message.data)
    finally:
        sending.cancel()
        line.unregister()
        await line.hang_up()
    return socket


class WiredTelephone(Telephone):
    """A telephone whose user sits behind a socket."""

    def __init__(self, network: Simulator, socket: web.WebSocketResponse) -> None:
        super().__init__(network, WITHHELD)
        self._socket = socket
        self._unsent: asyncio.Queue[Heard] = asyncio.Queue()

    def hear(self, heard: Heard) -> None:
        super().hear(heard)
        self._unsent.put_nowait(heard)

    async def send_all(self) -> None:
        """Send what is heard, call after call, until cancelled."""
        while True:
            await self._send(asdict(await self._unsent.get()))

    async def obey(self, text: str) -> None:
        try:
            message = dict(json.loads(text))
            json.dumps(message, ensure_ascii=False).encode()  # half a character cannot be sent on to anybody
            await self._do(message)
        except Misuse as misuse:
            await self._send({"kind": "error", "text": str(misuse)})
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            await self._send({"kind": "error", "text": f"cannot use {text[:200]!r}: {error!r}"})

    async def _do(self, message: dict[str, Any]) -> None:
        match message.pop("do", None):
            case "dial":
                self.number = str(message.get("from", WITHHELD))
                await self.dial(str(message["to"]), pace=str(message.get("pace", "natural")))
            case "connect":
                self.number = str(message.get("from", self.number))
                custom = {str(name): str(value) for name, value in dict(message.get("parameters", {})).items()}
                await self.connect(str(message["application"]), custom, pace=str(message.get("pace", "natural")))
            case "press":
                await self.press(str(message["keys"]))
            case "speak":
                await self.speak(str(message["words"]), float(message.get("confidence", 0.9)))
            case "silent":
                await self.stay_silent(int(message["question"]))
            case "hang_up":
                await self.hang_up()
            case "register":
                self.number = str(message["number"])
                self.register()
            case "answer":
                await self.answer()
            case "decline":
                await self.decline()
            case unknown:
                raise Misuse(f"a telephone cannot {unknown!r}: {', '.join(DEEDS)}")

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._socket.closed:
            with suppress(ConnectionError):  # who has gone hears no more
                await self._socket.send_json(message)
