"""A recording that begins without a sound.

Leave ``beep: no`` out, or say in the invitation when to speak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "no-beep"
SEVERITY: Severity = "warning"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each step that records with ``beep: no``: callers begin too early, and lose their first words."""
    del known
    for flow, station in each_station(program):
        for reference in station.facts.references:
            if reference.sort == "silent-start":
                message = "without a beep callers do not hear when to speak"
                yield Problem(flow.path, reference.line, reference.column, message, CODE, SEVERITY)
