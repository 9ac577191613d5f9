"""``say``: speak to the caller.

Example::

    say:
      - Thanks for calling Acme.
      - {when: customer.known, text: "Welcome back, {{ customer.first_name }}."}
      - {play: news.wav, text: Our new shop is open., barge_in: no}
    barge_in: yes
    next: main

The value is a text, a map of languages to texts, or a list of parts: ``text``, ``play`` or ``pause``, each with a
``when`` of its own if it is not always said. ``play`` with a ``text`` is a recording where there is one, spoken in the
other languages.

A caller who knows the menu that follows may press its key already: what is said before a question is interrupted by its
answer. ``barge_in: no``, on a part or on the step, is for what must be heard to its end, such as a legal notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.shapes import BARGE_IN, NEXT, prompt
from flows.text import Prompt, read_barge_in, read_prompt
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.source import Node

KEY = "say"
VALUE = prompt("What the caller hears.")
OPTIONS = {"barge_in": BARGE_IN, "next": NEXT}
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
    return Say(read_prompt(form.reading, thing, barge_in=read_barge_in(form)))
