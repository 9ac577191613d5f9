"""Which steps share variables, and which flows go into which: what the checks know of subflows.

A *frame* is one passage through a flow and whatever its ways out lead to, with variables of its own. The call itself is
the outermost; each ``subflow`` step opens another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.kinds.subflow import Subflow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as MappingType

    from flows.flow import Flow, Station, Target
    from flows.program import Program

# Steps whose ways out are all that can come of them; at the others the caller or the world decides.
PREDICTABLE = frozenset({"say", "play", "pause", "set", "branch", "switch", "hours", "note", "subflow"})


# Ways out of steps that listen on which the caller has been asked nothing.
UNASKED = {"survey": {"not_asked"}, "queue": {"nobody", "full", "too_long", "closed"}}


def ways_unasked(station: Station) -> MappingType[str, Target | None]:
    """The ways out of a step that a call may take without the caller having been asked anything."""
    if not station.waits:
        return station.exits
    unasked = UNASKED.get(station.kind, ())
    return {name: target for name, target in station.exits.items() if name in unasked}


def subflow_of(station: Station) -> str | None:
    """The flow that a step goes into; None for all other kinds."""
    return station.step.flow if isinstance(station.step, Subflow) else None


def inner_flow(program: Program, station: Station) -> Flow | None:
    """The flow that a step goes into, if it is there; one that lacks its name is nobody's."""
    name = subflow_of(station)
    return program.flows.get(name) if name else None


def goes_into(program: Program) -> Iterator[tuple[Flow, Station, Flow]]:
    """Each step that goes into a flow which is there."""
    for flow in program.flows.values():
        for station in flow.stations.values():
            inner = inner_flow(program, station)
            if inner is not None:
                yield flow, station, inner


def reached(program: Program, starts: Iterable[Target], *, deep: bool = False) -> set[Target]:
    """The places that ways out lead to; with ``deep`` also what their subflows go through."""
    found: set[Target] = set()
    waiting = list(starts)
    while waiting:
        place = waiting.pop()
        station = station_at(program, place)
        if place in found or station is None:
            continue
        found.add(place)
        waiting.extend(target for target in station.exits.values() if target is not None)
        inner = inner_flow(program, station) if deep else None
        if inner is not None:
            waiting.append((inner.name, inner.start))
    return found


def station_at(program: Program, place: Target) -> Station | None:
    """The step at a place, if there is one that could be understood."""
    flow = program.flows.get(place[0])
    return None if flow is None else flow.stations.get(place[1])


def only_inside(program: Program) -> set[Target]:
    """The places that calls come to in subflows and nowhere else."""
    inner = {flow.name: flow for _, _, flow in goes_into(program)}
    if not inner:
        return set()
    numbers = [program.flows[name] for name in set(program.center.numbers.values()) if name in program.flows]
    outside = reached(program, [(flow.name, flow.start) for flow in numbers] + [program.center.fallback])
    return reached(program, [(flow.name, flow.start) for flow in inner.values()]) - outside


def callees(program: Program) -> dict[Target, list[Target]]:
    """By the start of each flow, the starts of those that its frame may go into."""
    steps = [((outer.name, station.name), (inner.name, inner.start)) for outer, station, inner in goes_into(program)]
    graph: dict[Target, list[Target]] = {}
    for flow in program.flows.values() if steps else ():
        frame = reached(program, [(flow.name, flow.start)])
        graph[(flow.name, flow.start)] = [inner for place, inner in steps if place in frame]
    return graph


def can_end(program: Program) -> set[Target]:
    """The places from which a frame or the call may come to its end without going deeper for ever."""
    ending: set[Target] = set()
    places = [(flow.name, station) for flow in program.flows.values() for station in flow.stations.values()]
    grown = True
    while grown:
        before = len(ending)
        ending |= {(name, one.name) for name, one in places if _may_end(program, one, ending)}
        grown = len(ending) > before
    return ending


def _may_end(program: Program, station: Station, ending: set[Target]) -> bool:
    if station.kind not in PREDICTABLE:
        return True
    inner = inner_flow(program, station)
    if inner is not None and (inner.name, inner.start) not in ending:
        return False
    return not station.exits or any(target is None or target in ending for target in station.exits.values())


def shared(program: Program) -> dict[str, str]:
    """By flow, the name of the group whose variables it shares: flows that ways out connect are one group."""
    group = {name: name for name in program.flows}
    for flow in program.flows.values():
        for station in flow.stations.values():
            for target in station.exits.values():
                if target is not None and target[0] in group:
                    group[_root(group, target[0])] = _root(group, flow.name)
    return {name: _root(group, name) for name in group}


def _root(group: dict[str, str], name: str) -> str:
    while group[name] != name:
        group[name] = group[group[name]]
        name = group[name]
    return name


def variables(program: Program) -> dict[str, set[str]]:
    """By flow, the variables that some step of its group sets or some ``with`` gives it.

    The fallback's group also has those of every flow that a number leads to: a call comes there out of any of these,
    and out of their subflows with the variables from before them.
    """
    groups = shared(program)
    sets: dict[str, set[str]] = {root: set() for root in groups.values()}
    for flow in program.flows.values():
        for station in flow.stations.values():
            step = station.step
            if isinstance(step, Subflow):
                sets[groups[flow.name]] |= {name for name, _ in step.results}
                if step.flow in groups:
                    sets[groups[step.flow]] |= {name for name, _ in step.arguments}
            else:
                sets[groups[flow.name]] |= set(station.facts.sets)
    fallback = groups.get(program.center.fallback[0])
    if fallback is not None:
        begun = {groups[name] for name in program.center.numbers.values() if name in groups}
        sets[fallback] = sets[fallback].union(*(sets[root] for root in begun))
    return {name: sets[root] for name, root in groups.items()}
