"""Mistakes of a flow's author: data, collected and printed, never raised.

A problem points at the character where the author has to look, says in a sentence what is wrong and what would be
right, and carries a stable code. Everything that reads a workspace collects all its problems and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Severity = Literal["error", "warning"]
MOST_LISTED = 8  # names that one sentence holds


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake at ``path:line:column``; path is relative to the workspace, line and column count from 1.

    An ``error`` keeps the workspace from being published; a ``warning`` is worth a look and keeps nothing.
    """

    path: str
    line: int
    column: int
    message: str
    code: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """``flows/support.yaml:12:13: no step named "slaes" [unknown-step]``."""
        note = "warning: " if self.severity == "warning" else ""
        return f"{self.path}:{self.line}:{self.column}: {note}{self.message} [{self.code}]"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file, line and column."""
    return tuple(sorted(set(problems)))


def as_data(problem: Problem) -> dict[str, Any]:
    """The problem as plain JSON data."""
    return {name: getattr(problem, name) for name in Problem.__slots__}


def count(problems: Iterable[Problem]) -> str:
    """``1 problem``, ``2 warnings``, ``3 problems, 1 of them a warning``."""
    all_of_them = tuple(problems)
    warnings = sum(1 for problem in all_of_them if problem.severity == "warning")
    if warnings == len(all_of_them):
        return f"{warnings} warning{'' if warnings == 1 else 's'}"
    told = f"{len(all_of_them)} problem{'' if len(all_of_them) == 1 else 's'}"
    return told + (f", {warnings} of them {'a warning' if warnings == 1 else 'warnings'}" if warnings else "")


def render(problems: Iterable[Problem], sources: Mapping[str, bytes] | None = None) -> str:
    """All problems as people read them, with the source line and a caret where ``sources`` (path to bytes) has it."""
    shown = in_order(problems)
    blocks = [str(problem) + _excerpt(problem, (sources or {}).get(problem.path)) for problem in shown]
    return "\n".join([*blocks, count(shown)]) if shown else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean "sales"?`` when a known word is near, else nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def or_else(word: str, known: Iterable[str]) -> str:
    """``; did you mean "sales"?``, or what there is when nothing is near: ``; there are billing, sales``."""
    names = sorted(known)
    near = did_you_mean(word, names)
    if near or not names:
        return near or "; there are none"
    rest = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return f"; there {'is' if len(names) == 1 else 'are'} {', '.join(names[:MOST_LISTED])}{rest}"


def listed(words: Iterable[str]) -> str:
    """``a, b, c``: the words allowed in a place, sorted; ``none`` when there are none."""
    return ", ".join(sorted(words)) or "none"


def _excerpt(problem: Problem, source: bytes | None) -> str:
    """The problem's source line and a caret below its column; nothing when the line is not there to be shown."""
    if source is None:
        return ""
    lines = source.decode("utf-8", "replace").split("\n")
    if problem.line > len(lines) or not lines[problem.line - 1].strip():
        return ""
    line = _printable(lines[problem.line - 1].rstrip("\r"))
    return f"\n{problem.line:5} | {line[:200]}\n      | {' ' * (min(problem.column, 201) - 1)}^"


def _printable(line: str) -> str:
    """Tabs and control characters as single blanks, so that the caret stands below its character."""
    return "".join(character if character.isprintable() else " " for character in line)
