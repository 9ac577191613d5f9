"""The handset protocol from the side of whoever holds the telephone."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CONNECT_S = 5.0


class NoTelephone(Exception):  # noqa: N818 - it reads as the sentence it begins
    """There is no simulator at the address, or it did not understand us; the text says which."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One thing heard: see ``Heard`` in docs/simulator.md; fields this telephone does not know are left out."""

    kind: str
    text: str = ""
    language: str = ""
    voice: str = ""
    seconds: float = 0.0
    question: int = 0
    at_ms: int = 0


class Handset:
    """A connected telephone."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def dial(self, to: str, *, from_: str, pace: str = "natural") -> None:
        await self._socket.send_json({"do": "dial", "to": to, "from": from_, "pace": pace})

    async def register(self, number: str) -> None:
        """Ring from now on when ``number`` is called."""
        await self._socket.send_json({"do": "register", "number": number})

    async def answer(self) -> None:
        await self._socket.send_json({"do": "answer"})

    async def decline(self) -> None:
        await self._socket.send_json({"do": "decline"})

    async def press(self, keys: str) -> None:
        await self._socket.send_json({"do": "press", "keys": keys})

    async def speak(self, words: str) -> None:
        await self._socket.send_json({"do": "speak", "words": words})

    async def stay_silent(self, question: int) -> None:
        await self._socket.send_json({"do": "silent", "question": question})

    async def hang_up(self) -> None:
        await self._socket.send_json({"do": "hang_up"})

    async def listen(self) -> AsyncIterator[Sound]:
        """What is heard, until the call ends.

        Raises NoTelephone when the connection breaks before that.
        """
        known = {field.name for field in fields(Sound)}
        async for message in self._socket:
            given: dict[str, Any] = json.loads(message.data)
            sound = Sound(**{name: value for name, value in given.items() if name in known})
            yield sound
            if sound.kind == "ended":
                return
        raise NoTelephone("the line broke off: the simulator has stopped")


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Handset]:
    """A telephone at the simulator whose address is ``url``; raises NoTelephone when there is none."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        await _check_simulator(session, url)
        try:
            socket = await session.ws_connect(f"{url}/handset")
        except aiohttp.ClientError as error:
            raise NoTelephone(f"the simulator at {url} has no telephone to lend: {error}") from error
        async with socket:
            yield Handset(socket)


async def _check_simulator(session: aiohttp.ClientSession, url: str) -> None:
    try:
        async with session.get(f"{url}/simulator/calls.json", timeout=aiohttp.ClientTimeout(CONNECT_S)) as response:
            known = await response.json() if response.status == 200 else {}
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise NoTelephone(f"nothing answers as a simulator at {url}: {error}") from error
    if not isinstance(known, dict) or "simulator" not in known:
        raise NoTelephone(f"what answers at {url} is not a simulator")
