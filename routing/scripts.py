"""Lua scripts: each is a file, its header is its contract, and it is called by its hash.

The header is the comment a script opens with (MOVES, KEYS, ARGV, RETURNS); names stand in one column, what is indented
deeper is prose. It is parsed so that a test can hold header, wrapper and script together.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib import resources

SECTION = re.compile(r"-- (MOVES|KEYS|ARGV|RETURNS) +(?=\S)")
INDENTED = re.compile(r"-- +(?=\S)")


@dataclass(frozen=True, slots=True)
class Header:
    """What a script says about itself: names of its keys and arguments in order, and each answer's parts, tag first."""

    moves: str = ""
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
        text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
        return cls(file.removesuffix(".lua"), text, sha_of(text), parse_header(text))


def sha_of(text: str) -> str:
    """The hash by which Redis knows a script (redis.io, EVALSHA: SHA1 of the source)."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def parse_header(text: str) -> Header:
    """The header at the top of a script; what it leaves out is empty."""
    entries = _entries(text)
    answers = (re.match(r"\{(.*?)\}", entry) for entry in entries.get("RETURNS", []))
    return Header(
        moves=" ".join(entries.get("MOVES", [])),
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
