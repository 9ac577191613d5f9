"""A name in an expression that does not exist: it would be unknown in every call.

The problem names the nearest; docs/flows.md lists what there is, and ``vars.<name>`` is what a step has kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import scope
from flows.checks.known import CENTER, Known, each_station
from flows.frames import subflow_of, variables
from flows.hidden import SEALED, SORTS
from flows.problems import Problem, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from flows.flow import Flow, Station
    from flows.form import Placed
    from flows.mentions import Path
    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-name"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each name that is not among the documented ones, or not set, or not in ``center.yaml``."""
    fields = fields_of(program, known)
    sets = variables(program) if is_sure(program, known) else {}
    by_flow = {name: {**fields, "vars": dict.fromkeys(names)} for name, names in sets.items()}
    for flow, station in each_station(program):
        for placed in station.facts.expressions:
            for mention in placed.expression.mentions:
                if mention.path[0] in SORTS:
                    continue  # hidden values have a check of their own
                wrong = judge(mention.path, by_flow.get(frame_of(flow, station, placed), fields))
                if wrong is not None:
                    offset = mention.offset + sum(len(name) + 1 for name in mention.path[: wrong[1]])
                    yield Problem(flow.path, *placed.at(offset), wrong[0], CODE)
    for placed in known.center.expressions:  # what is heard in every call, whatever its steps have set
        for mention in placed.expression.mentions:
            wrong = judge(mention.path, fields)
            if wrong is not None:
                offset = mention.offset + sum(len(name) + 1 for name in mention.path[: wrong[1]])
                yield Problem(CENTER, *placed.at(offset), wrong[0], CODE)
    yield from _never_sealed(program, known)


def _never_sealed(program: Program, known: Known) -> Iterator[Problem]:
    """Each sealed value that is sent and that no step takes from the caller."""
    taken = {one.name for _, station in each_station(program) for one in station.facts.seals}
    if not is_sure(program, known):
        return
    for flow, station in each_station(program):
        for sent in station.facts.hidden:
            if sent.sort == SEALED and sent.name not in taken:
                hint = did_you_mean(sent.name, taken) or "; a collect that is sensitive does"
                yield Problem(flow.path, sent.line, sent.column, f'no step seals "{sent.name[:60]}"{hint}', CODE)


def frame_of(flow: Flow, station: Station, placed: Placed) -> str:
    """The flow whose variables an expression sees: what a subflow's step saves is of the subflow."""
    inner = subflow_of(station) if placed.inside else None
    return inner if inner is not None else flow.name


def fields_of(program: Program, known: Known) -> dict[str, Mapping[str, Collection[str] | None] | None]:
    """What each top-level name has below it; None is a plain value.

    Below stand fields by name, each with its own fields, or None where anything may follow.
    """
    hours: dict[str, Collection[str] | None] = dict.fromkeys(program.center.hours, scope.HOURS)
    names: dict[str, Mapping[str, Collection[str] | None] | None] = dict.fromkeys(scope.NAMES)
    names["call"] = dict.fromkeys(scope.CALL, ())
    names["customer"] = dict.fromkeys(scope.CUSTOMER, ())
    names["hours"] = hours
    names["queues"] = dict.fromkeys(program.center.queues, scope.QUEUE)
    variables = {name for _, station in each_station(program) for name in station.facts.sets}
    names["vars"] = dict.fromkeys(variables) if is_sure(program, known) else _Anything()
    return names


def is_sure(program: Program, known: Known) -> bool:
    """Could every step be understood; otherwise one of the others may have set any name."""
    return known.complete and all(flow.complete for flow in program.flows.values())


class _Anything(dict[str, None]):
    """The variables while a step could not be read: it may have set any."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __getitem__(self, name: str) -> None:
        return None


def judge(path: Path, fields: Mapping[str, Mapping[str, Collection[str] | None] | None]) -> tuple[str, int] | None:
    """What is wrong with a path and which of its names is; None when nothing is."""
    if path[0] not in fields:
        hint = did_you_mean(path[0], fields) or f"; there are {listed(fields)}"
        return f'no name "{path[0][:60]}"{hint}', 0
    below = fields[path[0]]
    if below is None:
        return (f'"{path[0]}" has nothing named "{path[1][:60]}"', 1) if len(path) > 1 else None
    if len(path) < 2:
        return None
    if path[1] not in below:
        return f"{_lacks(path)}{did_you_mean(path[1], below)}", 1
    deeper = below[path[1]]
    if deeper is None or len(path) < 3 or path[2] in deeper:
        return None
    return f'"{path[0]}.{path[1]}" has nothing named "{path[2][:60]}"{did_you_mean(path[2], deeper)}', 2


def _lacks(path: Path) -> str:
    if path[0] == "vars":
        return f'no step sets "{path[1][:60]}"'
    if path[0] == "hours":
        return f'no hours named "{path[1][:60]}" in center.yaml'
    if path[0] == "queues":
        return f'no queue named "{path[1][:60]}" in center.yaml'
    return f'"{path[0]}" has nothing named "{path[1][:60]}"'
