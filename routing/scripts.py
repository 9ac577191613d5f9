"""Lua scripts: each is a file, its header is its contract, and it is called by its hash.

The header is the comment a script opens with (MOVES, USES, KEYS, ARGV, RETURNS); names stand in one column, what is
indented deeper is prose. It is parsed so that a test can hold header, wrapper and script together. Redis scripts cannot
import: what a script USES of the files of the folder ``shared`` beside it is spliced in behind the line that names its
keys, without the functions that it never reaches.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTION = re.compile(r"-- (MOVES|USES|KEYS|ARGV|RETURNS) +(?=\S)")
INDENTED = re.compile(r"-- +(?=\S)")
COMMENT = re.compile(r"--.*")
WORD = re.compile(r"(?<!\w)(?<![^.]\.)\w+")
BEGINS = re.compile(r"^(?=local )", re.MULTILINE)
DEFINES = re.compile(r"local (?:function )?(\w+(?:, \w+)*)")
NAMES_KEYS = re.compile(r"^local .* = unpack\(KEYS\)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Header:
    """What a script says about itself: names of its keys and arguments in order, and each answer's parts, tag first."""

    moves: str = ""
    uses: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    returns: tuple[tuple[str, ...], ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags a wrapper must expect."""
        return tuple(answer[0] for answer in self.returns)


@dataclass(frozen=True, slots=True)
class Script:
    """A script ready to be called: ``sha`` is what EVALSHA takes, 40 hexadecimal digits."""

    name: str
    text: str
    sha: str
    header: Header

    @classmethod
    def load(cls, package: str, file: str) -> Script:
        """Read a script from a package's folder: ``Script.load("routing.lua", "match.lua")``."""
        folder = resources.files(package)
        own = folder.joinpath(file).read_text(encoding="utf-8")
        header = parse_header(own)
        shared = [folder.joinpath("shared", f"{name}.lua").read_text(encoding="utf-8") for name in header.uses]
        text = splice(own, shared)
        return cls(file.removesuffix(".lua"), text, sha_of(text), header)


def splice(own: str, shared: Sequence[str]) -> str:
    """The script with what it uses: behind its first line of code, ``local … = unpack(KEYS)``, which they may use."""
    found = NAMES_KEYS.search(own)
    if not shared or found is None:
        return own
    parts = BEGINS.split("".join(shared))
    return own[: found.end()] + "".join(reached(parts, own[found.end() :])) + own[found.end() :]


def reached(parts: Sequence[str], text: str) -> list[str]:
    """The parts that define what ``text``, or a part after them that it reaches, speaks of; in their order.

    Lua makes every function anew at each call of a script, whether it is needed or not.
    """
    kept: list[str] = []
    words = set(words_of(text))
    for part in reversed(parts):
        named = DEFINES.match(part)
        if named and not words.isdisjoint(named[1].split(", ")):
            kept.append(part)
            words |= words_of(part)
    return kept[::-1]


@cache
def words_of(text: str) -> frozenset[str]:
    """The names that Lua code speaks of; a field behind a single dot is none. Each part is in many scripts, so kept."""
    return frozenset(WORD.findall(COMMENT.sub("", text)))


def sha_of(text: str) -> str:
    """The hash by which Redis knows a script (redis.io, EVALSHA: SHA1 of the source)."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def parse_header(text: str) -> Header:
    """The header at the top of a script; what it leaves out is empty."""
    entries = _entries(text)
    answers = (re.match(r"\{(.*?)\}", entry) for entry in entries.get("RETURNS", []))
    return Header(
        moves=" ".join(entries.get("MOVES", [])),
        uses=tuple(" ".join(entries.get("USES", [])).split()),
        keys=tuple(entry.split()[0] for entry in entries.get("KEYS", [])),
        argv=tuple(entry.split()[0] for entry in entries.get("ARGV", [])),
        returns=tuple(tuple(re.findall(r"[\w.]+", answer[1])) for answer in answers if answer),
    )


def _entries(text: str) -> dict[str, list[str]]:
    """Each section's lines that begin in its column."""
    sections: dict[str, list[str]] = {}
    section, column = "", 0
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if found := SECTION.match(line):
            section, column = found[1], found.end()
            sections[section] = [line[column:]]
        elif section and (found := INDENTED.match(line)) and found.end() == column:
            sections[section].append(line[column:])
    return sections
