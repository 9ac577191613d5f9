"""``play``: play a recording, or several one after another.

Example::

    play: chime.wav
    next: main

The file is looked for in ``prompts/<language>/`` of the caller's language, then in ``prompts/any/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.text import Prompt, read_recordings
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.source import Node

KEY = "play"
OPTIONS = ("next",)
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
    return Play(read_recordings(form.reading, thing))
