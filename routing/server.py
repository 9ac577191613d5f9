"""``Redis`` over one server: all commands share one connection to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from routing.address import masked
from routing.link import Link, Options, pack, pauses
from routing.redis import Call, Redis, product_of, was_not_run
from routing.wire import RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.address import Address
    from routing.link import Command, Part
    from routing.wire import Reply


class Server(Redis):
    """``Redis`` over whatever server the link leads to."""

    def __init__(self, url: str, link: Link, options: Options) -> None:
        super().__init__(url, options)
        self._link = link

    @classmethod
    def at(cls, url: str, address: Address, options: Options) -> Server:
        """A server that is always at the same address."""

        async def find() -> Address:
            return address

        return cls(url, Link(masked(url), find, options), options)

    async def open(self) -> None:
        """Connect for the first time and look at the server's version."""
        await self._link.first()
        self._check(await self.execute("INFO", "server"))

    async def everywhere(self, *args: Part) -> list[Reply]:
        """Run the command here: this is all there is."""
        return [await self.execute(*args)]

    async def describe(self) -> str:
        """Product, version and where it is: ``Valkey 9.1.2 at 10.0.0.7:6379``."""
        product, version = product_of(await self.execute("INFO", "server"))
        return f"{product} {version} at {self._link.address}"

    async def close(self) -> None:
        """As ``Redis.close``."""
        await self._link.close("this client is closed")

    # ------------------------------------------------------------------ asking

    async def _ask(self, command: Command, keys: Sequence[Part] | None = None) -> Reply:  # noqa: ARG002 - a cluster's
        packed = pack(command)
        try:
            sent = (self._link.wire or await self._link.connected()).send_one(packed)
        except RedisUnavailable:
            await asyncio.sleep(0)  # a refusal gives way to other tasks first: callers may try again at once
            raise
        reply = await sent
        if isinstance(reply, RedisRefused) and was_not_run(reply):
            return await self._again(command, reply, self._patience_ends())
        return reply

    async def _ask_all(self, commands: Sequence[Command | Call], *, whole: bool) -> list[Reply]:
        packed = [pack(command.by_hash() if isinstance(command, Call) else command) for command in commands]
        try:
            sent = (self._link.wire or await self._link.connected()).send(b"".join(packed), len(packed))
        except RedisUnavailable as error:
            await asyncio.sleep(0)
            if whole:
                raise
            return [error] * len(packed)
        return [await reply for reply in sent]

    async def _again(self, command: Command, refusal: Reply, until_s: float) -> Reply:
        packed = pack(command)
        for pause_s in pauses():
            self._refused_unrun(refusal)
            if asyncio.get_running_loop().time() + pause_s > until_s:
                break
            await asyncio.sleep(pause_s)
            try:
                refusal = await (self._link.wire or await self._link.connected()).send_one(packed)
            except RedisUnavailable as error:
                return error
            if not was_not_run(refusal):
                break
        return refusal

    def _refused_unrun(self, refusal: Reply) -> None:
        """The server did not run a command. One that is always at the same address can only be waited for."""
