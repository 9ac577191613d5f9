"""What a step asks of routing: whom a caller needs, how that relaxes with time, and how urgent it is.

A *requirement* is skills with least levels, ``billing: 3``; level 1 is the lowest, 10 the highest. Every requirement
that a call can ever ask for is known when the flow is read, since routing keeps a line of callers for each: an author
writes one, or lists some to choose from by condition or by language. ``relax`` lowers it with time. All of it is read
alike in a ``queue`` step, in a ``callback`` step and as a queue's default in ``center.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Generic, TypeVar

from flows.form import Asked, Form, Requirement, items, whole
from flows.shapes import Duration, Either, Fields, Items, Shape, Table, Whole, Word
from flows.shapes import Expression as Condition
from flows.source import Mapping

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as MappingType

    from flows.expressions import Expression
    from flows.form import Reading
    from flows.source import Node
    from flows.walk import Walk

LOWEST, HIGHEST = 1, 10  # of a level; Connect has 1 to 5, which is coarse for teams of fifty
MOST_RELAXED = 6  # times; Genesys: six rings
MOST_RELAX_S = 3_600
MOST_PRIORITY = 10  # points of head start, 60 s each unless the queue says another: ten minutes
LAST = "last"  # in the place of a name: whoever helped this customer last
PREFER_S = 20  # as long as one offer
LEVEL = Whole(default=LOWEST, least=LOWEST, most=HIGHEST)
REQUIREMENT = Table(each=LEVEL)
REQUIRE = Either(shapes=(REQUIREMENT, Table(each=REQUIREMENT)))
PRIORITY = Whole(least=-MOST_PRIORITY, most=MOST_PRIORITY)
RELAXED = {
    "after": Duration("How long the caller has waited.", default_s=1, least_s=1, most_s=MOST_RELAX_S, needed=True),
    "require": Either("What is enough from then on.", shapes=REQUIRE.shapes, needed=True),
}
PREFER = {
    "agent": Word("`last`, or the name of an agent.", needed=True),
    "for": Duration("How long the call is held back.", default_s=PREFER_S, least_s=1, most_s=MOST_RELAX_S),
}


def case(value: Shape) -> dict[str, Shape]:
    """The options of one of several values to choose from."""
    then = {"then": value, "else": value}
    return {"when": Condition("The condition, an expression."), **then}


def chosen(words: str, value: Shape) -> Either:
    """A value, or several to choose from by condition."""
    return Either(words, shapes=(value, Items(each=Fields(options=case(value)))))


CASE = case(Shape())
OPTIONS = {
    "require": chosen("The skills that the agent needs, each with its least level from 1 to 10.", REQUIRE),
    "relax": Items("What is enough after some time of waiting.", each=Fields(options=RELAXED)),
    "prefer": Fields("Holds the call back for one agent, for a while.", options=PREFER),
    "priority": chosen("A head start in points, from -10 to 10.", PRIORITY),
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen(Generic[T]):
    """One of several values: that of the first condition that is true; ``when`` None always is."""

    cases: tuple[tuple[Expression | None, T], ...]

    def of(self, walk: Walk) -> T:
        """The value for this caller."""
        for when, value in self.cases[:-1]:
            if when is None or walk.decide(when):
                return value
        return self.cases[-1][1]


@dataclass(frozen=True, slots=True)
class Level:
    """One requirement in each of the centre's languages, and where it was written."""

    by_language: MappingType[str, Requirement]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Needs:
    """A requirement, one of several to choose from, and by how many seconds of waiting it relaxes to which other."""

    require: Chosen[Level]
    relax: tuple[tuple[int, Level], ...] = ()

    def of(self, walk: Walk) -> tuple[Requirement, tuple[tuple[int, Requirement], ...]]:
        """The requirement of this caller, and from how many seconds on which other."""
        tag = walk.language
        return self.require.of(walk).by_language.get(tag, ()), tuple(
            (after_s, level.by_language.get(tag, ())) for after_s, level in self.relax
        )


