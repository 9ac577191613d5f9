"""Steps that go round without ever listening to the caller.

Lead one of the steps somewhere else, or let one of them ask the caller something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station, groups, is_loop
from flows.frames import ways_unasked
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flows.flow import Flow, Station, Target
    from flows.problems import Severity
    from flows.program import Program

CODE = "endless-loop"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each round of steps of which none waits, or by ways on which a step that does has asked nothing.

    An error when no exit leads out of it. One with a way out, such as a request that is repeated three times, is a
    warning: a turn that takes more than 100 steps is ended as a bug.
    """
    del known
    quiet = {(flow.name, one.name): (flow, one) for flow, one in each_station(program) if ways_unasked(one)}
    graph = {
        place: [target for target in ways_unasked(station).values() if target in quiet]
        for place, (_, station) in quiet.items()
    }
    for group in groups(graph):
        if is_loop(group, graph):
            yield _problem(group, quiet)


def _problem(group: list[Target], quiet: dict[Target, tuple[Flow, Station]]) -> Problem:
    leaves = any(target not in group for place in group for target in _ways_out(quiet[place][1]).values())
    flow, first = min((quiet[place] for place in group), key=lambda one: (one[0].path, one[1].line, one[1].column))
    names = ", ".join(sorted(f'"{name}"' for _, name in group))
    message = f"the caller goes round {names} without ever being asked anything"
    return Problem(flow.path, first.line, first.column, message, CODE, "warning" if leaves else "error")


def _ways_out(station: Station) -> Mapping[str, Target | None]:
    """The ways that may lead out of a round: whom a survey has spared it spares for the whole call."""
    return ways_unasked(station) if station.kind == "survey" else station.exits
