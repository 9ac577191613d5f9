"""A function in an expression that is given too few or too many values.

The problem shows how it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.expressions import FUNCTIONS
from flows.problems import Problem
from flows.spoken import FUNCTIONS as SAYING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "wrong-arguments"
SEVERITY: Severity = "error"
# Times are on the centre's clock: they take no time zone.
OF_TIMES = dict.fromkeys((name for name in FUNCTIONS if name.startswith("get")), (1, 1))
TAKEN = SAYING | OF_TIMES
EXAMPLES = {"money": 'money(vars.total, "USD")'} | {name: f"now.{name}()" for name in OF_TIMES}


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each call of a function that says a value or asks a time, with another number of values than it takes."""
    del known
    for flow, station in each_station(program):
        for placed in station.facts.expressions:
            for call in placed.expression.calls:
                least, most = TAKEN.get(call.name, (call.given, call.given))
                if not least <= call.given <= most:
                    example = EXAMPLES.get(call.name, f"{call.name}(vars.x)")
                    message = f'"{call.name}" is given {call.given} values; write {example}'
                    yield Problem(flow.path, *placed.at(call.offset), message, CODE)
