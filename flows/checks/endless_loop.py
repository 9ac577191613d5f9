"""Steps that go round without ever listening to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station, groups, is_loop
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.flow import Flow, Station, Target
    from flows.program import Program

CODE = "endless-loop"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each round of steps of which none waits.

    An error when no exit leads out of it. One with a way out, such as a request that is repeated three times, is a
    warning: a turn that takes more than 100 steps is ended as a bug.
    """
    del known
    quiet = {(flow.name, one.name): (flow, one) for flow, one in each_station(program) if not one.waits}
    graph = {
        place: [target for target in station.exits.values() if target in quiet] for place, (_, station) in quiet.items()
    }
    for group in groups(graph):
        if is_loop(group, graph):
            yield _problem(group, quiet)


def _problem(group: list[Target], quiet: dict[Target, tuple[Flow, Station]]) -> Problem:
    leaves = any(target not in group for place in group for target in quiet[place][1].exits.values())
    flow, first = min((quiet[place] for place in group), key=lambda one: (one[0].path, one[1].line, one[1].column))
    names = ", ".join(sorted(f'"{name}"' for _, name in group))
    message = f"the caller goes round {names} without ever being asked anything"
    return Problem(flow.path, first.line, first.column, message, CODE, "warning" if leaves else "error")
