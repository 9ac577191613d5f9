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
from flows.shapes import Expression as Condition
from flows.shapes import Fields, Items, Way
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.expressions import Expression
    from flows.source import Node

KEY = "branch"
WAY = {
    "when": Condition("The condition, an expression.", needed=True),
    "next": Way("The step to go on at when it is true.", needed=True),
}
VALUE = Items("The ways, the first true one is taken.", each=Fields(options=WAY))
OPTIONS = {"else": Way("The step to go on at when no condition is true.", needed=True)}
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
        way = Form(reading, mapping, WAY)
        condition = reading.expression(way.value("when"))
        reading.exit_to(str(number), way.value("next"))
        if condition is not None:
            ways.append((condition, Leave(str(number))))
    if not items(thing):
        reading.problem(thing, "at least one way is needed here", "bad-value")
    form.exit("else")
    return Branch(tuple(ways))
