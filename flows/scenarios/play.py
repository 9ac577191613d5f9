"""Playing scenarios: each on a call of its own, up to the first line that differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.scenarios.answers import example, wanting
from flows.scenarios.call import Call, begin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flows.scenarios.read import Scenario
    from flows.scenarios.stage import Stage


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a scenario: ``why`` it failed, empty when it passed, at ``line`` of its file.

    ``marks`` say at which line of the call each of the scenario's lines was reached: the index into ``call.lines``,
    then the line of the file.
    """

    scenario: Scenario
    call: Call
    why: str = ""
    line: int = 0
    marks: tuple[tuple[int, int], ...] = ()

    @property
    def passed(self) -> bool:
        return not self.why


def play_all(scenarios: Iterable[Scenario], stage: Stage) -> Iterator[Played]:
    """Play scenarios one after another."""
    return (play(one, stage) for one in scenarios)


def play(scenario: Scenario, stage: Stage) -> Played:
    """Play one scenario to its end, or to the first line that differs. Never raises."""
    call = begin(stage, scenario.given)
    call.start()
    marks: list[tuple[int, int]] = []
    why, line = halted(call), scenario.line
    for move in scenario.moves:
        if why:
            break
        marks.append((len(call.lines), move.line))
        line = move.line
        why = move.play(call) or halted(call)
    if not why and scenario.ends:
        why, line = _ends_otherwise(call, scenario.ends), scenario.ends_at
    return Played(scenario, call, why, line, tuple(marks))


def halted(call: Call) -> str:
    """Why the call cannot go on at all; empty when it can."""
    if call.stuck:
        return f"the flow never comes to an end: {call.stuck}"
    if call.unanswered is not None:
        return f"{wanting(call.unanswered)} was asked, and no answer is given; write {example(call.unanswered)}"
    return ""


def _ends_otherwise(call: Call, ends: str) -> str:
    found = call.ending()
    if ends in found:
        return ""
    if call.session.ended is None and not found:
        return f"the call should have ended {ends}, but {call.state()}"
    return f"the call should have ended {ends}; it is {' and '.join(sorted(found))}"
