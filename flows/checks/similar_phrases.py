"""Two options of a menu with phrases that sound alike.

Choose words that sound different; a telephone keeps few of the high notes.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem
from flows.words import is_near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.flow import Flow, Station
    from flows.problems import Severity
    from flows.program import Program

CODE = "similar-phrases"
SEVERITY: Severity = "warning"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each phrase that a recogniser may take for another option's: the caller would be asked, or sent wrong."""
    del known
    for flow, station in each_station(program):
        yield from _similar(flow, station)


_is_near = lru_cache(maxsize=16_384)(is_near)  # menus have phrases in common


def _similar(flow: Flow, station: Station) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for first, second in combinations(station.facts.choices, 2):
        for language, phrases in second.phrases.items():
            for phrase in phrases:
                for other in first.phrases.get(language, ()):
                    if phrase == other or (phrase, other) in seen or not _is_near(phrase, other):
                        continue
                    seen.add((phrase, other))
                    place = f'of option "{first.keys}" at {first.line}:{first.column}'
                    message = f'phrase "{phrase}" sounds like "{other}" {place}; choose words that differ more'
                    yield Problem(flow.path, second.line, second.column, message, CODE, SEVERITY)
