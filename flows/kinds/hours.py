"""``hours``: go on by whether a calendar of ``center.yaml`` is open.

Example::

    hours: office
    open: main
    closed: after_hours
    holiday: after_hours

Without ``holiday`` a holiday is ``closed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.hours import state
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.source import Node

KEY = "hours"
OPTIONS = ("open", "closed", "holiday")
WAITS = False


@dataclass(frozen=True, slots=True)
class Hours(Step):
    """Ask the calendar of this name."""

    calendar: str

    def enter(self, walk: Walk) -> Outcome:
        center = walk.program.center
        return Leave(state(center.hours[self.calendar], center.zone, walk.now))


def read(form: Form, thing: Node) -> Hours:
    """An ``hours`` step."""
    calendar = form.reading.word(thing, "the name of a calendar")
    if calendar:
        form.reading.refer("hours", thing, calendar)
    form.exit("open", needed=True)
    form.exit("closed", needed=True)
    if form.value("holiday") is None:
        form.reading.exit_to("holiday", form.value("closed"))
    else:
        form.exit("holiday")
    return Hours(calendar)
