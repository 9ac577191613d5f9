"""A number, an exit, a subflow or the fallback that names a flow which is not there.

Write the name that stands in its ``flow:``; in the place of a step, ``flow/step``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem, or_else

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-flow"
SEVERITY: Severity = "error"
CENTER = "center.yaml"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each name of a flow that no file defines; silent while a flow could not be read."""
    if not known.complete:
        return
    for reference in known.named:
        name = reference.name.partition("/")[0]
        if reference.sort in {"flow", "step"} and name not in program.flows:
            yield _problem(program, name, (CENTER, reference.line, reference.column))
    for flow, station in each_station(program):
        for one in station.facts.exits:
            target = station.exits[one.name]
            if target is not None and target[0] not in program.flows:
                yield _problem(program, target[0], (flow.path, one.line, one.column))
        for reference in station.facts.references:
            if reference.sort == "subflow" and reference.name not in program.flows:
                yield _problem(program, reference.name, (flow.path, reference.line, reference.column))


def _problem(program: Program, name: str, place: tuple[str, int, int]) -> Problem:
    return Problem(*place, f'no flow named "{name[:60]}"{or_else(name, program.flows)}', CODE)
