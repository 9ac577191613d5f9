"""A function in an expression that does not exist.

The problem names the nearest; docs/flows.md lists them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.expressions import FUNCTIONS
from flows.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-function"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each call of a function that the language does not have."""
    for path, facts in each_facts(program, known):
        for placed in facts.expressions:
            for call in placed.expression.calls:
                if call.name not in FUNCTIONS:
                    message = f'no function named "{call.name[:60]}"{did_you_mean(call.name, FUNCTIONS)}'
                    yield Problem(path, *placed.at(call.offset), message, CODE)
