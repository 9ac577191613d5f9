"""Reading a map of the author's option by option: each with its position, each mistake a problem.

A reader always gets something usable back (an empty text, a default), so that reading never stops at a mistake; a
workspace with an error is never run. What a step mentions (texts, names, exits) is noted as facts while it is read,
so that a check can judge every kind of step without knowing any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from flows import shapes, text
from flows.complaints import Mistake
from flows.expressions import compile_expression
from flows.problems import Problem, did_you_mean, listed
from flows.shapes import OFF, ON, Duration, Flag, Percent, Shape, Whole, written
from flows.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.center import Center
    from flows.expressions import Expression
    from flows.problems import Severity
    from flows.shapes import Options
    from flows.source import Node

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
WHOLE = re.compile(r"-?[0-9]{1,9}")
PERCENT = re.compile(r"([0-9]{1,3})%")
DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


S = TypeVar("S", bound=Shape)
Requirement = tuple[tuple[str, int], ...]  # skills with least levels, by name


class Exit(NamedTuple):
    """A way out of a step. ``target`` None ends the call politely; ``on_silence`` is where a silent caller ends up."""

    name: str
    target: str | None
    line: int
    column: int
    on_silence: bool = False


class Reference(NamedTuple):
    """A name of something outside the step: ``sort`` is ``hours``, ``sender`` or another that a check knows."""

    sort: str
    name: str
    line: int
    column: int


class Choice(NamedTuple):
    """One thing a caller may choose: its keys, and by language its phrases as they are compared."""

    keys: str
    phrases: dict[str, tuple[str, ...]]
    line: int
    column: int


class Asked(NamedTuple):
    """What a step may ask of a queue: its requirements, the first at once and each later one with time.

    ``places`` has the line and column of each. A step that chooses by language or condition asks in several ways.
    """

    queue: str
    requirements: tuple[Requirement, ...]
    places: tuple[tuple[int, int], ...]


class Placed(NamedTuple):
    """An expression and the scalar it was read from, at an offset; ``inside`` when it sees a subflow's variables."""

    expression: Expression
    node: Scalar
    offset: int
    inside: bool = False

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of a character of the expression."""
        return self.node.at(self.offset + offset)

    def refers(self, sort: str, name: str) -> Reference:
        """The same place as a name of something outside the step."""
        return Reference(sort, name, *self.at(self.expression.mentions[0].offset))


@dataclass(slots=True)
class Facts:
    """What one step mentions.

    ``sets`` maps a variable to whether it is always text; ``seals`` names the sealed values it keeps, ``hidden`` the
    hidden ones it sends, of the sorts ``secret`` and ``sealed``.
    """

    exits: list[Exit] = field(default_factory=list)
    texts: list[text.Text] = field(default_factory=list)
    prompts: list[text.Prompt] = field(default_factory=list)
    expressions: list[Placed] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    sets: dict[str, bool] = field(default_factory=dict)
    seals: list[Reference] = field(default_factory=list)
    hidden: list[Reference] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """One file being read: where its problems and its steps' facts are collected."""

    path: str
    center: Center
    audio: MappingType[str, str]
    language: str
    problems: list[Problem] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)

    def problem(self, node: Node, message: str, code: str, severity: Severity = "error") -> None:
        """Note a mistake at a node."""
        self.problem_at(node.line, node.column, message, code, severity)

    def problem_at(self, line: int, column: int, message: str, code: str, severity: Severity = "error") -> None:
        """Note a mistake at a line and column, both from 1."""
        self.problems.append(Problem(self.path, line, column, message, code, severity))

    def expression(self, node: Node | None, *, offset: int = 0, source: str | None = None) -> Expression | None:
        """Compile a scalar, or the part ``source`` of it that begins at ``offset``."""
        if not isinstance(node, Scalar):
            if node is not None:
                self.problem(node, "an expression is needed here", "bad-expression")
            return None
        compiled = compile_expression(node.text if source is None else source)
        if isinstance(compiled, Mistake):
            line, column = node.at(offset + compiled.offset)
            self.problem_at(line, column, compiled.message, "bad-expression")
            return None
        self.facts.expressions.append(Placed(compiled, node, offset))
        return compiled

    def mapping(self, node: Node | None, what: str) -> Mapping | None:
        """The node if it is a map, else a problem that says what should be there."""
        if node is None or isinstance(node, Mapping):
            return node
        self.problem(node, f"{what} is needed here", "bad-value")
        return None

    def word(self, node: Node | None, what: str) -> str:
        """The node's text if it has one, else a problem; empty when it is missing."""
        if node is None:
            return ""
        if isinstance(node, Scalar) and node.text:
            return node.text
        self.problem(node, f"{what} is needed here", "bad-value")
        return ""

    def refer(self, sort: str, node: Node, name: str) -> None:
        """Note that the step names something which a check has to find."""
        self.facts.references.append(Reference(sort, name, node.line, node.column))

    def exit_to(self, name: str, node: Node | None, *, on_silence: bool = False) -> None:
        """Note a way out of the step that leads where the node says."""
        target = self.word(node, "the name of a step")
        if node is not None and target:
            self.facts.exits.append(Exit(name, target, node.line, node.column, on_silence))

    def sets(self, node: Node, name: str, *, is_text: bool) -> None:
        """Note that the step sets a variable."""
        if not NAME.fullmatch(name):
            message = f'"{name[:60]}" cannot name a variable; use small letters, digits and _'
            self.problem(node, message, "bad-name")
        self.facts.sets[name] = is_text and self.facts.sets.get(name, True)

    def seals(self, node: Node, name: str) -> None:
        """Note that the step keeps a sealed value."""
        if not NAME.fullmatch(name):
            message = f'"{name[:60]}" cannot name a sealed value; use small letters, digits and _'
            self.problem(node, message, "bad-name")
        self.facts.seals.append(Reference("sealed", name, node.line, node.column))


