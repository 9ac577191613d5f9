"""A part of a flow that a caller can only leave by hanging up.

Lead one of the steps to one outside, to somebody who helps or to a goodbye.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station, groups, is_loop
from flows.frames import inner_flow, reached, station_at
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.flow import Station, Target
    from flows.problems import Severity
    from flows.program import Program

CODE = "no-way-out"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each round of steps, with one that listens, from which no exit leads away or ends the call."""
    if not known.complete or not all(flow.complete for flow in program.flows.values()):
        return
    stations = {(flow.name, one.name): (flow, one) for flow, one in each_station(program)}
    graph: dict[Target, list[Target]] = {
        place: [target for target in station.exits.values() if target in stations]
        for place, (_, station) in stations.items()
    }
    for group in groups(graph):
        if not is_loop(group, graph):
            continue
        inside = set(group)
        exits = [target for place in group for target in stations[place][1].exits.values()]
        has_end = any(not stations[place][1].exits or _may_hang_up(program, stations[place][1]) for place in group)
        listens = any(stations[place][1].waits for place in group)
        if listens and not has_end and all(target in inside for target in exits):
            first = min((stations[place] for place in group), key=lambda one: (one[0].path, one[1].line))
            names = ", ".join(sorted(f'"{name}"' for _, name in group))
            message = f"a caller can leave {names} only by hanging up"
            yield Problem(first[0].path, first[1].line, first[1].column, message, CODE)


def _may_hang_up(program: Program, station: Station) -> bool:
    """Does the step go into a subflow in which a call may end."""
    inner = inner_flow(program, station)
    if inner is None:
        return False
    within = reached(program, [(inner.name, inner.start)], deep=True)
    return any(one is not None and one.kind == "hangup" for one in (station_at(program, place) for place in within))
