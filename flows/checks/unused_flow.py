"""A flow that no call can come to.

Give it a number in center.yaml, lead a step or a subflow to it, or delete it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import CENTER, each_station
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.checks.known import Known
    from flows.problems import Severity
    from flows.program import Program

CODE = "unused-flow"
SEVERITY: Severity = "warning"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each flow that no number, other flow or fallback leads to; silent while anything could not be read."""
    if not known.complete or not all(flow.complete for flow in program.flows.values()):
        return
    used = {reference.name.partition("/")[0] for reference in known.named if reference.sort in {"flow", "step"}}
    if not program.center.numbers:
        return
    for flow, station in each_station(program):
        others = {target[0] for target in station.exits.values() if target is not None}
        others |= {reference.name for reference in station.facts.references if reference.sort == "subflow"}
        used |= others - {flow.name}
    if used - program.flows.keys():
        return  # a misspelt name is the mistake, not the flow it misses
    for flow in program.flows.values():
        if flow.name not in used and flow.path != CENTER:
            message = f'nothing leads to flow "{flow.name}"; give it a number in center.yaml, or lead a step to it'
            yield Problem(flow.path, flow.line, flow.column, message, CODE, SEVERITY)
