"""What a check knows beside the flows, and the walks that several checks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.flow import Flow, Station, Target
    from flows.form import Facts, Reference
    from flows.program import Program

CENTER = "center.yaml"


@dataclass(frozen=True, slots=True)
class Known:
    """Facts from outside: recordings by path, what ``center.yaml`` mentions, and whether every flow could be read."""

    audio: Mapping[str, str]
    center: Facts
    complete: bool

    @property
    def named(self) -> Sequence[Reference]:
        """What ``center.yaml`` names."""
        return self.center.references


def each_facts(program: Program, known: Known) -> Iterator[tuple[str, Facts]]:
    """What each step mentions, and what ``center.yaml`` does, with the path of its file."""
    yield CENTER, known.center
    for flow, station in each_station(program):
        yield flow.path, station.facts


def each_station(program: Program) -> Iterator[tuple[Flow, Station]]:
    """Every step that could be understood, with its flow."""
    for flow in program.flows.values():
        for station in flow.stations.values():
            yield flow, station


def groups(graph: Mapping[Target, list[Target]]) -> list[list[Target]]:
    """Steps that can all reach one another (Tarjan's strongly connected components), on a stack of our own.

    A recursive walk would end at 1,000 steps in a row.
    """
    index: dict[Target, int] = {}
    low: dict[Target, int] = {}
    path: list[Target] = []
    on_path: set[Target] = set()
    found: list[list[Target]] = []
    for root in graph:
        if root in index:
            continue
        work: list[tuple[Target, Iterator[Target]]] = []
        _visit(root, index, low, path)
        on_path.add(root)
        work.append((root, iter(graph[root])))
        while work:
            place, rest = work[-1]
            target = next(rest, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[place])
                if low[place] == index[place]:
                    found.append(_take(path, on_path, place))
            elif target not in index:
                _visit(target, index, low, path)
                on_path.add(target)
                work.append((target, iter(graph[target])))
            elif target in on_path:
                low[place] = min(low[place], index[target])
    return found


def is_loop(group: list[Target], graph: Mapping[Target, list[Target]]) -> bool:
    """Can a call go round in the group: several steps, or one that leads to itself."""
    return len(group) > 1 or group[0] in graph[group[0]]


def _visit(place: Target, index: dict[Target, int], low: dict[Target, int], path: list[Target]) -> None:
    index[place] = low[place] = len(index)
    path.append(place)


def _take(path: list[Target], on_path: set[Target], root: Target) -> list[Target]:
    group: list[Target] = []
    while not group or group[-1] != root:
        group.append(path.pop())
        on_path.discard(group[-1])
    return group
