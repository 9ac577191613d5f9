"""A queue that ``center.yaml`` does not have.

Add the queue under ``queues``, with ``{}`` if it has no options, or use one that is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.problems import Problem, or_else

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-queue"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each name of a queue that is not under ``queues`` in ``center.yaml``: of a step, a mailbox or the fallback."""
    for path, facts in each_facts(program, known):
        for reference in facts.references:
            if reference.sort == "queue" and reference.name not in program.center.queues:
                message = _message(program, reference.name)
                yield Problem(path, reference.line, reference.column, message, CODE)


def _message(program: Program, name: str) -> str:
    flow = program.flows.get(name)
    if flow is not None:
        return f'"{name}" is a flow, not a queue; a place in it is written {name}/{flow.start}'
    return f'no queue named "{name[:60]}" in center.yaml{or_else(name, program.center.queues)}'
