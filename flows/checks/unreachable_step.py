"""A step that no call can come to.

Lead a step to it, or delete it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.flow import Target
    from flows.problems import Severity
    from flows.program import Program

CODE = "unreachable-step"
SEVERITY: Severity = "warning"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each step that neither a start nor the fallback leads to; silent while anything could not be read."""
    if not known.complete or not all(flow.complete for flow in program.flows.values()):
        return
    reached = _reached(program)
    if any(step not in program.flows[name].names for name, step in reached if name in program.flows):
        return  # a misspelt exit is the mistake, not the step it misses
    for flow, station in each_station(program):
        if (flow.name, station.name) not in reached:
            message = f'nothing leads to step "{station.name}"'
            yield Problem(flow.path, station.line, station.column, message, CODE, SEVERITY)


def _reached(program: Program) -> set[Target]:
    reached: set[Target] = set()
    waiting = [(flow.name, flow.start) for flow in program.flows.values()] + [program.center.fallback]
    while waiting:
        place = waiting.pop()
        if place in reached:
            continue
        reached.add(place)
        flow = program.flows.get(place[0])
        station = None if flow is None else flow.stations.get(place[1])
        if station is not None:
            waiting.extend(target for target in station.exits.values() if target is not None)
    return reached
