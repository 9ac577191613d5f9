"""Text compared with a number: ``vars.order == 1`` is never true, since digits are text.

Compare with text: ``vars.order == "1"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import scope
from flows.checks.known import Known, each_facts, each_station
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.mentions import Path
    from flows.problems import Severity
    from flows.program import Program

CODE = "text-as-number"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each name that holds text and stands beside a number in a comparison."""
    texts = _texts(program)
    for path, facts in each_facts(program, known):
        for placed in facts.expressions:
            for mention in placed.expression.numeric:
                if mention.path in texts:
                    name = ".".join(mention.path)
                    message = f'"{name}" is text; compare it with a text ("1"), or write int({name})'
                    yield Problem(path, *placed.at(mention.offset), message, CODE)


def _texts(program: Program) -> set[Path]:
    """The names that hold text in every call; a variable that any step sets otherwise is not one."""
    kept: dict[str, bool] = {}
    for _, station in each_station(program):
        for name, is_text in station.facts.sets.items():
            kept[name] = is_text and kept.get(name, True)
    states = {("hours", name, "state") for name in program.center.hours}
    return set(scope.TEXTS) | states | {("vars", name) for name, is_text in kept.items() if is_text}
