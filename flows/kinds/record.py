"""``record``: take down what the caller says.

Example::

    record: After the tone, please say your name and your address, then press pound.
    into: address
    notice: What you say now is recorded, so that we can send you the form.
    longest: 60s
    silence: 5s
    finish: "#"
    beep: "yes"
    shortest: 2s
    next: thanks
    no_input: again
    failed: operator

Nobody is recorded without being told: ``notice`` is said before the invitation; or ``consent`` names the step that has
said so already (``consent: privacy``, or ``flow/step``), and every way here has to lead through it. The recording ends
with the key ``finish`` (``#``, ``*`` or ``any``), with ``silence`` (5s), after ``longest`` (3m) or with the call;
``beep`` sounds before it. The variable ``into`` holds the recording's id.

A recording of silence alone, or shorter than ``shortest`` (2s), leads to ``no_input``; ``failed`` is where the step
leads when nothing could be recorded, and ``no_input`` too when it is left out. A caller who hangs up while speaking has
been recorded all the same.
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

KEY = "record"
VALUE = prompt("What invites the caller to speak.")
OPTIONS = {
    "into": Word("The variable that holds the recording's id.", needed=True),
    "notice": prompt("Tells the caller that what follows is recorded."),
    "consent": Way("The step that has told the caller already."),
    **taking.OPTIONS,
    "next": NEXT,
    "no_input": Way("The step to go on at when nothing was said; else `failed`."),
    "failed": Way("The step to go on at when nothing could be recorded."),
}
WAITS = True


@dataclass(frozen=True, slots=True)
class Record(Step):
    """Say the notice and the invitation, then record."""

    invitation: Prompt
    notice: Prompt | None
    into: str
    taking: Taking

    def enter(self, walk: Walk) -> Outcome:
        walk.speak(self.notice)
        walk.speak(self.invitation)
        return Wait(self.taking.instruction)

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Recorded):
            if self.taking.is_empty(event):
                return Leave("no_input")
            walk.said.append(kept(event, "record", self.into))
            walk.set(self.into, event.recording_sid)
            return Leave("next")
        if isinstance(event, NothingHeard):
            return Leave("no_input")
        walk.notice("not-recorded", f"nothing was recorded; the event was {type(event).__name__}")
        return Leave("failed")

    def left(self, walk: Walk, recorded: Recorded) -> None:
        if not self.taking.is_empty(recorded):
            walk.said.append(kept(recorded, "record", self.into))


def read(form: Form, thing: Node) -> Record:
    """A ``record`` step."""
    into, node = form.word("into", "the name of a variable"), form.value("into")
    if node is not None and into:
        form.reading.sets(node, into, is_text=True)
    _note_consent(form, thing)
    notice = form.prompt("notice")
    form.exit_as("next")
    form.exit_as("failed")
    form.exit_as("no_input", "failed", on_silence=True)
    return Record(read_prompt(form.reading, thing), notice, into, read_taking(form))


def _note_consent(form: Form, thing: Node) -> None:
    """Note for a check where the caller is told; an empty name for nowhere."""
    node, place = form.value("consent"), form.word("consent", "the name of a step")
    if node is not None:
        form.reading.refer("consent", node, place)
    elif form.value("notice") is None:
        form.reading.refer("consent", thing, "")
