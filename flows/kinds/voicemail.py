"""``voicemail``: let the caller leave a message for those who will call back.

Example::

    voicemail: We are closed. Please leave a message after the tone, and we will call you back.
    mailbox: billing
    longest: 2m
    silence: 5s
    finish: "#"
    beep: "yes"
    shortest: 2s
    next: thanks
    no_input: goodbye
    failed: goodbye

``mailbox`` is the queue whose people get the message; without it they all do. The other options are those of
``record``: the message ends with the key ``finish``, with ``silence`` (5s), after ``longest`` (3m) or with the call,
which is how most callers end it. ``no_input`` is where a caller leads who says nothing, or less than ``shortest``
(2s); ``failed`` where the step leads when nothing could be recorded, and ``no_input`` too when it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows import taking
from flows.events import NothingHeard, Recorded
from flows.shapes import NEXT, Way, Word, prompt
from flows.taking import Taking, kept, read_taking
from flows.text import Prompt, read_prompt
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.form import Form
    from flows.source import Node

KEY = "voicemail"
VALUE = prompt("What invites the caller to leave a message.")
OPTIONS = {
    "mailbox": Word("The queue whose people get the message; else all do."),
    **taking.OPTIONS,
    "next": NEXT,
    "no_input": Way("The step to go on at when nothing was said; else `failed`."),
    "failed": Way("The step to go on at when nothing could be recorded."),
}
WAITS = True


@dataclass(frozen=True, slots=True)
class Voicemail(Step):
    """``mailbox`` is a queue, empty for everybody's."""

    invitation: Prompt
    mailbox: str
    taking: Taking

    def enter(self, walk: Walk) -> Outcome:
        walk.speak(self.invitation)
        return Wait(self.taking.instruction)

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Recorded):
            if self.taking.is_empty(event):
                return Leave("no_input")
            self.left(walk, event)
            return Leave("next")
        if isinstance(event, NothingHeard):
            return Leave("no_input")
        walk.notice("not-recorded", f"no message was recorded; the event was {type(event).__name__}")
        return Leave("failed")

    def left(self, walk: Walk, recorded: Recorded) -> None:
        if not self.taking.is_empty(recorded):
            walk.said.append(kept(recorded, "voicemail", self.mailbox))


def read(form: Form, thing: Node) -> Voicemail:
    """A ``voicemail`` step."""
    node, mailbox = form.value("mailbox"), form.word("mailbox", "the name of a queue")
    if node is not None and mailbox:
        form.reading.refer("queue", node, mailbox)
    form.exit_as("next")
    form.exit_as("failed")
    form.exit_as("no_input", "failed")
    return Voicemail(read_prompt(form.reading, thing), mailbox, read_taking(form))
