"""Two options of a menu that begin with the same key.

Give both keys the same length: a caller who presses the short one cannot be told from one who goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "shared-digits"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each option whose keys begin with all the keys of another: who presses 1 may be on the way to 12."""
    del known
    for flow, station in each_station(program):
        first = {choice.keys: choice for choice in reversed(station.facts.choices)}
        for choice in station.facts.choices:
            shorter = next(
                (choice.keys[:size] for size in range(1, len(choice.keys)) if choice.keys[:size] in first), ""
            )
            if shorter:
                other = first[shorter]
                message = f'option "{choice.keys}" begins with option "{shorter}" at {other.line}:{other.column}'
                yield Problem(flow.path, choice.line, choice.column, message, CODE)
