"""A calendar that is closed on every day there is.

Give its days hours, such as ``mon-fri: 09:00-17:00``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import CENTER
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.checks.known import Known
    from flows.problems import Severity
    from flows.program import Program

CODE = "never-open"
SEVERITY: Severity = "warning"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each calendar in which no day has hours: whoever goes by it only ever meets ``closed``."""
    for reference in known.named:
        calendar = program.center.hours.get(reference.name) if reference.sort == "calendar" else None
        if calendar is None or any(calendar.week) or any(special.shifts for special in calendar.dates.values()):
            continue
        message = f'calendar "{reference.name[:60]}" is never open; give its days hours, such as mon-fri: 09:00-17:00'
        yield Problem(CENTER, reference.line, reference.column, message, CODE, SEVERITY)
