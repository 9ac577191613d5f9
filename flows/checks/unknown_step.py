"""An exit, a start or the fallback that names a step which is not there.

Write the name of a step of this flow, or ``flow/step`` for one of another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem, or_else

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.flow import Flow
    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-step"
SEVERITY: Severity = "error"
CENTER = "center.yaml"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each name of a step that no step has."""
    for flow in program.flows.values():
        if flow.start and flow.start not in flow.names:
            yield _problem(flow, flow.start, (flow.path, *flow.start_at))
    for flow, station in each_station(program):
        for one in station.facts.exits:
            target = station.exits[one.name]
            goal = None if target is None else program.flows.get(target[0])
            if target is not None and goal is not None and target[1] not in goal.names:
                yield _problem(goal, target[1], (flow.path, one.line, one.column))
    for reference in known.named:
        name, _, step = reference.name.partition("/")
        goal = program.flows.get(name) if reference.sort == "step" else None
        if goal is not None and step not in goal.names:
            yield _problem(goal, step, (CENTER, reference.line, reference.column))


def _problem(goal: Flow, step: str, place: tuple[str, int, int]) -> Problem:
    return Problem(*place, f'no step named "{step[:60]}"{or_else(step, goal.names)}', CODE)
