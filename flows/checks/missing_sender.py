"""A text message in a centre that has no number to send it from.

Name one of your numbers as ``sender`` in center.yaml, or in the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "missing-sender"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each step that sends a message while ``center.yaml`` has no ``sender``."""
    del known
    for flow, station in each_station(program):
        for reference in station.facts.references:
            if reference.sort == "sender" and program.center.sender is None:
                message = 'center.yaml has no "sender:", the number that messages come from'
                yield Problem(flow.path, reference.line, reference.column, message, CODE)
