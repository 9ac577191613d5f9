"""``branch``: go where the first true condition says.

Example::

    branch:
      - {when: customer.tier == "gold", next: gold}
      - {when: hours.office.state == "open", next: main}
    else: closed

A condition that cannot be decided is false. For one value with many cases there is ``switch``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.form import Form, items
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.expressions import Expression
    from flows.source import Node

KEY = "branch"
OPTIONS = ("else",)
WAITS = False


@dataclass(frozen=True, slots=True)
class Branch(Step):
    """Each condition with the exit it opens."""

    ways: tuple[tuple[Expression, Leave], ...]

    def enter(self, walk: Walk) -> Outcome:
        for condition, leave in self.ways:
            if walk.decide(condition):
                return leave
        return _ELSE


_ELSE = Leave("else")


def read(form: Form, thing: Node) -> Branch:
    """A ``branch`` step."""
    reading = form.reading
    ways: list[tuple[Expression, Leave]] = []
    for number, item in enumerate(items(thing), 1):
        mapping = reading.mapping(item, 'a way: "{when: …, next: …}"')
        if mapping is None:
            continue
        way = Form(reading, mapping, ("when", "next"))
        condition = reading.expression(way.need("when"))
        reading.exit_to(str(number), way.need("next"))
        if condition is not None:
            ways.append((condition, Leave(str(number))))
    if not items(thing):
        reading.problem(thing, "at least one way is needed here", "bad-value")
    form.exit("else", needed=True)
    return Branch(tuple(ways))
