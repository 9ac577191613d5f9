"""``hours``: go on by whether a calendar of ``center.yaml`` is open.

Example::

    hours: office
    open: main
    closed: after_hours
    holiday: after_hours

Without ``holiday`` a holiday is ``closed``. A calendar that was closed at once (``ivr hours close office --until 14:00
--say "We are closed this morning."``) is ``closed`` until then, and whoever comes to the step hears that sentence
first, on a holiday too. ``{{ hours.office.opens }}`` says when it opens next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.hours import state
from flows.instructions import Say
from flows.scope import closure
from flows.shapes import Way, Word
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.hours import Closure
    from flows.source import Node

KEY = "hours"
VALUE = Word("The calendar: a name under `hours` in center.yaml.")
OPTIONS = {
    "open": Way("The step to go on at while it is open.", needed=True),
    "closed": Way("The step to go on at while it is closed.", needed=True),
    "holiday": Way("The step to go on at on a holiday; else `closed`."),
}
WAITS = False


@dataclass(frozen=True, slots=True)
class Hours(Step):
    """Ask the calendar of this name."""

    calendar: str

    def enter(self, walk: Walk) -> Outcome:
        center = walk.program.center
        closed = closure(walk.world, self.calendar, walk.now)
        found = state(center.hours[self.calendar], center.zone, walk.now, None if closed is None else closed.until)
        if closed is not None and found != "open":
            _tell(walk, closed)
        return Leave(found)


def _tell(walk: Walk, closed: Closure) -> None:
    """Say what the supervisor wants callers to hear, in their language if it was given in it."""
    center = walk.program.center
    text, language = closed.sentence((walk.language, *center.languages))
    if text:
        walk.said.append(Say(text=text, language=language, voice=center.voices.get(language)))


def read(form: Form, thing: Node) -> Hours:
    """An ``hours`` step."""
    calendar = form.reading.word(thing, "the name of a calendar")
    if calendar:
        form.reading.refer("hours", thing, calendar)
    form.exit("open")
    form.exit("closed")
    if form.value("holiday") is None:
        form.reading.exit_to("holiday", form.value("closed"))
    else:
        form.exit("holiday")
    return Hours(calendar)
