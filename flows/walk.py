"""One turn's walk through the steps: what a step sees and does while the caller is at it.

A ``Walk`` belongs to one ``advance`` and is forgotten with it. It owns what may still change in the turn (language,
variables, the step's memory, what has been said); the session it began from stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flows import phrases, text
from flows.expressions import Undecided, evaluate
from flows.instructions import Gather, Notice, Say
from flows.plain import storable
from flows.scope import Scope, known_facts

if TYPE_CHECKING:
    from datetime import datetime

    from flows.events import Event, Recorded
    from flows.expressions import Expression
    from flows.hidden import Seal
    from flows.instructions import Act, Dial, Instruction, Question, RecordCaller
    from flows.program import Program, Station
    from flows.session import Session
    from flows.text import Heard, Prompt, Text

HOLDS = 10  # times of HOLD_S that a step waits for an answer which stays away; then it has failed
HOLD_S = 2


@dataclass(frozen=True, slots=True)
class Leave:
    """The step is done: go on by one of its exits."""

    by: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The step waits: ``on`` ends the turn; ``memory`` is what the step will need when it is resumed.

    ``idle`` tells that nothing happened: such a turn is neither counted nor written down.
    """

    on: Gather | RecordCaller | Dial | Question | Act
    memory: dict[str, Any] = field(default_factory=dict)
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Into:
    """Go into a subflow: to the start of ``flow``, with ``vars`` and no others."""

    flow: str
    vars: dict[str, Any]


@dataclass(frozen=True, slots=True)
class End:
    """The call is over."""


Outcome = Leave | Wait | Into | End
NOTHING: dict[str, Any] = {}  # what has been observed while nothing has; never written to


class Step:
    """What every step can do; a kind's own dataclass says how.

    ``enter`` is called when the call comes to the step, ``resume`` with each event while the step waits. Neither raises
    for anything a caller or the world does; an event that means nothing to the step leaves it waiting.
    """

    __slots__ = ()

    def enter(self, walk: Walk) -> Outcome:
        """Begin the step."""
        raise NotImplementedError

    def resume(self, walk: Walk, event: Event) -> Outcome:
        """Go on with an event; a step that never waits begins again."""
        del event
        return self.enter(walk)

    def conceal(self, event: Event, seal: Seal) -> Event:
        """What the caller did, as it may be written down; a step that takes sensitive values hides them."""
        del seal
        return event

    def left(self, walk: Walk, recorded: Recorded) -> None:
        """Keep what the caller was saying when they hung up; a step that records nothing has nothing to keep."""

    def back(self, walk: Walk, by: str, outer: dict[str, Any]) -> Outcome:
        """Go on when the subflow that the step went into has come to its end.

        ``by`` is ``next`` or ``failed``; ``walk.vars`` are still the subflow's, ``outer`` those from before.
        """
        raise NotImplementedError


@dataclass(slots=True)
class Walk:
    """Where the call is in this turn, and what it has been told so far.

    ``stack``, ``sealed`` and ``customer`` are the session's; a change makes a new one. ``world`` is what was observed
    in this turn, ``then`` what the engine will do when the question it asked by itself is answered.
    """

    program: Program
    session: Session
    now: datetime
    flow: str
    station: Station
    language: str
    vars: dict[str, Any]
    memory: dict[str, Any]
    stack: list[dict[str, Any]]
    sealed: dict[str, str]
    customer: dict[str, Any] | None
    world: dict[str, Any] = field(default_factory=lambda: NOTHING)
    then: dict[str, Any] | None = None
    said: list[Instruction] = field(default_factory=list)
    _scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        """The names that an expression of this step may use."""
        if self._scope is None:
            needs = self.station.needs
            self._scope = Scope(
                center=self.program.center,
                session=self.session,
                language=self.language,
                vars=self.vars,
                now=self.now,
                customer=self.customer,
                world=self.world,
                queue="" if needs is None else needs.queue,
            )
        return self._scope

    def look_anew(self) -> None:
        """Let the next expression see what has changed around it."""
        self._scope = None

    def speak(self, prompt: Prompt | None) -> None:
        """Say a prompt to the caller."""
        if prompt is not None:
            self.said.extend(text.hear(prompt, self))

    def hear(self, *prompts: Prompt | None) -> tuple[Heard, ...]:
        """What the caller hears of some prompts, one after another; for what listens while it speaks."""
        if len(prompts) == 1 and prompts[0] is not None:
            return text.hear(prompts[0], self)
        return tuple(one for prompt in prompts if prompt is not None for one in text.hear(prompt, self))

    def sentence(self, name: str, **values: str) -> Say:
        """A built-in sentence in the caller's language, ``{name}`` in it replaced by its value."""
        said = self.program.sentences[self.language][name]
        return said if not values else replace(said, text=phrases.filled(said.text, values))

    def write(self, written: Text) -> str:
        """A text as this caller reads it."""
        return text.write(written, self)

    def decide(self, condition: Expression) -> bool:
        """Is the condition true; one that can't be decided is false, and noted."""
        value = evaluate(condition, self.scope)
        if value is True or value is False:
            return value
        reason = value.reason if isinstance(value, Undecided) else "it is neither true nor false"
        self.notice("undecided", f"{condition.source.strip()} counts as false: {reason}")
        return False

    def value(self, expression: Expression) -> Any:
        """An expression's value as plain data to be kept; null, and noted, when it can't be worked out."""
        value = evaluate(expression, self.scope)
        if isinstance(value, Undecided):
            self.notice("unknown-value", f"{expression.source.strip()} counts as null: {value.reason}")
            return None
        return storable(value)

    def set(self, name: str, value: Any) -> None:
        """Keep a variable, as plain data; the session's own map is left alone."""
        self.vars = {**self.vars, name: storable(value)}
        self._scope = None

    def seal(self, name: str, sealed: str) -> None:
        """Keep a sealed value until the call ends or falls back."""
        self.sealed = {**self.sealed, name: sealed}

    def replace_vars(self, variables: dict[str, Any]) -> None:
        """Go on with other variables: those of the subflow, or those from before it."""
        self.vars = variables
        self._scope = None

    def know(self, customer: dict[str, Any]) -> None:
        """Keep what was found out about who calls, for the rest of the call; empty for nobody known."""
        self.customer = known_facts(customer)
        self._scope = None

    def speak_language(self, language: str) -> None:
        """Go on in another of the centre's languages."""
        self.language = language
        self._scope = None

    def notice(self, code: str, said: str) -> None:
        """Tell the flow's author what could not be decided."""
        self.said.append(Notice(code, self.station.place, said))

    def hold(self, event: Event) -> Outcome:
        """Keep waiting for an answer that is still under way, and leave by ``failed`` when it stays away for long."""
        holds = self.memory.get("holds", 0) + 1
        if holds > HOLDS:
            self.notice("no-answer", f"no answer came; the last event was {type(event).__name__}")
            return Leave("failed")
        gather = Gather((self.sentence("one_moment"),), self.language, timeout_s=HOLD_S, num_digits=1, finish_on_key="")
        return Wait(gather, {**self.memory, "holds": holds})
