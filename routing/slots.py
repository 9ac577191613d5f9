"""Which slot of a cluster a command belongs to: its keys, found as the server says, and their hash.

A key's slot is CRC16 of it, or of what stands in its first pair of braces, modulo 16,384 (redis.io, "Cluster
specification"). Where a command keeps its keys is read from COMMAND's key specifications (redis.io, "Key
specifications"), so that nothing is known here of any single command.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from routing.wire import RedisRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from routing.link import Command, Part
    from routing.wire import Reply

SLOTS = 16_384
# What one node alone would answer wrongly or do by halves, by the request policies of COMMAND's tips.
OF_EVERY_NODE = (b"request_policy:all_shards", b"request_policy:all_nodes", b"request_policy:special")
# Of every node by its tip; but who pings asks whether anybody is there.
ANY_NODE_WILL_DO = ("PING",)


def slot_of(key: Part) -> int:
    """The slot of one key, 0 to 16,383."""
    name = key if isinstance(key, bytes) else str(key).encode()
    opened = name.find(b"{")
    if opened >= 0 and (closed := name.find(b"}", opened + 1)) > opened + 1:
        name = name[opened + 1 : closed]
    return binascii.crc_hqx(name, 0) % SLOTS


def common_slot(keys: Sequence[Part], what: Part) -> int | None:
    """The one slot of all keys; None without keys. Raises RedisRefused, naming two keys whose slots differ."""
    if not keys:
        return None
    slot = slot_of(keys[0])
    for key in keys[1:]:
        if slot_of(key) != slot:
            raise RedisRefused(
                f"CROSSSLOT {text_of(what)} was not sent: its keys {text_of(keys[0])} and {text_of(key)} "
                "are in two slots of the cluster; give them one {hash tag}"
            )
    return slot


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One key specification: where the search begins, by ``index`` or ``keyword``, and which words from there are keys.

    ``counted`` says whether a word tells the number of keys; ``numbers`` are then keynumidx, firstkey and keystep, else
    lastkey, keystep and limit.
    """

    index: int
    keyword: str
    counted: bool
    numbers: tuple[int, int, int]

    def keys(self, command: Command) -> Iterable[Part]:
        """The keys it finds in a command."""
        begin = self._begin(command)
        if begin == 0:
            return ()
        if self.counted:
            counter, first, step = self.numbers
            first += begin
            last = first + (int(command[begin + counter]) - 1) * step
        else:
            first, step = begin, self.numbers[1]
            last = self._last(begin, len(command))
        return command[first : last + 1 : step]

    def _begin(self, command: Command) -> int:
        if not self.keyword:
            return self.index
        words = [text_of(word).upper() for word in command]
        order = range(self.index, len(words)) if self.index > 0 else range(len(words) + self.index, 0, -1)
        return next((number + 1 for number in order if words[number] == self.keyword), 0)

    def _last(self, first: int, length: int) -> int:
        last, _, limit = self.numbers
        if last >= 0:
            return first + last
        # From the end; a limit of 2 means half of the words there are, as XREAD's keys and ids.
        return length + last if limit < 2 else first + (length - first) // limit + last


@dataclass(frozen=True, slots=True)
class Known:
    """A command as the server describes it."""

    specs: tuple[KeySpec, ...]
    every_node: bool


class KeyTable:
    """The commands of a server, read from its reply to COMMAND; subcommands stand there as ``XGROUP|CREATE``."""

    def __init__(self, described: Reply) -> None:
        self._known: Mapping[str, Known] = dict(_read(described))

    def slot(self, command: Command) -> int | None:
        """The slot of a command; None when any node can run it.

        Raises RedisRefused for keys in two slots, and for a command that is about every node.
        """
        name = text_of(command[0]).upper()
        known = self._known.get(name)
        if known is None and len(command) > 1:
            name = f"{name}|{text_of(command[1]).upper()}"
            known = self._known.get(name)
        if known is None:
            return None  # the node it goes to will say that there is no such command
        try:
            keys = [key for spec in known.specs for key in spec.keys(command)]
        except (ValueError, IndexError):
            return None  # malformed: the same
        if not keys and known.every_node and name not in ANY_NODE_WILL_DO:
            raise RedisRefused(
                f"CROSSNODE {name} was not sent: it is about every node of the cluster; use everywhere()"
            )
        return common_slot(keys, name)


def _read(described: Iterable[Any]) -> Iterable[tuple[str, Known]]:
    for name, _arity, _flags, _first, _last, _step, _categories, tips, specs, subcommands in described:
        if subcommands:
            yield from _read(subcommands)
        else:
            every_node = any(tip in OF_EVERY_NODE for tip in tips)
            yield name.decode().upper(), Known(tuple(_specs(specs)), every_node)


def _specs(described: Iterable[Any]) -> Iterable[KeySpec]:
    for spec in described:
        begin, find = (_pairs(_pairs(spec)[part]) for part in (b"begin_search", b"find_keys"))
        if b"unknown" in (begin[b"type"], find[b"type"]):
            continue  # keys named by what is in other keys (SORT … BY): nobody can find these
        start, words = _pairs(begin[b"spec"]), _pairs(find[b"spec"])
        counted = find[b"type"] == b"keynum"
        names = (b"keynumidx", b"firstkey", b"keystep") if counted else (b"lastkey", b"keystep", b"limit")
        first, second, third = (words[name] for name in names)
        yield KeySpec(
            start.get(b"index", start.get(b"startfrom", 0)),
            start.get(b"keyword", b"").decode().upper(),
            counted,
            (first, second, third),
        )


def _pairs(flat: Sequence[Any]) -> dict[Any, Any]:
    """A map as RESP2 sends it: names and values by turns."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def text_of(part: Part) -> str:
    """A word of a command, to be compared or shown."""
    return part.decode(errors="replace") if isinstance(part, bytes) else str(part)
