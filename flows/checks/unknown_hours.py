"""A calendar that ``center.yaml`` does not have.

Add the calendar under ``hours``, or use one that is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.problems import Problem, or_else

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-hours"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each name of a calendar that is not under ``hours`` in ``center.yaml``."""
    for path, facts in each_facts(program, known):
        for reference in facts.references:
            if reference.sort == "hours" and reference.name not in program.center.hours:
                hint = or_else(reference.name, program.center.hours)
                message = f'no hours named "{reference.name[:60]}" in center.yaml{hint}'
                yield Problem(path, reference.line, reference.column, message, CODE)
