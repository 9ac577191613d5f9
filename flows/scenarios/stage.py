"""A program ready to be played and watched: which step said what, and which steps and ways out a call has taken.

The engine tells what a turn says, not who said it. So each step of the program that is played is wrapped in one that
does as its step does and notes it; the engine itself knows nothing of being watched.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flows.kinds.survey import Survey, is_drawn
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.events import Event, Recorded
    from flows.flow import Station
    from flows.hidden import Seal
    from flows.instructions import Instruction
    from flows.program import Program


@dataclass(slots=True)
class Trace:
    """``steps`` and ``exits`` are all that were taken since it began.

    ``path`` and ``said`` are emptied by who plays: the steps of one turn with the ways they were left by, empty for one
    that waits; and what the steps of one advance have said.
    """

    steps: set[str] = field(default_factory=set)
    exits: set[tuple[str, str]] = field(default_factory=set)
    path: list[tuple[Station, str]] = field(default_factory=list)
    said: list[tuple[Instruction, Station]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Watched(Step):
    """A step that is watched."""

    step: Step
    trace: Trace

    def enter(self, walk: Walk) -> Outcome:
        before = len(walk.said)
        return self._noted(walk, before, walk.station, self.step.enter(walk))

    def resume(self, walk: Walk, event: Event) -> Outcome:
        before = len(walk.said)
        return self._noted(walk, before, walk.station, self.step.resume(walk, event))

    def back(self, walk: Walk, by: str, outer: dict[str, Any]) -> Outcome:
        before = len(walk.said)
        return self._noted(walk, before, walk.station, self.step.back(walk, by, outer))

    def left(self, walk: Walk, recorded: Recorded) -> None:
        before = len(walk.said)
        self.step.left(walk, recorded)
        self._note(walk, before, walk.station)

    def conceal(self, event: Event, seal: Seal) -> Event:
        return self.step.conceal(event, seal)

    def _noted(self, walk: Walk, before: int, station: Station, outcome: Outcome) -> Outcome:
        self._note(walk, before, station)
        self.trace.path.append((station, outcome.by if isinstance(outcome, Leave) else ""))
        if isinstance(outcome, Leave):
            self.trace.exits.add((station.place, outcome.by))
        elif isinstance(outcome, Wait):
            self.trace.said.append((outcome.on, station))
        return outcome

    def _note(self, walk: Walk, before: int, station: Station) -> None:
        self.trace.steps.add(station.place)
        self.trace.said.extend((one, station) for one in walk.said[before:])


MOST_LOTS = 4_096  # calls that are tried to find one which every survey asks, or spares


@dataclass(frozen=True, slots=True)
class Stage:
    """A watched ``program``, shared by all calls that are played on it; ``recordings`` names audio by its hash.

    ``asked`` and ``spared`` are ids of calls that the surveys which ask only some callers all ask, or all spare.
    """

    program: Program
    trace: Trace
    recordings: Mapping[str, str]
    asked: str
    spared: str


def stage(program: Program, audio: Mapping[str, str]) -> Stage:
    """A stage for a program; ``audio`` is what it was compiled with."""
    trace = Trace()
    flows = {
        name: replace(
            flow,
            stations={
                step: replace(station, step=Watched(station.step, trace)) for step, station in flow.stations.items()
            },
        )
        for name, flow in program.flows.items()
    }
    recordings = {digest: path.rpartition("/")[2] for path, digest in audio.items()}
    shares = _shares(program)
    return Stage(
        program=replace(program, flows=flows),
        trace=trace,
        recordings=recordings,
        asked=_call_sid(shares, asked=True),
        spared=_call_sid(shares, asked=False),
    )


def _shares(program: Program) -> list[tuple[str, int]]:
    """The surveys that ask only some callers: where, and how many per cent."""
    stations = [station for flow in program.flows.values() for station in flow.stations.values()]
    surveys = [(station.place, station.step.share) for station in stations if isinstance(station.step, Survey)]
    return [(place, share) for place, share in surveys if 0 < share < 100]


def _call_sid(shares: list[tuple[str, int]], *, asked: bool) -> str:
    for sid in (f"CA{number}" for number in range(1, MOST_LOTS)):
        if all(is_drawn(sid, place, share) is asked for place, share in shares):
            return sid
    return "CA1"
