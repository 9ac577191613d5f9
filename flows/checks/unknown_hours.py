"""A calendar that ``center.yaml`` does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.program import Program

CODE = "unknown-hours"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each name of a calendar that is not under ``hours`` in ``center.yaml``."""
    for path, facts in each_facts(program, known):
        for reference in facts.references:
            if reference.sort == "hours" and reference.name not in program.center.hours:
                hint = did_you_mean(reference.name, program.center.hours)
                message = f'no hours named "{reference.name[:60]}" in center.yaml{hint}'
                yield Problem(path, reference.line, reference.column, message, CODE)
