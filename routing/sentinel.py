"""The master of a service that sentinels look after: found by asking them, followed when it changes.

All sentinels are asked at once, and what most of them say counts: one that was cut off, beside an old master perhaps,
does not mislead us. A server they name must say itself that it is a master (redis.io, "Guidelines for Redis clients
with Sentinel support"). It is looked for anew when the connection is lost, when it refuses a write as a replica, and
when the sentinels, asked once a second, name another: an old master that is only cut off from them loses every write
it still takes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from routing.link import Link, Options, RedisUnsuitable, open_wire, pack, will_pass
from routing.server import Server
from routing.wire import RedisError, RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.address import Address, SentinelAddress
    from routing.wire import Reply, Wire

# Short, say the guidelines, since those who answer must not wait for one who is frozen; a TLS handshake takes its time.
SENTINEL_S = 1.0
LOOK_S = 1.0


class SentinelRedis(Server):
    """``Redis`` over the master of a service, wherever that is at the moment."""

    def __init__(self, url: str, place: SentinelAddress, options: Options) -> None:
        self._sentinels = Sentinels(place, options.name)
        self._looking: asyncio.Task[None] | None = None
        shown = f"{place.service} of {', '.join(map(str, place.sentinels))}"
        super().__init__(url, Link(shown, self._sentinels.master, options, must_be_master=True), options)

    async def open(self) -> None:
        """Find the master and connect; from then on follow it."""
        await super().open()
        self._looking = asyncio.get_running_loop().create_task(self._follow())

    async def close(self) -> None:
        """As ``Redis.close``; the sentinels are left too."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await super().close()
        await self._sentinels.close()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(OSError, RedisError):
                named, present = await self._sentinels.master(), self._link.address
                if named != present:
                    self._link.replace(f"the sentinels say that {named} is the master now, not {present}")

    def _refused_unrun(self, refusal: Reply) -> None:
        if str(refusal).startswith("READONLY"):
            self._link.replace(f"{self._link.address} is a replica now")


class Sentinels:
    """The sentinels of one service, each kept connected between questions."""

    def __init__(self, place: SentinelAddress, name: str) -> None:
        self._place = place
        self._options = Options(name, patience_s=0, timeout_s=SENTINEL_S, most_waiting=1000)
        self._wires: dict[Address, Wire] = {}
        self._one_at_a_time = asyncio.Lock()

    async def master(self) -> Address:
        """Where the master is: as soon as most sentinels say the same, else what most of those say who answer.

        Raises RedisUnavailable, or what a sentinel refused when none of them knows and that will not pass by waiting.
        """
        async with self._one_at_a_time:
            asking = [asyncio.ensure_future(self._ask(sentinel)) for sentinel in self._place.sentinels]
            try:
                return await _vote(asking)
            finally:
                for one in asking:
                    one.cancel()
                await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, sentinel: Address) -> Address:
        """The master that one sentinel names; any failure as a RedisError that names the sentinel."""
        try:
            async with asyncio.timeout(SENTINEL_S):
                wire = await self._wire_to(sentinel)
                reply = await wire.send_one(pack(("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._place.service)))
        except OSError as error:
            raise RedisUnavailable(f"sentinel {sentinel}: {str(error) or 'no answer'}") from None
        except RedisRefused as error:
            reply = error
        if isinstance(reply, RedisRefused):
            if "unknown command" in str(reply):
                raise RedisUnsuitable(f"{sentinel} is no sentinel")
            raise RedisRefused(f"{reply} (sentinel {sentinel})")
        if isinstance(reply, RedisError):
            raise reply
        if reply is None:
            raise RedisUnavailable(f"sentinel {sentinel} knows no service {self._place.service}")
        host, port = reply
        return self._place.server.at(host.decode(), int(port))

    async def _wire_to(self, sentinel: Address) -> Wire:
        wire = self._wires.get(sentinel)
        if wire is None or wire.lost:
            wire = self._wires[sentinel] = await open_wire(sentinel, self._options, on_lost=lambda *_: None)
        return wire

    async def close(self) -> None:
        """End all connections."""
        for wire in self._wires.values():
            wire.lose("this client is closed")
            await wire.closed()


async def _vote(asking: Sequence[asyncio.Future[Address]]) -> Address:
    votes: Counter[Address] = Counter()
    errors: list[RedisError] = []
    for answer in asyncio.as_completed(asking):
        try:
            named = await answer
        except RedisError as error:
            errors.append(error)
            continue
        votes[named] += 1
        if votes[named] * 2 > len(asking):
            return named
    if votes:
        return votes.most_common(1)[0][0]
    lasting = [error for error in errors if not will_pass(error)]
    raise lasting[0] if lasting else RedisUnavailable("; ".join(map(str, errors)))
