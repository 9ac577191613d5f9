"""``note``: write a sentence onto the call's story.

Example::

    note: "Asked about order {{ vars.order }}."
    next: main
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.instructions import Note as Written
from flows.shapes import NEXT, text
from flows.text import Text, read_text
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.source import Node

KEY = "note"
VALUE = text("The sentence.")
OPTIONS = {"next": NEXT}
WAITS = False
MAX_LENGTH = 2_000  # characters; a story is read by people


@dataclass(frozen=True, slots=True)
class Note(Step):
    """Write and go on."""

    text: Text

    def enter(self, walk: Walk) -> Outcome:
        written = walk.write(self.text).strip()[:MAX_LENGTH]
        if written:
            walk.said.append(Written(written))
        return Leave("next")


def read(form: Form, thing: Node) -> Note:
    """A ``note`` step."""
    form.exit("next")
    return Note(read_text(form.reading, thing))
