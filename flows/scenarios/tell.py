"""Telling what happened in a played call: as a conversation, with the lines of flow and scenario it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.instructions import Notice, Play, Say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.program import Program
    from flows.scenarios.call import Call
    from flows.scenarios.coverage import Coverage
    from flows.scenarios.lines import Line
    from flows.scenarios.play import Played

MARKS = {"caller": "caller", "agent": "agent", "world": "world", "flow": ""}
WIDTH = 72
MOST_TEXT = 400  # of one line; a text message has up to 1,600 characters


def conversation(call: Call, program: Program) -> Iterator[tuple[str, str, str]]:
    """Who, what, and where it stands: ``flows/support.yaml:61``. What says nothing is left out."""
    for line in call.lines:
        if line.text:
            yield speaker(line), line.text[:MOST_TEXT], place_of(line, program)


def speaker(line: Line) -> str:
    """``caller``, ``agent``; of the flow ``says``, ``plays``, ``note`` or nothing."""
    if line.who != "flow":
        return MARKS[line.who]
    if isinstance(line.instruction, Say):
        return "hears"
    return "plays" if isinstance(line.instruction, Play) else "notice" if isinstance(line.instruction, Notice) else "·"


def place_of(line: Line, program: Program) -> str:
    """Where the step is written: file and line; empty for what no step did."""
    if line.station is None:
        return ""
    flow = program.flows[line.station.place.partition("/")[0]]
    return f"{flow.path}:{line.station.line}"


def report(played: Played, program: Program) -> str:
    """A scenario that failed, as a conversation up to the line that differs."""
    scenario = played.scenario
    marks = dict(played.marks)
    lines = [f"FAILED  {scenario.name}  ({scenario.path}:{scenario.line})"]
    for index, line in enumerate(played.call.lines):
        if line.text:
            place = place_of(line, program)
            if index in marks and line.who != "flow":
                place = f"{scenario.path}:{marks[index]}"
            lines.append(_row(speaker(line), line.text[:MOST_TEXT], place))
    lines.append(_row("here →", played.why, f"{scenario.path}:{played.line}"))
    return "\n".join(lines)


def _row(who: str, text: str, place: str) -> str:
    """One line of the conversation, long texts in several, the place behind the last."""
    rows = _wrapped(text)
    shown = [f"  {who if number == 0 else '':>7}  {row}" for number, row in enumerate(rows)]
    return "\n".join([*shown[:-1], f"{shown[-1]:<{WIDTH + 12}}  {place}".rstrip()])


def _wrapped(text: str) -> list[str]:
    rows, row = [], ""
    for word in text.split():
        if row and len(row) + 1 + len(word) > WIDTH:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}" if row else word
    return [*rows, row]


def told_coverage(coverage: Coverage) -> str:
    """The figures, and every place that no scenario reached."""
    steps, exits = (
        coverage.steps - coverage.missed_steps,
        coverage.exits - (len(coverage.missed) - coverage.missed_steps),
    )
    figures = (
        f"{steps} of {coverage.steps} steps and {exits} of {coverage.exits} ways out reached: {coverage.percent:.0f}%"
    )
    missed = [f"  not reached: {place}" for place in coverage.missed]
    return "\n".join([figures, *missed])


def as_data(played: Played, program: Program) -> dict[str, Any]:
    """A played scenario as plain JSON data."""
    scenario = played.scenario
    return {
        "scenario": scenario.name,
        "path": scenario.path,
        "line": scenario.line,
        "passed": played.passed,
        "why": played.why,
        "failed_at": None if played.passed else played.line,
        "call": [{"who": who, "what": what, "at": place} for who, what, place in conversation(played.call, program)],
    }


def coverage_as_data(coverage: Coverage) -> dict[str, Any]:
    """The figures as plain JSON data."""
    missed = [
        {"path": one.path, "line": one.line, "column": one.column, "step": one.step, "exit": one.exit or None}
        for one in coverage.missed
    ]
    return {"steps": coverage.steps, "exits": coverage.exits, "percent": round(coverage.percent, 2), "missed": missed}
