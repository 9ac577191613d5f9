"""A flow: one YAML file, its steps by name, each with its exits already resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows.form import NAME, Facts, Form, Reading
from flows.kinds import KINDS
from flows.needs import needs_of
from flows.problems import did_you_mean, listed
from flows.shapes import Named, Options, Table, Way, Word
from flows.text import unknown_language

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.center import Center
    from flows.needs import Needs
    from flows.problems import Problem
    from flows.source import Mapping, Node, Scalar
    from flows.walk import Step

OPTIONS = {
    "flow": Word("The flow's name.", needed=True),
    "start": Way("The step it begins at.", needed=True),
    "language": Word("The language of its plain texts; else the centre's first."),
    "steps": Table("The steps, by name.", each=Named(name="step"), key=f"^{NAME.pattern}$", needed=True),
}
# the keys of a step of each kind
KEYS: dict[str, Options] = {key: {key: kind.VALUE, **kind.OPTIONS} for key, kind in KINDS.items()}
MAX_STEPS = 2_000  # of one flow; 1 MiB holds about 20,000 short ones
Target = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Station:
    """One step in its flow.

    ``place`` is ``flow/step``; ``exits`` leads to a flow and step, or None: the call ends, or the subflow it is in.
    ``waits`` says whether it listens to the caller, ``needs`` what must be known before it runs, None for nothing.
    """

    name: str
    place: str
    kind: str
    step: Step
    exits: MappingType[str, Target | None]
    waits: bool
    facts: Facts
    line: int
    column: int
    needs: Needs | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """``names`` has every step's name, ``stations`` those that could be understood; they are the same in a program."""

    name: str
    path: str
    start: str
    stations: MappingType[str, Station]
    names: frozenset[str] = frozenset()
    line: int = 1
    column: int = 1
    start_at: tuple[int, int] = field(default=(1, 1))

    @property
    def complete(self) -> bool:
        """Could every step be understood; otherwise nothing can be said about what leads where."""
        return len(self.names) == len(self.stations)


def read_flow(path: str, node: Node, center: Center, audio: MappingType[str, str]) -> tuple[Flow | None, list[Problem]]:
    """The flow of one file as far as it can be understood, and what is wrong with it."""
    language = center.languages[0]
    reading = Reading(path, center, audio, language)
    mapping = reading.mapping(node, "a flow: a map with flow, start and steps")
    if mapping is None:
        return None, reading.problems
    form = Form(reading, mapping, OPTIONS)
    reading.language = _language(form, language)
    name, start = _name(form), form.word("start", "the name of a step")
    start_node, steps = form.value("start"), _steps(form)
    stations = _stations(reading, name, steps)
    flow_key = form.keys.get("flow", mapping)
    start_at = (start_node.line, start_node.column) if start_node is not None else (mapping.line, mapping.column)
    names = frozenset(key.text for key, _ in steps)
    return Flow(name, path, start, stations, names, flow_key.line, flow_key.column, start_at), reading.problems


def _name(form: Form) -> str:
    node, name = form.value("flow"), form.word("flow", "the flow's name")
    if node is not None and name and not NAME.fullmatch(name):
        form.reading.problem(node, f'"{name[:60]}" cannot name a flow; use small letters, digits and _', "bad-name")
    return name


def _language(form: Form, default: str) -> str:
    """The language of the flow's plain texts."""
    node, tag = form.value("language"), form.word("language", "a language")
    if node is not None and tag and tag not in form.reading.center.languages:
        unknown_language(form.reading, node, tag)
        return default
    return tag or default


def _steps(form: Form) -> tuple[tuple[Scalar, Node], ...]:
    mapping = form.reading.mapping(form.value("steps"), "a map of steps")
    if mapping is None:
        return ()
    if not mapping.pairs or len(mapping.pairs) > MAX_STEPS:
        form.reading.problem(mapping, f"a flow has from 1 to {MAX_STEPS:,} steps", "bad-value")
    return mapping.pairs[:MAX_STEPS]


def _stations(reading: Reading, flow: str, steps: tuple[tuple[Scalar, Node], ...]) -> dict[str, Station]:
    stations: dict[str, Station] = {}
    for key, value in steps:
        if not NAME.fullmatch(key.text):
            message = f'"{key.text[:60]}" cannot name a step; use small letters, digits and _'
            reading.problem(key, message, "bad-name")
        reading.facts = Facts()
        station = _station(reading, flow, key, value)
        if station is not None:
            stations[key.text] = station
    return stations


def _station(reading: Reading, flow: str, key: Scalar, value: Node) -> Station | None:
    mapping = reading.mapping(value, "a step: a map with one kind, such as say")
    kind = _kind(reading, mapping) if mapping is not None else None
    if mapping is None or kind is None:
        return None
    definition = KINDS[kind]
    form = Form(reading, mapping, KEYS[kind])
    thing = form.value(kind)
    assert thing is not None, "the kind was found among the keys"  # noqa: S101 - a bug of ours
    step = definition.read(form, thing)
    facts = reading.facts
    exits = {one.name: _target(flow, one.target) for one in facts.exits}
    needs = needs_of(facts, reading.center.hours, reading.center.queues)
    return Station(
        name=key.text,
        place=f"{flow}/{key.text}",
        kind=kind,
        step=step,
        exits=exits,
        waits=definition.WAITS,
        facts=facts,
        line=key.line,
        column=key.column,
        needs=needs,
    )


def _kind(reading: Reading, mapping: Mapping) -> str | None:
    """The one key that says what the step is."""
    found = [key for key, _ in mapping.pairs if key.text in KINDS]
    for second in found[1:]:
        message = f'a step is one thing, and this is "{found[0].text}" already; make "{second.text}" a step of its own'
        reading.problem(second, message, "two-kinds")
    if found:
        return found[0].text if len(found) == 1 else None
    first = mapping.pairs[0][0] if mapping.pairs else mapping
    hints = (did_you_mean(key.text, KINDS) for key, _ in mapping.pairs)
    hint = next((hint for hint in hints if hint), f"; one of {listed(KINDS)}")
    reading.problem(first, f"this step has no kind{hint}", "no-kind")
    return None


def _target(flow: str, target: str | None) -> Target | None:
    """``step`` of this flow, or ``flow/step``."""
    if target is None:
        return None
    other, slash, step = target.partition("/")
    return (other, step) if slash else (flow, target)
