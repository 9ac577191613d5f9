"""``Redis`` over a cluster: each command goes to the node that has its keys, over one connection a node.

Who has which slot is asked of any node (CLUSTER SLOTS): at the start, when a node refuses what it should have run, and
from the loss of a connection until every master is connected. What a node refused without running it is sent again:

- MOVED: to the node that it names, which has the slot from now on.
- ASK, in the midst of a slot's migration: a plain command to the node that it names, this time. A *script* waits until
  the slot has moved: it may spell keys of its own, of which some would be on one node and some on the other.
- CLUSTERDOWN, TRYAGAIN, LOADING …: a little later.

A pipeline is one send a node. The order of its commands is kept within each slot, as long as none is refused.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from routing.link import Link, Options, open_wire, pack, pauses, will_pass
from routing.redis import Call, Redis, as_command, product_of, was_not_run
from routing.slots import SLOTS, KeyTable, common_slot, text_of
from routing.wire import RedisError, RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.address import Address, ClusterAddress
    from routing.link import Command, Part
    from routing.wire import Reply, Wire

ASKING = pack(("ASKING",))
WHO_HAS_WHAT = pack(("CLUSTER", "SLOTS"))
# A node that does not say within this who has which slot is left for another one.
ASK_S = 0.5
# The same for a node that is not connected: time for a TLS handshake with one far away.
OPEN_S = 1.0
# Redirections followed without a pause; more than these are two nodes that each name the other.
AT_ONCE = 3
CLOSED = "this client is closed"


class Cluster(Redis):
    """``Redis`` over the masters of a cluster."""

    mode = "cluster"

    def __init__(self, url: str, place: ClusterAddress, options: Options) -> None:
        super().__init__(url, options)
        self._seeds = place.nodes
        self._links: dict[tuple[str, int], Link] = {}
        self._owners: list[Link | None] = [None] * SLOTS
        self._masters: tuple[Link, ...] = ()
        # Nodes that were asked for a slot on its way to them; they may have no other yet, so one look spares them.
        self._guests: set[Link] = set()
        self._keys = KeyTable([])
        self._news = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._reason = f"no answer within {options.timeout_s:g} s"
        self._closed = False

    async def open(self) -> None:
        """Learn who has which slot, connect to a node and read where commands keep their keys."""
        try:
            async with asyncio.timeout(self._options.timeout_s):
                await self._look(first=True)
        except TimeoutError:
            raise RedisUnavailable(f"{self.shown_url} cannot be reached: {self._reason}") from None
        self._keys = KeyTable(await self.execute("COMMAND"))

    async def everywhere(self, *args: Part) -> list[Reply]:
        """Run one command on every master; each one's reply. Raises the first error."""
        packed = pack(args)
        wires = [await link.connected() for link in self._masters]
        sent = [wire.send_one(packed) for wire in wires]
        replies = [await reply for reply in sent]
        for reply in replies:
            if isinstance(reply, RedisError):
                raise reply
        return replies

    async def describe(self) -> str:
        """Product, version and masters, each of which has just answered: ``Valkey 9.1.2, 3 masters``."""
        infos = await self.everywhere("INFO", "server")
        product, version = product_of(infos[0])
        missing = self._owners.count(None)
        lack = f", and nobody serves {missing} of {SLOTS} slots" if missing else ""
        return f"{product} {version}, {len(infos)} masters{lack}"

    async def close(self) -> None:
        """As ``Redis.close``, for every node."""
        self._closed, self._reason = True, CLOSED
        self._tell()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        for link in self._links.values():
            await link.close(CLOSED)

    # ------------------------------------------------------------------ asking

    async def _ask(self, command: Command, keys: Sequence[Part] | None = None) -> Reply:
        slot = self._keys.slot(command) if keys is None else common_slot(keys, "a script")
        packed = pack(command)
        try:
            sent = (self._wire_of(slot) or await self._wire_for(slot)).send_one(packed)
        except RedisUnavailable:
            await asyncio.sleep(0)  # a refusal gives way to other tasks first: callers may try again at once
            raise
        reply = await sent
        if isinstance(reply, RedisRefused) and was_not_run(reply):
            return await self._again(command, reply, self._patience_ends())
        return reply

    async def _ask_all(self, commands: Sequence[Command | Call], *, whole: bool) -> list[Reply]:
        words = [as_command(command) for command in commands]
        slots = [self._keys.slot(command) for command in words]
        packed = [pack(command) for command in words]
        if absent := {slot for slot in slots if self._wire_of(slot) is None}:
            await asyncio.gather(*map(self._wire_for, absent), return_exceptions=True)
            for slot in absent if whole else ():
                if self._wire_of(slot) is None:
                    raise self._unreachable(slot)
        return await self._send_all(slots, packed)

    async def _send_all(self, slots: Sequence[int | None], packed: Sequence[bytes]) -> list[Reply]:
        """One send a node; the replies in the order of the commands."""
        replies: list[Reply] = [None] * len(slots)
        batches: dict[Wire, list[int]] = {}
        for number, slot in enumerate(slots):
            if wire := self._wire_of(slot):
                batches.setdefault(wire, []).append(number)
            else:
                replies[number] = self._unreachable(slot)
        sent: list[tuple[list[int], list[asyncio.Future[Reply]]]] = []
        for wire, numbers in batches.items():
            try:
                futures = wire.send(b"".join([packed[number] for number in numbers]), len(numbers))
            except RedisUnavailable as error:
                for number in numbers:
                    replies[number] = error
            else:
                sent.append((numbers, futures))
        for numbers, futures in sent:
            for number, future in zip(numbers, futures, strict=True):
                replies[number] = await future
        return replies

    async def _again(self, command: Command, refusal: Reply, until_s: float) -> Reply:
        slot, packed, loop = self._keys.slot(command), pack(command), asyncio.get_running_loop()
        for number, pause_s in enumerate(pauses()):
            asked = self._redirected(slot, command, refusal)
            if asked is None or number >= AT_ONCE:
                if loop.time() + pause_s > until_s:
                    break
                await asyncio.sleep(pause_s)
            try:
                if asked is not None and str(refusal).startswith("ASK "):
                    refusal = await (await asked.connected()).send(ASKING + packed, 2)[1]
                else:
                    refusal = await (self._wire_of(slot) or await self._wire_for(slot)).send_one(packed)
            except RedisUnavailable as error:
                return error
            if not was_not_run(refusal):
                return refusal
        return RedisUnavailable(f"{self.shown_url}: {refusal}; the command did not run")

    def _redirected(self, slot: int | None, command: Command, refusal: Reply) -> Link | None:
        """The node to send it to at once; None when it must wait."""
        code, *where = str(refusal).split()
        if code == "MOVED" and slot is not None:
            self._owners[slot] = link = self._link_at(*_host_and_port(where[1]), asked=self._owners[slot])
            self._look_soon()
            return link
        if code == "ASK" and not _is_script(command):
            link = self._link_at(*_host_and_port(where[1]), asked=self._owners[slot or 0])
            self._guests.add(link)
            return link
        self._look_soon()
        return None

    # ------------------------------------------------------------------ connections

    def _wire_of(self, slot: int | None) -> Wire | None:
        """The connection to a slot's master if there is one; for no slot, to any."""
        if slot is None:
            return next((link.wire for link in self._masters if link.wire is not None), None)
        owner = self._owners[slot]
        return owner.wire if owner is not None else None

    async def _wire_for(self, slot: int | None) -> Wire:
        """The same, waited for no longer than a command may. Raises RedisUnavailable: nothing was sent."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._options.patience_s):
                while not self._closed:
                    if wire := self._wire_of(slot):
                        return wire
                    self._look_soon()
                    await self._news.wait()
        await asyncio.sleep(0)
        raise self._unreachable(slot)

    def _unreachable(self, slot: int | None) -> RedisUnavailable:
        owner = None if slot is None else self._owners[slot]
        about = owner.shown if owner is not None else self.shown_url
        reason = self._reason if self._closed or owner is None else owner.reason
        return RedisUnavailable(f"{about} cannot be reached: {reason}; the command was not sent")

    def _link_at(self, host: str, port: int, *, asked: Link | None = None) -> Link:
        """The link to a node, begun if it is new. A node that names no host is where the one asked is."""
        if not host and asked is not None and asked.address is not None:
            host = asked.address.host
        link = self._links.get((host, port))
        if link is None:
            address = self._seeds[0].at(host, port)

            async def find() -> Address:
                return address

            link = Link(f"{address} of {self.shown_url}", find, self._options, on_news=self._tell)
            self._links[host, port] = link
            link.begin()
        return link

    def _tell(self) -> None:
        """Wake who waits for a connection; a lost one is a reason to look who has its slots now."""
        self._news.set()
        self._news.clear()
        if any(link.wire is None for link in self._masters):
            self._look_soon()

    # ------------------------------------------------------------------ who has which slot

    def _look_soon(self) -> None:
        if not self._closed and (self._looking is None or self._looking.done()):
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self, *, first: bool = False) -> None:
        """Ask who has which slot, until every master is connected; the ``first`` time, until one is."""
        for pause_s in pauses():
            try:
                self._adopt(*await self._who_has_what())
            except (OSError, RedisError) as error:
                if first and isinstance(error, RedisError) and not will_pass(error):
                    raise
                self._reason = str(error) or type(error).__name__
            await asyncio.sleep(pause_s)
            connected = [link.wire is not None for link in self._masters]
            if connected and (any(connected) if first else all(connected)):
                return

    async def _who_has_what(self) -> tuple[list[Any], str]:
        """The reply to CLUSTER SLOTS and the host that gave it: a connected node, else one that the URL names."""
        for link in random.sample(self._masters, len(self._masters)):
            if link.wire is not None and link.address is not None:
                with suppress(OSError, RedisError):
                    return await _slots_of(link.wire), link.address.host
        failure: Exception = RedisUnavailable(self._reason)
        for seed in self._seeds:
            try:
                return await self._ask_seed(seed), seed.host
            except (OSError, RedisError) as error:
                failure = error
        raise failure

    async def _ask_seed(self, seed: Address) -> list[Any]:
        async with asyncio.timeout(OPEN_S):
            wire = await open_wire(seed, self._options, on_lost=lambda *_: None)
        try:
            async with asyncio.timeout(ASK_S):
                info = await wire.send_one(pack(("INFO", "server")))
            if isinstance(info, RedisError):
                raise info
            self._check(info)
            return await _slots_of(wire)
        finally:
            wire.lose("asked")
            await wire.closed()

    def _adopt(self, rows: list[Any], asked_host: str) -> None:
        owners: list[Link | None] = [None] * SLOTS
        for first, last, (host, port, *_), *_replicas in rows:
            named = host.decode() if host and host != b"?" else asked_host
            owners[first : last + 1] = [self._link_at(named, port)] * (last + 1 - first)
        self._owners = owners
        self._masters = tuple(dict.fromkeys(link for link in owners if link is not None))
        for place, link in list(self._links.items()):
            if link not in self._masters and link not in self._guests:
                self._links.pop(place).leave("it serves no slot any more")
        self._guests.clear()
        self._tell()


async def _slots_of(wire: Wire) -> list[Any]:
    """Rows of first slot, last slot, master, replicas. Raises RedisError, also when no slot is served, or OSError."""
    async with asyncio.timeout(ASK_S):
        rows = await wire.send_one(WHO_HAS_WHAT)
    if isinstance(rows, RedisError):
        raise rows
    if not rows:
        raise RedisUnavailable("its nodes serve no slots yet")
    return list(rows)


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _is_script(command: Command) -> bool:
    return text_of(command[0]).upper().startswith(("EVAL", "FCALL"))
