"""A function in an expression that is given too few or too many values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem
from flows.spoken import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.program import Program

CODE = "wrong-arguments"
EXAMPLES = {"money": 'money(vars.total, "USD")'}


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each call of a function that says a value, with another number of values than it takes."""
    del known
    for flow, station in each_station(program):
        for placed in station.facts.expressions:
            for call in placed.expression.calls:
                least, most = FUNCTIONS.get(call.name, (call.given, call.given))
                if not least <= call.given <= most:
                    example = EXAMPLES.get(call.name, f"{call.name}(vars.x)")
                    message = f'"{call.name}" is given {call.given} values; write {example}'
                    yield Problem(flow.path, *placed.at(call.offset), message, CODE)