class Form:
    """One map of known options.

    ``options`` are the keys it may have, each with its shape; any other is a problem that lists them, and so is a
    needed one that is missing.
    """

    def __init__(self, reading: Reading, node: Mapping, options: Options) -> None:
        self.reading, self.node, self.options = reading, node, options
        keys: dict[str, Scalar] = {}
        values: dict[str, Node] = {}
        self.keys, self.values = keys, values
        for key, value in node.pairs:
            keys[key.text], values[key.text] = key, value
        unknown = keys.keys() - options.keys()
        meant = "".join([self._unknown(key) for name, key in keys.items() if name in unknown]) if unknown else ""
        for name, shape in options.items():
            if shape.needed and name not in values and f'"{name}"' not in meant:
                self.need(name)  # a misspelt key is one mistake, not two

    def _unknown(self, key: Scalar) -> str:
        """Note a key that is none of the options; the sentence that names the nearest."""
        near = did_you_mean(key.text, self.options)
        hint = near.replace("?", "? Allowed here") or "; allowed here"
        message = f'no option named "{key.text[:60]}"{hint}: {listed(self.options)}'
        self.reading.problem(key, message, "unknown-key")
        return near

    def value(self, name: str) -> Node | None:
        """An option's value; None when it was not given."""
        assert name in self.options, f"{name} is read but not among the options"  # noqa: S101 - a bug of ours
        return self.values.get(name)

    def need(self, name: str) -> Node | None:
        """An option's value; a problem when it was not given."""
        value = self.value(name)
        if value is None:
            self.reading.problem(self.node, f'"{name}:" is missing', "missing-key")
        return value

    def word(self, name: str, what: str = "a word") -> str:
        """An option that is one text; empty when it was not given."""
        return self.reading.word(self.value(name), what)

    def exit(self, name: str, *, on_silence: bool = False) -> None:
        """An option that names the step to go to."""
        node = self.value(name)
        if node is not None:
            self.reading.exit_to(name, node, on_silence=on_silence)
        elif on_silence:
            self.reading.facts.exits.append(Exit(name, None, self.node.line, self.node.column, on_silence=True))

    def exit_as(self, name: str, *others: str, on_silence: bool = False) -> None:
        """An option that names the step to go to; left out, it leads where the first of ``others`` does that is given.

        A way out that leads nowhere ends the call, and is noted as such.
        """
        node = next((node for one in (name, *others) if (node := self.value(one)) is not None), None)
        self.lead(name, node, on_silence=on_silence)

    def lead(self, name: str, node: Node | None, *, on_silence: bool = False) -> None:
        """Note a way out that leads where the node says, or to the end of the call."""
        if node is not None:
            self.reading.exit_to(name, node, on_silence=on_silence)
        else:
            self.reading.facts.exits.append(Exit(name, None, self.node.line, self.node.column, on_silence))

    def prompt(self, name: str) -> text.Prompt | None:
        """An option that is spoken; None when it was not given."""
        value = self.value(name)
        return None if value is None else text.read_prompt(self.reading, value)

    def whole(self, name: str, default: int | None = None) -> int:
        """An option that is a whole number; ``default`` where the shape's own does not hold."""
        shape, node = self._shape(name, Whole), self.value(name)
        if node is None:
            return shape.default if default is None else default
        return whole(self.reading, node, shape)

    def duration(self, name: str) -> int:
        """An option such as ``20s``, in seconds."""
        shape, node = self._shape(name, Duration), self.value(name)
        return shape.default_s if node is None else duration(self.reading, node, shape)

    def percent(self, name: str) -> int:
        """An option such as ``50%``."""
        shape, node = self._shape(name, Percent), self.value(name)
        if node is None:
            return shape.default
        match = PERCENT.fullmatch(node.text) if isinstance(node, Scalar) else None
        if match and shape.least <= int(match[1]) <= 100:
            return int(match[1])
        message = f"a percentage from {shape.least}% to 100% is needed here, such as {shape.default}%"
        self.reading.problem(node, message, "bad-value")
        return shape.default

    def flag(self, name: str) -> bool:
        """An option that is on or off."""
        shape, node = self._shape(name, Flag), self.value(name)
        if node is None:
            return shape.default
        given = node.text if isinstance(node, Scalar) else ""
        if given in ON or given in OFF:
            return given in ON
        self.reading.problem(node, "yes or no is needed here", "bad-value")
        return shape.default

    def choice(self, name: str, shape: shapes.Choice | None = None) -> str:
        """An option that is one of a few words; ``shape`` where the option may be something else too."""
        shape, node = shape or self._shape(name, shapes.Choice), self.value(name)
        if node is None:
            return shape.words[0]
        given = node.text if isinstance(node, Scalar) else ""
        if given in shape.words:
            return given
        hint = did_you_mean(given, shape.words)
        self.reading.problem(node, f"one of {', '.join(shape.words)} is needed here{hint}", "bad-value")
        return shape.words[0]

    def _shape(self, name: str, sort: type[S]) -> S:
        shape = self.options[name]
        assert isinstance(shape, sort), f"{name} is read as another sort than it is declared"  # noqa: S101 - our bug
        return shape


