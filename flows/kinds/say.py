"""``say``: speak to the caller.

Example::

    say:
      - Thanks for calling Acme.
      - {when: customer.known, text: "Welcome back, {{ customer.first_name }}."}
    next: main

The value is a text, a map of languages to texts, or a list of parts: ``text``, ``play`` or ``pause``, each with a
``when`` of its own if it is not always said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.text import Prompt, read_prompt
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.source import Node

KEY = "say"
OPTIONS = ("next",)
WAITS = False


@dataclass(frozen=True, slots=True)
class Say(Step):
    """Speak and go on."""

    prompt: Prompt

    def enter(self, walk: Walk) -> Outcome:
        walk.speak(self.prompt)
        return Leave("next")


def read(form: Form, thing: Node) -> Say:
    """A ``say`` step."""
    form.exit("next")
    return Say(read_prompt(form.reading, thing))
