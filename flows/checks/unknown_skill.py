"""A skill that ``center.yaml`` does not have.

Add it to ``skills``, or use one that is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.problems import Problem, or_else

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-skill"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each skill of a requirement that is not under ``skills``: no agent could have it."""
    for path, facts in each_facts(program, known):
        for reference in facts.references:
            if reference.sort == "skill" and reference.name not in program.center.skills:
                hint = or_else(reference.name, program.center.skills)
                message = f'no skill named "{reference.name[:60]}" in center.yaml{hint}'
                yield Problem(path, reference.line, reference.column, message, CODE)
