"""``pause``: say nothing for a while.

Example::

    pause: 2s
    next: main
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.form import duration
from flows.instructions import Pause as Silence
from flows.shapes import NEXT, Duration
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.source import Node

KEY = "pause"
MAX_S = 60  # a caller who hears nothing for a minute has hung up
VALUE = Duration("How long.", default_s=1, least_s=1, most_s=MAX_S)
OPTIONS = {"next": NEXT}
WAITS = False


@dataclass(frozen=True, slots=True)
class Pause(Step):
    """Stay silent and go on."""

    silence: Silence

    def enter(self, walk: Walk) -> Outcome:
        walk.said.append(self.silence)
        return Leave("next")


def read(form: Form, thing: Node) -> Pause:
    """A ``pause`` step."""
    form.exit("next")
    return Pause(Silence(duration(form.reading, thing, VALUE)))
