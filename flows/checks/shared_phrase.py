"""Two options of a menu with the same phrase.

Keep the phrase with one of the two.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem
from flows.understanding import digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.flow import Flow, Station
    from flows.form import Choice
    from flows.problems import Severity
    from flows.program import Program

CODE = "shared-phrase"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each phrase that two options claim, or that names another option's key: nobody could tell which is meant."""
    del known
    for flow, station in each_station(program):
        yield from _shared(flow, station)


_digits = lru_cache(maxsize=4_096)(digits)  # menus have phrases in common


def _shared(flow: Flow, station: Station) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Choice] = {}
    keys = {choice.keys: choice for choice in station.facts.choices}
    for choice in station.facts.choices:
        for language, phrases in choice.phrases.items():
            for phrase in phrases:
                first = seen.setdefault((language, phrase), choice)
                named = keys.get(_digits(phrase, language) or "")
                if first is choice and named is not None:
                    first = named
                if first is not choice:
                    message = f'phrase "{phrase}" also means option "{first.keys}" at {first.line}:{first.column}'
                    yield Problem(flow.path, choice.line, choice.column, message, CODE)
