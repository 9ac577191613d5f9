"""``subflow``: go through another flow as one step, and come back with what it found out.

Example::

    subflow: identify
    with: {reason: '"billing"', language: call.language}
    save: {account: vars.number, is_sure: 'vars.tries == 1'}
    next: main
    failed: operator

The other flow begins at its ``start`` with variables of its own: only those that ``with`` gives it, each an expression
over this flow's. A step of it that has no way on ends it, and the call comes back: by ``failed`` when that step left by
its own ``failed``, else by ``next``. Then ``save`` keeps values under names of this flow, each an expression over the
*subflow's* variables; a list of names (``save: [account, order]``) keeps variables under the names they have. After
``failed`` nothing is kept. Without ``failed`` the call goes on at ``next``.

Everything else is the call's: ``hangup`` ends it wherever it stands, ``call.language`` stays changed, and so does what
is known of the customer. A way out that names ``flow/step`` goes on there within the same subflow, with its variables,
and comes back from there. Subflows may go into subflows, eight deep; one deeper is not entered, and its step is left
by ``failed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flows.shapes import NEXT, Either, Items, Table, Way, Word
from flows.shapes import Expression as Value
from flows.source import Scalar, Sequence
from flows.walk import Into, Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.expressions import Expression
    from flows.form import Form
    from flows.source import Node

KEY = "subflow"
VALUE = Word("The flow to go through.")
OPTIONS = {
    "with": Table("Each variable that it is given with its value, an expression.", each=Value()),
    "save": Either(
        "What is kept of it: names, or each name with an expression over its variables.",
        shapes=(Table(each=Value()), Items(each=Word())),
    ),
    "next": NEXT,
    "failed": Way("The step to go on at when it came back by its own `failed`; else `next`."),
}
WAITS = True  # its steps may listen, and no check need know more
SUBFLOWS_DEEP = 8  # a caller's way through a centre is three or four deep; what is deeper goes round

Values = tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Subflow(Step):
    """Go into ``flow`` with ``arguments`` and come back with ``results``."""

    flow: str
    arguments: Values
    results: Values

    def enter(self, walk: Walk) -> Outcome:
        if len(walk.stack) >= SUBFLOWS_DEEP:
            walk.notice("too-deep", f'"{self.flow}" is not entered: it would be {SUBFLOWS_DEEP + 1} subflows deep')
            return Leave("failed")
        return Into(self.flow, _evaluated(self.arguments, walk))

    def resume(self, walk: Walk, event: Event) -> Outcome:
        return walk.hold(event)

    def back(self, walk: Walk, by: str, outer: dict[str, Any]) -> Outcome:
        found = _evaluated(self.results, walk) if by == "next" else {}
        walk.replace_vars({**outer, **found})
        return Leave(by)


def _evaluated(values: Values, walk: Walk) -> dict[str, Any]:
    return {name: walk.value(expression) for name, expression in values}


def read(form: Form, thing: Node) -> Subflow:
    """A ``subflow`` step."""
    flow = form.reading.word(thing, "the name of a flow")
    if flow:
        form.reading.refer("subflow", thing, flow)
    form.exit("next")
    form.exit("failed")
    if form.value("failed") is None and form.value("next") is not None:
        form.reading.exit_to("failed", form.value("next"))
    arguments = _values(form, "with", "gives")
    expressions = form.reading.facts.expressions
    outside = len(expressions)
    results = _results(form)
    expressions[outside:] = [placed._replace(inside=True) for placed in expressions[outside:]]
    return Subflow(flow, arguments, results)


def _results(form: Form) -> Values:
    node = form.value("save")
    if not isinstance(node, Sequence):
        return _values(form, "save", "keeps")
    found: list[tuple[str, Expression]] = []
    for item in node.items:
        name = form.reading.word(item, "the name of a variable of the subflow")
        if name and isinstance(item, Scalar):
            form.reading.sets(item, name, is_text=False)
            expression = form.reading.expression(item, offset=-len("vars."), source=f"vars.{name}")
            found += [] if expression is None else [(name, expression)]
    return tuple(found)


def _values(form: Form, option: str, does: str) -> Values:
    mapping = form.reading.mapping(form.value(option), f"a map of the names that it {does} to expressions")
    found: list[tuple[str, Expression]] = []
    for key, value in mapping.pairs if mapping is not None else ():
        form.reading.sets(key, key.text, is_text=False)
        expression = form.reading.expression(value)
        if expression is not None:
            found.append((key.text, expression))
    return tuple(found)
