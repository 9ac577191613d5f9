"""``set``: keep values under names, for later steps of this call.

Example::

    set:
      tries: 'vars.tries == null ? 1 : vars.tries + 1'
      call.language: '"es-US"'
    next: main

Each value is an expression, worked out in the order written, so that a later one sees the earlier; the names are read
as ``vars.tries``. A text has quotes of its own inside YAML's: ``'"gold"'``. What can't be worked out is null.
``call.language`` changes the language in which the call goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.problems import listed
from flows.shapes import NEXT, Table
from flows.shapes import Expression as Value
from flows.walk import Leave, Outcome, Step, Walk

if TYPE_CHECKING:
    from flows.expressions import Expression
    from flows.form import Form
    from flows.source import Node, Scalar

KEY = "set"
VALUE = Table("Each name with its value, an expression.", each=Value())
OPTIONS = {"next": NEXT}
WAITS = False
LANGUAGE = "call.language"
LITERAL = re.compile(r"""'[^'\\]*'|"[^"\\]*\"""")


@dataclass(frozen=True, slots=True)
class Set(Step):
    """Each name with its value, in the author's order."""

    values: tuple[tuple[str, Expression], ...]

    def enter(self, walk: Walk) -> Outcome:
        for name, expression in self.values:
            value = walk.value(expression)
            if name == LANGUAGE:
                _change_language(walk, value)
            else:
                walk.set(name, value)
        return Leave("next")


def _change_language(walk: Walk, value: object) -> None:
    if isinstance(value, str) and value in walk.program.center.languages:
        walk.speak_language(value)
    else:
        walk.notice("unknown-language", f"{str(value)[:60]} is not one of the centre's languages; nothing changes")


def read(form: Form, thing: Node) -> Set:
    """A ``set`` step."""
    form.exit("next")
    mapping = form.reading.mapping(thing, "a map of names to expressions")
    values: list[tuple[str, Expression]] = []
    for key, value in mapping.pairs if mapping is not None else ():
        expression = form.reading.expression(value)
        if key.text == LANGUAGE:
            _check_language(form, value, expression)
        else:
            form.reading.sets(key, key.text, is_text=False)
        if expression is not None:
            values.append((key.text, expression))
    if mapping is not None and not mapping.pairs:
        form.reading.problem(mapping, "at least one name is needed here", "bad-value")
    return Set(tuple(values))


def _check_language(form: Form, node: Node | Scalar, expression: Expression | None) -> None:
    """A language that is written out must be one of the centre's."""
    written = expression.source.strip() if expression is not None else ""
    languages = form.reading.center.languages
    if LITERAL.fullmatch(written) and written[1:-1] not in languages:
        message = f"{written[:60]} is not one of the languages of center.yaml: {listed(languages)}"
        form.reading.problem(node, message, "unknown-language")
