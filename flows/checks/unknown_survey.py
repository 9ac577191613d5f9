"""A survey that ``center.yaml`` does not have.

Add it under ``surveys``, or list the questions in the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem, or_else

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-survey"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each name of a survey that is not under ``surveys`` in ``center.yaml``."""
    del known
    for flow, station in each_station(program):
        for reference in station.facts.references:
            if reference.sort == "survey" and reference.name not in program.center.surveys:
                hint = or_else(reference.name, program.center.surveys)
                message = f'no survey named "{reference.name[:60]}" in center.yaml{hint}'
                yield Problem(flow.path, reference.line, reference.column, message, CODE)
