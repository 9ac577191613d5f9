"""From ``scenarios/*.yaml`` to scenarios: the same reader as for flows, the same problems with positions.

Scenarios are no part of a program and do not change its name; they are read for one, since they name its queues,
calendars and flows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows import source
from flows.form import Form, Reading
from flows.problems import Problem, did_you_mean, in_order, listed
from flows.scenarios import given
from flows.scenarios.given import Given, plain_given, read_given
from flows.scenarios.moves import BARE, SHAPES, Move, read_move
from flows.shapes import Choice, Either, Fields, Items, Shape, Word
from flows.source import Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.program import Program
    from flows.source import Node

ENDS = (
    "finished", "hung_up", "failed", "queued", "abandoned", "handled", "voicemail", "callback", "transferred",
)  # fmt: skip
MOVE = Either(shapes=(Choice(words=tuple(BARE)), Fields(options=SHAPES)))
OPTIONS: dict[str, Shape] = {
    "scenario": Word("What should happen, in a sentence.", needed=True),
    "given": Fields("Who calls and when, and how the world answers.", options=given.OPTIONS),
    "call": Items("What happens, line by line.", each=MOVE, needed=True),
    "ends": Choice("How the call ends.", words=ENDS),
}
MAX_SCENARIOS = 2_000  # of one file
MAX_MOVES = 500  # of one scenario; a call has at most as many turns


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is ``given``, what then happens, and what has to be true at the end; ``ends`` empty for nothing."""

    name: str
    path: str
    line: int
    given: Given
    moves: tuple[Move, ...]
    ends: str
    ends_at: int


def is_scenario(path: str) -> bool:
    """Is this the path of scenarios: a YAML file directly in ``scenarios/``."""
    return path.startswith("scenarios/") and path.endswith((".yaml", ".yml")) and path.count("/") == 1


def read_scenarios(
    files: MappingType[str, bytes], audio: MappingType[str, str], program: Program
) -> tuple[tuple[Scenario, ...], tuple[Problem, ...]]:
    """All scenarios of a workspace, by file and place, and what is wrong with them.

    Never raises: whatever the bytes are. A scenario with a mistake is not played.
    """
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    names: dict[str, Scenario] = {}
    for path in sorted(filter(is_scenario, files)):
        if path.endswith(".yml"):
            problems.append(Problem(path, 1, 1, "the name of a file of scenarios ends in .yaml", "misnamed-file"))
            continue
        found, wrong = read_file(path, files[path], audio, program)
        problems += wrong
        for one in found:
            first = names.setdefault(one.name, one)
            if first is not one:
                message = f'scenario "{one.name[:60]}" is there twice; first at {first.path}:{first.line}'
                problems.append(Problem(path, one.line, 1, message, "duplicate-scenario"))
        scenarios += found
    return tuple(scenarios), in_order(problems)


def read_file(
    path: str, data: bytes, audio: MappingType[str, str], program: Program
) -> tuple[list[Scenario], list[Problem]]:
    """The scenarios of one file that have no mistake, and the mistakes of the others."""
    node, problems = source.read(path, data)
    if node is None:
        return [], problems
    reading = Reading(path, program.center, audio, program.center.languages[0])
    if not isinstance(node, Sequence):
        reading.problem(node, 'a list of scenarios is needed here, each beginning with "- scenario:"', "bad-value")
        return [], [*problems, *reading.problems]
    if len(node.items) > MAX_SCENARIOS:
        reading.problem(node, f"a file has at most {MAX_SCENARIOS:,} scenarios", "too-large")
    found: list[Scenario] = []
    for item in node.items[:MAX_SCENARIOS]:
        before = len(reading.problems)
        one = _scenario(reading, item, program)
        if one is not None and len(reading.problems) == before:
            found.append(one)
    return found, [*problems, *reading.problems]


def _scenario(reading: Reading, node: Node, program: Program) -> Scenario | None:
    mapping = reading.mapping(node, "a scenario: a map with scenario, given, call and ends")
    if mapping is None:
        return None
    form = Form(reading, mapping, OPTIONS)
    ends, facts = form.value("ends"), form.value("given")
    return Scenario(
        name=form.word("scenario", "what should happen, in a sentence"),
        path=reading.path,
        line=mapping.line,
        given=plain_given(program) if facts is None else read_given(reading, facts, program),
        moves=_moves(form),
        ends="" if ends is None else _ends(reading, ends),
        ends_at=mapping.line if ends is None else ends.line,
    )


def _ends(reading: Reading, node: Node) -> str:
    given = reading.word(node, "how the call ends")
    if given and given not in ENDS:
        hint = did_you_mean(given, ENDS) or f"; one of {listed(ENDS)}"
        reading.problem(node, f'no call ends "{given[:60]}"{hint}', "bad-value")
    return given


def _moves(form: Form) -> tuple[Move, ...]:
    node = form.value("call")
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        form.reading.problem(node, 'a list of what happens is needed here, such as "- hears: Welcome"', "bad-value")
        return ()
    if len(node.items) > MAX_MOVES:
        form.reading.problem(node, f"a scenario has at most {MAX_MOVES} lines", "too-large")
    return tuple(one for one in (read_move(form.reading, item) for item in node.items[:MAX_MOVES]) if one is not None)
