"""``switch``: go where one value says, out of many.

Example::

    switch: vars.order
    cases:
      "1": sales
      "0123": main
      closed: after_hours
    else: operator

The value is an expression, worked out once; the case that is written exactly like it is taken. Text is compared as
text, so ``0123`` is not ``123``; a number is as it is spoken, ``3`` or ``2.5``; true and false are ``"true"`` and
``"false"``. Anything else, an unknown value too, goes on at ``else``. For conditions over several values there is
``branch``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.expressions import Undecided, evaluate
from flows.plain import written
from flows.shapes import Expression as Value
from flows.shapes import Table, Way
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.expressions import Expression
    from flows.form import Form
    from flows.source import Node

KEY = "switch"
VALUE = Value("The value that decides, an expression.")
OPTIONS = {
    "cases": Table("Each value, as it is written, with the step it leads to.", each=Way(), needed=True),
    "else": Way("The step to go on at with any other value.", needed=True),
}
WAITS = False


@dataclass(frozen=True, slots=True)
class Switch(Step):
    """Each case, as it is written, with the exit it opens; ``value`` is None only in a flow with mistakes."""

    value: Expression | None
    cases: MappingType[str, Leave]

    def enter(self, walk: Walk) -> Outcome:
        assert self.value is not None, "a program has no mistakes"  # noqa: S101 - a bug of ours
        found = evaluate(self.value, walk.scope)
        case = written(found)
        if case is None:
            reason = found.reason if isinstance(found, Undecided) else "it is no text, number, true or false"
            why = "it is null" if found is None else reason
            walk.notice("undecided", f"{self.value.source.strip()} is none of the cases: {why}")
            return ELSE
        return self.cases.get(case, ELSE)


ELSE = Leave("else")


def read(form: Form, thing: Node) -> Switch:
    """A ``switch`` step."""
    reading = form.reading
    mapping = reading.mapping(form.value("cases"), "a map of values to steps")
    cases: dict[str, Leave] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        name = f"case {key.text}"
        reading.exit_to(name, value)
        cases[key.text] = Leave(name)
    if mapping is not None and not cases:
        reading.problem(mapping, "at least one case is needed here", "bad-value")
    form.exit("else")
    return Switch(reading.expression(thing), cases)
