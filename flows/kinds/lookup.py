"""``lookup``: find out who calls, by the number they call from or by something they have told.

Example::

    lookup: vars.order
    by: external_id
    found: main
    not_found: sales
    failed: operator

The value is an expression: ``caller``, or what a ``collect`` has kept. ``by`` says what it is: ``phone`` (a number such
as +12025550143, the default), ``email`` or ``external_id`` (a number of your own, such as an account's). After
``found`` the customer is this one for the rest of the call, under ``customer``; after ``not_found`` and ``failed`` it
is whoever it was. An unknown or empty value is ``not_found``. Without ``failed`` a look-up that cannot be done is
``not_found`` too.

Nobody needs this step to greet a caller who is known by number: a step that mentions ``customer`` has it looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.events import Answered, EffectFailed
from flows.instructions import LookUp
from flows.plain import written
from flows.shapes import Choice, Way
from flows.shapes import Expression as Value
from flows.text import value_of
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.expressions import Expression
    from flows.form import Form
    from flows.source import Node

KEY = "lookup"
WAITS = False
VALUE = Value("What the customer is known by: an expression.")
OPTIONS = {
    "by": Choice("What the value is.", words=("phone", "email", "external_id")),
    "found": Way("The step to go on at when the customer is known.", needed=True),
    "not_found": Way("The step to go on at when nobody is known by it.", needed=True),
    "failed": Way("The step to go on at when it could not be looked up; else `not_found`."),
}
MAX_VALUE = 320  # characters; the longest e-mail address (RFC 3696, erratum 1690)
REASONS = {"unavailable": "this server keeps no customers", "timeout": "the answer took too long"}


@dataclass(frozen=True, slots=True)
class Lookup(Step):
    """Find the customer with ``value``; None only in a flow with mistakes."""

    value: Expression | None
    by: str

    def enter(self, walk: Walk) -> Outcome:
        assert self.value is not None, "a program has no mistakes"  # noqa: S101 - a bug of ours
        value = (written(value_of(self.value, walk)) or "").strip()
        return Wait(LookUp(self.by, value)) if 0 < len(value) <= MAX_VALUE else Leave("not_found")

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Answered):
            found = event.value.get("customer") if isinstance(event.value, dict) else None
            if not isinstance(found, dict) or not found:
                return Leave("not_found")
            walk.know(found)
            return Leave("found")
        if isinstance(event, EffectFailed):
            walk.notice("not-looked-up", f"nobody was looked up: {REASONS.get(event.reason, event.reason)}")
            return Leave("failed")
        return walk.hold(event)


def read(form: Form, thing: Node) -> Lookup:
    """A ``lookup`` step."""
    form.exit("found")
    form.exit("not_found")
    form.exit("failed")
    if form.value("failed") is None and form.value("not_found") is not None:
        form.reading.exit_to("failed", form.value("not_found"))
    return Lookup(form.reading.expression(thing), form.choice("by"))
