"""``hangup``: end the call, with last words or without.

Example::

    hangup: Thank you for calling. Goodbye.

``hangup:`` with nothing after it ends the call at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.shapes import Blank, Either, Options, prompt
from flows.source import Scalar
from flows.text import Prompt, read_prompt
from flows.walk import End, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.form import Form
    from flows.source import Node

KEY = "hangup"
VALUE = Either("Last words, or nothing.", shapes=(prompt(""), Blank()))
OPTIONS: Options = {}
WAITS = False
SWITCHES = frozenset({"true", "yes", "on", "now", "false", "no", "off"})  # what YAML makes people write


@dataclass(frozen=True, slots=True)
class Hangup(Step):
    """Say the last words and end."""

    last_words: Prompt | None

    def enter(self, walk: Walk) -> Outcome:
        walk.speak(self.last_words)
        return End()


def read(form: Form, thing: Node) -> Hangup:
    """A ``hangup`` step."""
    is_bare = isinstance(thing, Scalar) and not thing.text and not thing.quoted
    if isinstance(thing, Scalar) and not thing.quoted and thing.text.lower() in SWITCHES:
        form.reading.problem(thing, f'"{thing.text}" would be said; write last words, or nothing after it', "bad-value")
    return Hangup(None if is_bare else read_prompt(form.reading, thing))
