"""``transfer``: connect the caller with a telephone number or a SIP address outside the centre.

Example::

    transfer: "+12025550170"
    announcement: I am putting you through to our branch in Springfield.
    caller_id: caller
    ring: 20s
    longest: 1h
    ended: anything_else
    busy: say_busy
    no_answer: voicemail
    failed: voicemail

The thing itself is a number in E.164, a SIP address (``sip:desk@pbx.example.com``), or an expression that gives a
number (``"{{ vars.branch }}"``): then ``transfer_to`` in ``center.yaml`` says how the numbers begin that may be
called, so that nobody calls the world at your cost; premium numbers, and the islands that share +1, only where it has
their own beginning. People of the centre are reached by a ``queue`` step (one of them with ``prefer``), another flow by
``next``.

``announcement`` is what the caller hears first. ``caller_id`` is the number that the other side sees: the ``caller``'s
own, unless it is withheld, ``ours``, or one of yours in E.164. It rings for ``ring`` (30s); the two talk for
``longest`` (4h) at most. When the other side has hung up the call goes on at ``ended``. ``busy`` and ``no_answer``
lead where ``failed`` does when they are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.center import E164
from flows.dialling import may_reach
from flows.events import Dialed
from flows.instructions import Dial
from flows.shapes import Duration, Way, Word, prompt
from flows.source import Scalar
from flows.text import Prompt, Template, fill, read_template
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.form import Form
    from flows.source import Node

KEY = "transfer"
WAITS = False
SIP = re.compile(r"sips?:[^\s<>\"@]{1,128}@[A-Za-z0-9.:\[\]-]{1,128}(;[A-Za-z0-9=.-]{1,64}){0,8}")
RING_S = 30  # twilio.com, <Dial>: the default timeout
LONGEST_S = 14_400  # the same page: the default timeLimit
STATUSES = ("ended", "busy", "no_answer", "failed")
CALLER, OURS = "caller", "ours"
VALUE = Word("A telephone number, an expression that gives one, or a SIP address.")
OPTIONS = {
    "announcement": prompt("What the caller hears first."),
    "caller_id": Word("The number that the other side sees: `caller`, `ours`, or one of yours."),
    "ring": Duration("How long it rings.", default_s=RING_S, least_s=5, most_s=600),
    "longest": Duration("How long the two may talk.", default_s=LONGEST_S, least_s=1, most_s=86_400),
    "ended": Way("The step to go on at after the conversation. Without it the call ends politely."),
    "busy": Way("The step to go on at when the line is busy; else `failed`."),
    "no_answer": Way("The step to go on at when nobody answers; else `failed`."),
    "failed": Way("The step to go on at when nobody could be rung.", needed=True),
}


@dataclass(frozen=True, slots=True)
class Transfer(Step):
    """``caller_id`` is ``caller``, ``ours`` or a number."""

    to: Template
    announcement: Prompt | None
    caller_id: str
    ring_s: int
    longest_s: int

    def enter(self, walk: Walk) -> Outcome:
        to = fill(self.to, walk).strip()
        sort = "sip" if self.to.static is not None and SIP.fullmatch(to) else "number"
        if sort == "number" and not self._may_be_called(to, walk):
            walk.notice("not-transferred", f'"{to[:20]}" is not a number that calls may be transferred to')
            return Leave("failed")
        walk.speak(self.announcement)
        return Wait(Dial(to, sort, self._shown(walk), self.ring_s, self.longest_s))

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Dialed) and event.status in STATUSES:
            return Leave(event.status)
        walk.notice("not-transferred", f"nobody was connected; the event was {type(event).__name__}")
        return Leave("failed")

    def _may_be_called(self, number: str, walk: Walk) -> bool:
        """The author's own numbers always; a number by expression when ``center.yaml`` allows it."""
        if not E164.fullmatch(number):
            return False
        return self.to.static is not None or may_reach(number, walk.program.center.transfer_to)

    def _shown(self, walk: Walk) -> str | None:
        """The number that the other side sees; None is the provider's choice, the caller's own."""
        if self.caller_id == CALLER and walk.session.caller:
            return None
        if self.caller_id in {CALLER, OURS}:
            return walk.session.called or None
        return self.caller_id


def read(form: Form, thing: Node) -> Transfer:
    """A ``transfer`` step."""
    to = form.reading.word(thing, "a telephone number or a SIP address")
    if to:
        form.reading.refer("transfer", thing, to)
    form.exit_as("ended")
    form.exit("failed")
    form.exit_as("busy", "failed")
    form.exit_as("no_answer", "failed")
    return Transfer(
        to=read_template(form.reading, thing) if isinstance(thing, Scalar) else Template(()),
        announcement=form.prompt("announcement"),
        caller_id=_caller_id(form),
        ring_s=form.duration("ring"),
        longest_s=form.duration("longest"),
    )


def _caller_id(form: Form) -> str:
    node, given = form.value("caller_id"), form.word("caller_id", "caller, ours or a number")
    if node is not None and given and given not in {CALLER, OURS} and not E164.fullmatch(given):
        message = f'"{given[:60]}" cannot be shown; write caller, ours, or a number such as "+12025550100"'
        form.reading.problem(node, message, "bad-number")
    return given or CALLER
