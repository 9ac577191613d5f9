"""A recording of somebody who was not told.

Say it with ``notice``, or name as ``consent`` a step that says it and that every way here leads through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.flow import Flow, Target
    from flows.form import Reference
    from flows.problems import Severity
    from flows.program import Program

CODE = "no-consent"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each step that records without ``notice``, unless every way to it leads through the step ``consent`` names."""
    for flow, station in each_station(program):
        for reference in station.facts.references:
            if reference.sort == "consent":
                message = _wrong(program, known, reference, (flow, station.name))
                if message:
                    yield Problem(flow.path, reference.line, reference.column, message, CODE)


def _wrong(program: Program, known: Known, reference: Reference, place: tuple[Flow, str]) -> str:
    flow, step = place
    if not reference.name:
        return 'nobody is told that this is recorded; say so in "notice:", or name the step that does in "consent:"'
    other, slash, name = reference.name.partition("/")
    told: Target = (other, name) if slash else (flow.name, reference.name)
    if told[0] not in program.flows or told[1] not in program.flows[told[0]].names:
        return f'no step named "{reference.name[:60]}" that could tell that this is recorded'
    if not known.complete or not all(one.complete for one in program.flows.values()):
        return ""
    if (flow.name, step) in reached(program, without=told):
        return f'a caller can come here without having been through "{reference.name[:60]}"'
    return ""


def reached(program: Program, without: Target) -> set[Target]:
    """The steps that a call can come to, were it not for one step; a subflow is gone into where it is named."""
    found: set[Target] = set()
    begins = {(name, program.flows[name].start) for name in program.center.numbers.values() if name in program.flows}
    waiting = [*begins, program.center.fallback]
    while waiting:
        place = waiting.pop()
        flow = program.flows.get(place[0])
        station = None if flow is None else flow.stations.get(place[1])
        if place in found or place == without or station is None:
            continue
        found.add(place)
        waiting += [target for target in station.exits.values() if target is not None]
        into = [one.name for one in station.facts.references if one.sort == "subflow" and one.name in program.flows]
        waiting += [(name, program.flows[name].start) for name in into]
    return found
