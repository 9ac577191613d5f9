"""``sms``: send a text message, to the caller unless another number is given.

Example::

    sms:
      en-US: "Acme Support, 1 Main Street, Springfield. Your order: {{ vars.order }}."
      es-US: "Acme Support, 1 Main Street, Springfield. Su pedido: {{ vars.order }}."
    to: "{{ caller }}"
    sender: "+12025550100"
    next: main
    not_mobile: say_address
    failed: say_address

The text may hold expressions, and is written in the caller's language; ``to`` is a number in E.164 or an expression
that gives one. A number out of ``vars`` has to be at home (``dialling_code``) or to begin as ``transfer_to`` of
``center.yaml`` allows, for every message costs. It comes from ``sender``, else from the ``sender`` of ``center.yaml``.
``not_mobile`` is where a number leads that takes no messages, such as a landline, or a caller without a number;
``failed`` where any other message that cannot be sent leads. Without ``not_mobile`` that is ``failed``, and without
``failed`` the call goes on at ``next``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.center import E164
from flows.dialling import may_reach_at_home
from flows.events import Answered, EffectFailed
from flows.instructions import SendMessage
from flows.shapes import NEXT, Way, Word, text
from flows.text import Text, read_text
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.form import Form
    from flows.source import Node

KEY = "sms"
VALUE = text("The message.")
OPTIONS = {
    "to": text("The number it goes to; else the caller's."),
    "sender": Word("The number it comes from; else the `sender` of center.yaml."),
    "next": NEXT,
    "not_mobile": Way("The step to go on at when the number takes no messages; else `failed`."),
    "failed": Way("The step to go on at when it cannot be sent; else `next`."),
}
WAITS = False
MAX_LENGTH = 1_600  # characters (twilio.com, Message body)


@dataclass(frozen=True, slots=True)
class Sms(Step):
    """``to`` None is the caller, ``sender`` None the centre's. A caller may have ``chosen`` what ``to`` is."""

    body: Text
    to: Text | None
    sender: str | None
    chosen: bool

    def enter(self, walk: Walk) -> Outcome:
        sender = self.sender or walk.program.center.sender
        to = walk.session.caller if self.to is None else walk.write(self.to).strip()
        body = walk.write(self.body).strip()[:MAX_LENGTH]
        if not E164.fullmatch(to):
            walk.notice("sms-not-sent", f'"{to[:20]}" is not a number that a message can be sent to')
            return Leave("not_mobile")
        if self.chosen and to != walk.session.caller and not self._may_reach(to, walk):
            walk.notice("sms-not-sent", f"{to} is neither at home nor among transfer_to of center.yaml")
            return Leave("failed")
        if sender is None or not body:
            walk.notice("sms-not-sent", "the message is empty" if sender else "center.yaml has no sender")
            return Leave("failed")
        return Wait(SendMessage(to, sender, body))

    def _may_reach(self, to: str, walk: Walk) -> bool:
        return may_reach_at_home(to, walk.program.center, walk.session.called)

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Answered):
            return Leave("next")
        if isinstance(event, EffectFailed):
            walk.notice("sms-not-sent", f"the message was not sent: {event.reason}")
            return Leave("not_mobile" if event.reason == "not_mobile" else "failed")
        return walk.hold(event)


def read(form: Form, thing: Node) -> Sms:
    """An ``sms`` step."""
    sender, node = form.word("sender", "a telephone number"), form.value("sender")
    if node is None:
        form.reading.refer("sender", thing, "sender")
    elif sender and not E164.fullmatch(sender):
        form.reading.problem(node, f'"{sender[:60]}" is not a number such as "+12025550100"', "bad-number")
    form.exit_as("next")
    form.exit_as("failed", "next")
    form.exit_as("not_mobile", "failed", "next")
    node = form.value("to")
    to = None if node is None else read_text(form.reading, node)
    return Sms(read_text(form.reading, thing), to, sender or None, to is not None and _names_variables(to))


def _names_variables(text: Text) -> bool:
    """Does a text hold what the call's steps have set: what a caller keyed in, or another system answered."""
    pieces = [piece for template in text.templates.values() for piece in template.pieces if not isinstance(piece, str)]
    return any(mention.path[0] == "vars" for piece in pieces for mention in piece.mentions)
