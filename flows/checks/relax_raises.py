"""A requirement that is to relax and asks for as much as before, or for more.

Ask for fewer skills or lower levels each time.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.form import Asked, Requirement
    from flows.problems import Severity
    from flows.program import Program

CODE = "relax-raises"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each step of ``relax`` with a skill or a level that was not asked for before it, or with nothing less.

    An agent who could have taken the call would no longer be allowed to, just as the caller has waited long. One
    problem for a place, whichever of several requirements it does not fit.
    """
    for path, facts in each_facts(program, known):
        found = {place: message for asked in facts.asked for place, message in _wrong(asked)}
        for (line, column), message in sorted(found.items()):
            yield Problem(path, line, column, message, CODE)


def _wrong(asked: Asked) -> Iterator[tuple[tuple[int, int], str]]:
    levels = zip(asked.requirements, asked.places, strict=True)
    for (before, _), (after, place) in pairwise(levels):
        for skill, level in after:
            if level > dict(before).get(skill, 0):
                yield place, f"{skill}: {level} asks for more than {written(before)} before it"
                break
        else:
            if before == after:
                yield place, f"{written(after)} is what was asked for before it already"


def written(requirement: Requirement) -> str:
    """A requirement as an author writes it."""
    return "{" + ", ".join(f"{skill}: {level}" for skill, level in requirement) + "}"
