"""``sms``: send a text message, to the caller unless another number is given.

Example::

    sms: "Acme Support, 1 Main Street, Springfield. Open Monday to Friday, 9 to 5."
    to: "{{ caller }}"
    next: main
    failed: say_address

It comes from the ``sender`` of ``center.yaml``. ``failed`` is where a message that cannot be sent leads; without it the
call goes on at ``next``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.center import E164
from flows.events import Answered, EffectFailed
from flows.instructions import SendMessage
from flows.text import Text, read_text
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.form import Form
    from flows.source import Node

KEY = "sms"
OPTIONS = ("to", "next", "failed")
WAITS = False
MAX_LENGTH = 1_600  # characters (twilio.com, Message body)


@dataclass(frozen=True, slots=True)
class Sms(Step):
    """``to`` None is the caller."""

    body: Text
    to: Text | None

    def enter(self, walk: Walk) -> Outcome:
        sender = walk.program.center.sender
        to = walk.session.caller if self.to is None else walk.write(self.to).strip()
        body = walk.write(self.body).strip()[:MAX_LENGTH]
        if sender is None or not E164.fullmatch(to) or not body:
            walk.notice("sms-not-sent", f'"{to[:20]}" is not a number that a message can be sent to')
            return Leave("failed")
        return Wait(SendMessage(to, sender, body))

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Answered):
            return Leave("next")
        if isinstance(event, EffectFailed):
            walk.notice("sms-not-sent", f"the message was not sent: {event.reason}")
            return Leave("failed")
        return walk.hold(event)


def read(form: Form, thing: Node) -> Sms:
    """An ``sms`` step."""
    form.reading.refer("sender", thing, "sender")
    form.exit("next")
    form.exit("failed")
    if form.value("failed") is None and form.value("next") is not None:
        form.reading.exit_to("failed", form.value("next"))
    to = form.value("to")
    return Sms(read_text(form.reading, thing), None if to is None else read_text(form.reading, to))
