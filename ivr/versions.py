"""Versions: what has been published, by number and by content hash, which of them is live, and who made it so.

A version is a program that was live once. It has the number under which it went live first and keeps it for ever:
publishing the same files again, or rolling back, makes an old version live and no new one. All of it is one script, so
of two who publish at once both have their version and one is live.

A program that no caller can be on any more is dropped when another goes live: the newest ``MOST_KEPT`` are kept, and
each that was live within ``KEPT_MS``. Recordings are small, shared by versions, and never dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson

from ivr import keys
from routing.scripts import Script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ivr.clock import Clock
    from routing.redis import Redis

PUBLISH = Script.load("ivr.lua", "publish.lua")
MOST_KEPT = 100
# A call lasts 24 h at most, and its session 25 h from its last turn.
KEPT_MS = (24 + 25) * 3600 * 1000
AUDIT_CAP = 10_000
NOTHING = "none"  # what is expected to be live by who publishes first
LEAST_PREFIX = 4  # characters of a hash; fewer are a number
SHOWN = 12  # characters of a hash that people see; enough for 10,000 versions

Did = Literal["published", "rolled back"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version; ``published_ms`` is when it went live first, and who and why then."""

    number: int
    program: str
    author: str
    message: str
    published_ms: int
    live: bool

    @property
    def name(self) -> str:
        """``v12``."""
        return f"v{self.number}"


@dataclass(frozen=True, slots=True)
class Audited:
    """Somebody made a version live; ``replaced`` is the program that was, ``none`` for the first."""

    at_ms: int
    by: str
    did: str
    program: str
    number: int
    message: str
    replaced: str


@dataclass(frozen=True, slots=True)
class Act:
    """Making a program live: who does it and why, and which program has to be live before, empty for any."""

    by: str
    message: str
    did: Did = "published"
    if_live: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """The program is live under this number; ``replaced`` is itself when it was already."""

    number: int
    replaced: str


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Another program is live than the one expected; nothing changed."""

    live: str


@dataclass(frozen=True, slots=True)
class Unnamed:
    """No version, or more than one, goes by this name; the text says so."""

    why: str


class Versions:
    """The versions of a centre, in Redis."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock

    async def publish(
        self, program_id: str, files: Mapping[str, str], audio: Mapping[str, str], act: Act
    ) -> Live | Overtaken:
        """Store a program, unless it is there, and make it live."""
        done = await self._make_live(program_id, (orjson.dumps(files), orjson.dumps(dict(audio))), act)
        assert done is not None, "its files were given"  # noqa: S101 - a bug of ours
        return done

    async def bring_back(self, program_id: str, act: Act) -> Live | Overtaken | None:
        """Make a stored program live again; None when it is not there."""
        return await self._make_live(program_id, (b"", b""), act)

    async def _make_live(self, program_id: str, stored: tuple[bytes, bytes], act: Act) -> Live | Overtaken | None:
        names = [keys.PROGRAM_LIVE, keys.PROGRAM_VERSIONS, keys.PROGRAM_AUDIT, keys.PROGRAM]
        limits = [self._clock.now_ms(), MOST_KEPT, KEPT_MS, AUDIT_CAP]
        args: list[str | bytes | int] = [program_id, *stored, act.by, act.message, act.did, act.if_live, *limits]
        tag, *rest = (part.decode() for part in await self._redis.run(PUBLISH, names, args))
        if tag == "gone":
            return None
        if tag == "overtaken":
            return Overtaken(rest[0])
        return Live(int(rest[0]), rest[1] if tag == "live" else program_id)

    async def all(self) -> list[Version]:
        """Every version, the newest first."""
        live, found = await self._answers(
            ("GET", keys.PROGRAM_LIVE), ("ZREVRANGE", keys.PROGRAM_VERSIONS, 0, -1, "WITHSCORES")
        )
        ids = [program_id.decode() for program_id in found[::2]]
        asked = [("HMGET", keys.program(one), "author", "message", "published_ms") for one in ids]
        told = await self._answers(*asked) if asked else []
        return [
            Version(int(number), one, author.decode(), message.decode(), int(at_ms), live == one.encode())
            for one, number, (author, message, at_ms) in zip(ids, found[1::2], told, strict=True)
            if at_ms is not None  # a lost one
        ]

    async def named(self, name: str) -> Version | Unnamed:
        """The version of a number (``v12``), of a hash, or of the beginning of one; ``live`` is the one that is."""
        return choose(await self.all(), name)

    async def source(self, program_id: str) -> dict[str, str] | None:
        """The files of a program as they were published; None when it is not there."""
        files = await self._redis.execute("HGET", keys.program(program_id), "files")
        return None if files is None else dict(orjson.loads(files))

    async def audio(self, program_id: str) -> dict[str, str]:
        """The recordings of a program: each path with the hash of its bytes."""
        audio = await self._redis.execute("HGET", keys.program(program_id), "audio")
        return {} if audio is None else dict(orjson.loads(audio))

    async def audit(self, most: int = 100) -> list[Audited]:
        """Who made what live, the newest first."""
        rows = await self._redis.execute("XREVRANGE", keys.PROGRAM_AUDIT, "+", "-", "COUNT", most)
        found = []
        for _id, row in rows:
            fields = [part.decode() for part in row]
            entry = dict(zip(fields[::2], fields[1::2], strict=True))
            found.append(Audited(**{**entry, "at_ms": int(entry["at_ms"]), "number": int(entry["number"])}))
        return found

    async def _answers(self, *commands: tuple[str | int, ...]) -> list[Any]:
        replies = await self._redis.pipeline(commands)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return replies


def choose(versions: Sequence[Version], name: str) -> Version | Unnamed:
    """The one version that goes by a name."""
    if name == "live":
        found = [one for one in versions if one.live]
    elif re.fullmatch(r"v?[0-9]+", name) and (name.startswith("v") or len(name) < LEAST_PREFIX):
        found = [one for one in versions if one.number == int(name.removeprefix("v"))]
    else:
        found = [one for one in versions if len(name) >= LEAST_PREFIX and one.program.startswith(name.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        return Unnamed(f'"{name}" begins {len(found)} versions: {", ".join(one.name for one in found[:5])}')
    there = f"there are {versions[-1].name} to {versions[0].name}" if versions else "nothing has been published"
    return Unnamed(f'no version named "{name[:64]}"; {there}')


def before_live(versions: Sequence[Version]) -> Version | Unnamed:
    """The version that a rollback without a name goes to: the one numbered next below what is live."""
    live = next((one for one in versions if one.live), None)
    if live is None:
        return Unnamed("nothing is live; name the version")
    older = [one for one in versions if one.number < live.number]
    return max(older, key=lambda one: one.number) if older else Unnamed(f"there is no version before {live.name}")


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What is different, by the names of files: ``main changed, orders added``; ``nothing`` for no difference."""
    told = [
        f"{_plain(path)} {'added' if path not in before else 'removed' if path not in after else 'changed'}"
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]
    return ", ".join(told) or "nothing changed"


def _plain(path: str) -> str:
    return path.removeprefix("flows/").removesuffix(".yaml") if path.startswith("flows/") else path