@dataclass(frozen=True, slots=True)
class Preferred:
    """An agent who is to have the call for ``for_s`` seconds before others may: ``last`` or a name."""

    agent: str
    for_s: int


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a caller waits: all that a step asks of routing."""

    queue: str
    needs: Needs
    prefer: Preferred | None
    priority: Chosen[int]


ANYBODY = Needs(Chosen(((None, Level({}, 1, 1)),)))


def read_terms(form: Form, queue: str) -> Terms:
    """The ``OPTIONS`` of a step that asks for somebody of ``queue``; what it leaves out is as the queue has it."""
    settings = form.reading.center.queues.get(queue)
    needs = read_needs(form, ANYBODY if settings is None else settings.needs)
    if settings is None or form.value("require") is not None or form.value("relax") is not None:
        note_asked(form.reading, queue, needs)  # what is the queue's own was noted where it stands
    node = form.value("priority")
    priority = Chosen(((None, 0),)) if node is None else read_chosen(form.reading, node, _priority)
    return Terms(queue, needs, _prefer(form), priority)


def read_needs(form: Form, default: Needs) -> Needs:
    """``require`` and ``relax`` of a form; who gives a ``require`` of its own relaxes it anew."""
    require, relax = form.value("require"), form.value("relax")
    chosen = default.require if require is None else read_chosen(form.reading, require, read_level)
    if relax is None:
        return Needs(chosen, default.relax if require is None else ())
    levels = [_relaxed(form.reading, item) for item in items(relax)]
    if len(levels) > MOST_RELAXED:
        form.reading.problem(relax, f"a requirement relaxes at most {MOST_RELAXED} times", "bad-value")
    times = [after_s for after_s, _ in levels]
    if times != sorted(set(times)):
        form.reading.problem(relax, "each of these comes later than the one before it", "bad-value")
    return Needs(chosen, tuple(levels))


def note_asked(reading: Reading, queue: str, needs: Needs) -> None:
    """Note every way in which callers may be asked for, so that routing and the checks know it."""
    for (_, first), tag in product(needs.require.cases, reading.center.languages):
        levels = (first, *(level for _, level in needs.relax))
        requirements = tuple(level.by_language.get(tag, ()) for level in levels)
        asked = Asked(queue, requirements, tuple((level.line, level.column) for level in levels))
        if asked not in reading.facts.asked:
            reading.facts.asked.append(asked)


def read_chosen(reading: Reading, node: Node, read: Callable[[Reading, Node], T]) -> Chosen[T]:
    """A plain value; ``{when, then, else}``; or a list of ``{when, then}`` that ends with ``{else}``."""
    cases: list[tuple[Expression | None, T]] = []
    for item in items(node):
        if not (isinstance(item, Mapping) and any(key.text in CASE for key, _ in item.pairs)):
            cases.append((None, read(reading, item)))
            continue
        form = Form(reading, item, CASE)
        if form.value("when") is not None:
            then = form.need("then")
            cases += [] if then is None else [(reading.expression(form.value("when")), read(reading, then))]
        other = form.value("else")
        cases += [] if other is None else [(None, read(reading, other))]
    if not cases or any(when is None for when, _ in cases[:-1]) or cases[-1][0] is not None:
        message = "a value is needed here: one, {when, then, else}, or a list of {when, then} that ends with {else}"
        reading.problem(node, message, "bad-value")
    return Chosen(tuple(cases) or ((None, read(reading, node)),))


def read_level(reading: Reading, node: Node) -> Level:
    """Skills with least levels, for all languages or by language."""
    mapping, languages = (
        reading.mapping(node, "a map of skills to levels, such as {billing: 3}"),
        reading.center.languages,
    )
    pairs = () if mapping is None else mapping.pairs
    if pairs and all(key.text in languages for key, _ in pairs):
        by_language = {key.text: _requirement(reading, value) for key, value in pairs}
        missing = [tag for tag in languages if tag not in by_language]
        if missing:
            reading.problem(node, f"no requirement for {', '.join(missing)}", "missing-translation")
    else:
        by_language = dict.fromkeys(languages, _requirement(reading, node) if mapping is not None else ())
    return Level(by_language, node.line, node.column)


def _requirement(reading: Reading, node: Node) -> Requirement:
    mapping = reading.mapping(node, "a map of skills to levels, such as {billing: 3}")
    levels: dict[str, int] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        reading.refer("skill", key, key.text)
        levels[key.text] = whole(reading, value, LEVEL)
    return tuple(sorted(levels.items()))


def _relaxed(reading: Reading, node: Node) -> tuple[int, Level]:
    nothing = (0, Level({}, node.line, node.column))
    mapping = reading.mapping(node, "a map with after and require")
    if mapping is None:
        return nothing
    form = Form(reading, mapping, RELAXED)
    require = form.value("require")
    if form.value("after") is None or require is None:
        return nothing
    return form.duration("after"), read_level(reading, require)


def _prefer(form: Form) -> Preferred | None:
    mapping = form.reading.mapping(form.value("prefer"), "a map with agent and for")
    if mapping is None:
        return None
    option = Form(form.reading, mapping, PREFER)
    agent = option.word("agent", "last, or the name of an agent")
    return Preferred(agent, option.duration("for"))


def _priority(reading: Reading, node: Node) -> int:
    return whole(reading, node, PRIORITY)
