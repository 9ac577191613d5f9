"""Reading a map of the author's option by option: each with its position, each mistake a problem.

A reader always gets something usable back (an empty text, a default), so that reading never stops at a mistake; a
workspace with an error is never run. What a step mentions (texts, names, exits) is noted as facts while it is read,
so that a check can judge every kind of step without knowing any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from flows import text
from flows.expressions import Mistake, compile_expression
from flows.problems import Problem, did_you_mean, listed
from flows.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as MappingType

    from flows.center import Center
    from flows.expressions import Expression
    from flows.problems import Severity
    from flows.source import Node

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
WHOLE = re.compile(r"-?[0-9]{1,9}")
PERCENT = re.compile(r"([0-9]{1,3})%")
DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


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
    """An expression and the scalar it was read from, at an offset."""

    expression: Expression
    node: Scalar
    offset: int

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
    """One map of known options. ``options`` are the keys it may have; any other is a problem that lists them."""

    def __init__(self, reading: Reading, node: Mapping, options: Iterable[str]) -> None:
        self.reading, self.node, self.options = reading, node, frozenset(options)
        self.values = {key.text: value for key, value in node.pairs}
        self.keys = {key.text: key for key, _ in node.pairs}
        for name, key in self.keys.items():
            if name not in self.options:
                self._unknown(key)

    def _unknown(self, key: Scalar) -> None:
        hint = did_you_mean(key.text, self.options).replace("?", "? Allowed here") or "; allowed here"
        message = f'no option named "{key.text[:60]}"{hint}: {listed(self.options)}'
        self.reading.problem(key, message, "unknown-key")

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

    def exit(self, name: str, *, needed: bool = False, on_silence: bool = False) -> None:
        """An option that names the step to go to."""
        node = self.need(name) if needed else self.value(name)
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

    def whole(self, name: str, *, default: int, least: int, most: int) -> int:
        """An option that is a whole number within bounds."""
        node = self.value(name)
        return default if node is None else whole(self.reading, node, default, (least, most))

    def duration(self, name: str, *, default_s: int, least_s: int, most_s: int) -> int:
        """An option such as ``20s``, in seconds."""
        node = self.value(name)
        return default_s if node is None else duration(self.reading, node, default_s, (least_s, most_s))

    def percent(self, name: str, *, default: int) -> int:
        """An option such as ``50%``."""
        node = self.value(name)
        if node is None:
            return default
        match = PERCENT.fullmatch(node.text) if isinstance(node, Scalar) else None
        if match and int(match[1]) <= 100:
            return int(match[1])
        self.reading.problem(node, "a percentage such as 50% is needed here", "bad-value")
        return default

    def flag(self, name: str) -> bool:
        """An option that is on or off, and off unless it is given."""
        return self.choice(name, ("false", "true", "no", "yes")) in {"true", "yes"}

    def choice(self, name: str, words: tuple[str, ...]) -> str:
        """An option that is one of a few words; the first is the default."""
        node = self.value(name)
        if node is None:
            return words[0]
        given = node.text if isinstance(node, Scalar) else ""
        if given in words:
            return given
        self.reading.problem(node, f"one of {', '.join(words)} is needed here", "bad-value")
        return words[0]


def whole(reading: Reading, node: Node, default: int, bounds: tuple[int, int]) -> int:
    """A whole number; a problem and the default when it is not one or out of bounds."""
    given = node.text if isinstance(node, Scalar) else ""
    if WHOLE.fullmatch(given) and bounds[0] <= int(given) <= bounds[1]:
        return int(given)
    reading.problem(node, f"a whole number from {bounds[0]} to {bounds[1]} is needed here", "bad-value")
    return default


def duration(reading: Reading, node: Node, default_s: int, bounds_s: tuple[int, int]) -> int:
    """A duration in seconds; a problem and the default when it is not one or out of bounds."""
    match = DURATION.fullmatch(node.text) if isinstance(node, Scalar) else None
    seconds = int(match[1]) * SECONDS[match[2]] if match else -1
    if bounds_s[0] <= seconds <= bounds_s[1]:
        return seconds
    message = f"a duration from {bounds_s[0]}s to {bounds_s[1]}s is needed here, such as 20s, 10m or 2h"
    reading.problem(node, message, "bad-value")
    return default_s


def items(node: Node | None) -> tuple[Node, ...]:
    """A list's items; anything else is a list of one, nothing is an empty one."""
    if node is None:
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def words(reading: Reading, node: Node, what: str) -> tuple[str, ...]:
    """A text or a list of texts."""
    return tuple(word for word in (reading.word(item, what) for item in items(node)) if word)
