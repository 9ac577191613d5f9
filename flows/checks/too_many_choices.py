"""A menu with more choices than a caller keeps in mind.

Make a second menu, or leave out what few callers choose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "too-many-choices"
SEVERITY: Severity = "warning"
MOST = (
    9  # Amazon Connect and Twilio Studio allow 12 keys; guides for spoken menus ask for five, nine is the keypad's row
)


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each step that offers more than ``MOST`` choices."""
    del known
    for flow, station in each_station(program):
        choices = station.facts.choices
        if len(choices) > MOST:
            extra = choices[MOST]
            message = f"{len(choices)} choices; callers keep at most {MOST} in mind, so make a second menu"
            yield Problem(flow.path, extra.line, extra.column, message, CODE, SEVERITY)
