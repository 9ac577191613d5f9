"""What a step has to know of the world before it runs, worked out once, when its flow is read.

Most steps need nothing, and cost nothing. One that goes by opening hours, by the state of a queue or by who calls has
its facts asked for by the engine (``flows/engine.py``) just before it is entered or resumed; what was found out is
``world``, which is kept for the turn: closures of calendars by name, and the state of queues by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flows.instructions import Observe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flows.form import Facts

OF_THE_QUEUE = frozenset({"ewt_s", "position"})


@dataclass(frozen=True, slots=True)
class Needs:
    """Calendars and queues by name, whether the step asks who calls, and the queue it names, empty when none."""

    hours: tuple[str, ...]
    queues: tuple[str, ...]
    customer: bool
    queue: str


def needs_of(facts: Facts, calendars: Iterable[str], queues: Iterable[str]) -> Needs | None:
    """What the texts, conditions and names of one step ask for; None for nothing."""
    if not (facts.expressions or facts.references):  # as most steps
        return None
    own = tuple(dict.fromkeys(one.name for one in facts.references if one.sort == "queue"))
    paths = [mention.path for placed in facts.expressions for mention in placed.expression.mentions]
    hours = _named("hours", paths, calendars) | {one.name: None for one in facts.references if one.sort == "hours"}
    of_queue = any(path[0] in OF_THE_QUEUE for path in paths)
    asked = _named("queues", paths, queues) | (dict.fromkeys(own) if of_queue else {})
    customer = any(path[0] == "customer" for path in paths) or any(one.sort == "customer" for one in facts.references)
    if not (hours or asked or customer or of_queue):
        return None
    return Needs(tuple(hours), tuple(asked), customer, own[0] if own else "")


def _named(root: str, paths: Iterable[tuple[str, ...]], known: Iterable[str]) -> dict[str, None]:
    """The names that stand below ``root``, all of them where it is mentioned as a whole."""
    found: dict[str, None] = {}
    for path in paths:
        if path[0] == root:
            found |= {path[1]: None} if len(path) > 1 else dict.fromkeys(known)
    return found


def missing(needs: Needs, world: Mapping[str, Any], call: str, caller: str | None, contact: str = "") -> Observe | None:
    """The question for what is not known yet; ``caller`` None when it is known who calls. None for no question.

    ``contact`` is what the call waits as, empty when it waits nowhere.
    """
    hours = tuple(name for name in needs.hours if name not in world.get("hours", ()))
    queues = tuple(name for name in needs.queues if name not in world.get("queues", ()))
    customer = caller if needs.customer and caller else ""
    return Observe(call, hours, queues, customer, contact) if hours or queues or customer else None


def learned(asked: Observe, world: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """The world with an answer in it; what the answer does not tell, or not as it should, is unknown: null."""
    return {
        "hours": _taken("hours", asked.hours, world, value),
        "queues": _taken("queues", asked.queues, world, value),
    }


def _taken(part: str, names: Iterable[str], world: Mapping[str, Any], value: Any) -> dict[str, Any]:
    answer = value.get(part) if isinstance(value, dict) else None
    facts = answer if isinstance(answer, dict) else {}
    found = {name: facts.get(name) for name in names}
    return {**world.get(part, {}), **{name: one if isinstance(one, dict) else None for name, one in found.items()}}
