"""Which steps and ways out scenarios have reached, and which they have not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.program import Program
    from flows.scenarios.stage import Trace


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A step, or one of its ways out (``exit`` is its name), where its author wrote it."""

    path: str
    line: int
    column: int
    step: str
    exit: str = ""

    def __str__(self) -> str:
        """``flows/support.yaml:61 main, way out "failed"``."""
        return f"{self.path}:{self.line} {self.step}{f', way out {chr(34)}{self.exit}{chr(34)}' if self.exit else ''}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of steps and of ways out, all and reached, and what was missed."""

    steps: int
    exits: int
    missed: tuple[Place, ...]

    @property
    def missed_steps(self) -> int:
        return sum(1 for place in self.missed if not place.exit)

    @property
    def percent(self) -> float:
        """Of steps and ways out together; 100 when there are none."""
        everything = self.steps + self.exits
        return 100 * (everything - len(self.missed)) / everything if everything else 100.0


def coverage_of(program: Program, trace: Trace) -> Coverage:
    """What was reached; a way out counts where it is written, so one that leads where another does is that one."""
    steps, exits = list(_steps(program)), dict(_exits(program))
    missed = [place for place in steps if place.step not in trace.steps]
    missed += [place for place, names in exits.items() if not any((place.step, name) in trace.exits for name in names)]
    return Coverage(len(steps), len(exits), tuple(sorted(missed)))


def _steps(program: Program) -> Iterator[Place]:
    for flow in program.flows.values():
        for station in flow.stations.values():
            if flow.path != "center.yaml":  # the step that a fallback queue stands for
                yield Place(flow.path, station.line, station.column, station.place)


def _exits(program: Program) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Each way out as written, with the names of all that lead there by it."""
    for flow in program.flows.values():
        for station in flow.stations.values():
            written: dict[tuple[int, int], list[str]] = {}
            for one in station.facts.exits:
                if one.target is not None and flow.path != "center.yaml":
                    written.setdefault((one.line, one.column), []).append(one.name)
            for (line, column), names in written.items():
                yield Place(flow.path, line, column, station.place, names[0]), tuple(names)
