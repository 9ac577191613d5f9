"""A question whose caller stays silent and then is sent nowhere.

Name the step that helps such callers as ``failed``, a person if there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.frames import only_inside
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "no-failed-exit"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each step that asks and has no ``failed``: who says nothing, or nothing it understands, would be hung up on.

    In a subflow it is a way to come back, by ``failed``.
    """
    del known
    inside = only_inside(program)
    for flow, station in each_station(program):
        if (flow.name, station.name) in inside:
            continue
        for one in station.facts.exits:
            if one.on_silence and one.target is None:
                message = f'"{one.name}:" is missing; a caller who says nothing would be hung up on'
                yield Problem(flow.path, one.line, one.column, message, CODE)