def whole(reading: Reading, node: Node, shape: Whole) -> int:
    """A whole number; a problem and the default when it is not one or out of bounds."""
    given = node.text if isinstance(node, Scalar) else ""
    if WHOLE.fullmatch(given) and shape.least <= int(given) <= shape.most:
        return int(given)
    reading.problem(node, f"a whole number from {shape.least} to {shape.most} is needed here", "bad-value")
    return shape.default


def duration(reading: Reading, node: Node, shape: Duration) -> int:
    """A duration in seconds; a problem and the default when it is not one or out of bounds."""
    match = DURATION.fullmatch(node.text) if isinstance(node, Scalar) else None
    seconds = int(match[1]) * SECONDS[match[2]] if match else -1
    if shape.least_s <= seconds <= shape.most_s:
        return seconds
    least, most = written(shape.least_s), written(shape.most_s)
    reading.problem(node, f"a duration from {least} to {most} is needed here, such as 20s, 10m or 2h", "bad-value")
    return shape.default_s


def items(node: Node | None) -> tuple[Node, ...]:
    """A list's items; anything else is a list of one, nothing is an empty one."""
    if node is None:
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def words(reading: Reading, node: Node, what: str) -> tuple[str, ...]:
    """A text or a list of texts."""
    return tuple(word for word in (reading.word(item, what) for item in items(node)) if word)
