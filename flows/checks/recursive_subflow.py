"""A subflow that goes into itself, at once or by way of others.

Lead out of the subflow before it goes into itself, or make a loop of steps of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import frames
from flows.checks.known import Known, groups, is_loop
from flows.kinds.subflow import SUBFLOWS_DEEP
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "recursive-subflow"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each step that goes into a flow which comes round to the same step.

    An error when that happens whatever the caller does; a warning when some way leads out, since a subflow that would
    be too deep is not entered.
    """
    if not known.complete or not all(flow.complete for flow in program.flows.values()):
        return
    graph = frames.callees(program)
    rounds = [set(group) for group in groups(graph) if is_loop(group, graph)]
    ending = frames.can_end(program) if rounds else set()
    for outer, station, inner in frames.goes_into(program):
        start = (inner.name, inner.start)
        if any(start in group and _is_within(program, (outer.name, station.name), group) for group in rounds):
            certain = start not in ending
            may = f"may come round to itself; it is not entered more than {SUBFLOWS_DEEP} deep"
            message = f'subflow "{inner.name}" {"comes round to itself whatever happens" if certain else may}'
            reference = next(one for one in station.facts.references if one.sort == "subflow")
            place = (outer.path, reference.line, reference.column)
            yield Problem(*place, message, CODE, "error" if certain else "warning")


def _is_within(program: Program, place: tuple[str, str], group: set[tuple[str, str]]) -> bool:
    """Is the place in the frame of one of these starts."""
    return any(place in frames.reached(program, [start]) for start in group)
