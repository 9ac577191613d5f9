"""``play``: play a recording, or several one after another.

Example::

    play: welcome.wav
    text: Welcome to Acme.
    barge_in: yes
    next: main

The file is looked for in ``prompts/<language>/`` of the caller's language, then in ``prompts/any/``. With a ``text``
(one text, or a map of languages) callers in whose language it is not recorded hear that; without one it has to be
there. ``barge_in: no`` is for what must be heard to its end, as in ``say``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.shapes import BARGE_IN, NEXT, Items, Word, text
from flows.text import Prompt, read_barge_in, read_recordings
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.source import Node

KEY = "play"
VALUE = Items("The file in `prompts/<language>/`, or a list of them.", each=Word())
OPTIONS = {
    "text": text("What callers hear in whose language it is not recorded."),
    "barge_in": BARGE_IN,
    "next": NEXT,
}
WAITS = False


@dataclass(frozen=True, slots=True)
class Play(Step):
    """Play and go on."""

    prompt: Prompt

    def enter(self, walk: Walk) -> Outcome:
        walk.speak(self.prompt)
        return Leave("next")


def read(form: Form, thing: Node) -> Play:
    """A ``play`` step."""
    form.exit("next")
    return Play(read_recordings(form.reading, thing, form.value("text"), barge_in=read_barge_in(form)))
