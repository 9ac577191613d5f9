"""How the engine looks at the world before a step that goes by it, and takes in what it was told.

A step's needs (``flows/needs.py``) that nobody has found out yet become one question. While it is asked, the session
holds what was observed in this turn and what is to be done with the answer, an event that waits included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.events import Answered, EffectFailed, SecretKeyed, encode
from flows.instructions import QUESTIONS
from flows.needs import learned, missing
from flows.walk import Wait

if TYPE_CHECKING:
    from flows.events import Event
    from flows.instructions import Observe
    from flows.walk import Walk


def look(walk: Walk, then: dict[str, Any]) -> Wait | None:
    """The question for what the step needs and nobody has found out yet; ``then`` is what to do with the answer."""
    asked = wanted(walk)
    walk.look_anew()
    if asked is None:
        return None
    walk.then = then
    return Wait(asked, walk.memory)


def wanted(walk: Walk) -> Observe | None:
    """What the step needs to know and the walk does not; a withheld number belongs to nobody."""
    needs = walk.station.needs
    caller = walk.session.caller if walk.customer is None else None
    contact = str(walk.memory.get("contact") or "")
    return None if needs is None else missing(needs, walk.world, walk.session.call_sid, caller, contact)


def learn(walk: Walk, event: Event) -> None:
    """Take an answer in; without a good one nothing is known, and the flow's author is told so."""
    asked = wanted(walk)
    if asked is None:
        return
    value = event.value if isinstance(event, Answered) else None
    walk.world = learned(asked, walk.world, value)
    if asked.customer:
        found = value.get("customer") if isinstance(value, dict) else None
        walk.know(found if isinstance(found, dict) else {})
    if not isinstance(event, Answered):
        reason = event.reason if isinstance(event, EffectFailed) else type(event).__name__
        walk.notice("not-observed", f"what this step goes by is unknown: {reason}")


def holding(walk: Walk, outcome: Wait) -> dict[str, Any] | None:
    """What is kept until a question of this turn is answered; nothing when the turn ends here."""
    return {"world": walk.world, "then": walk.then} if isinstance(outcome.on, QUESTIONS) else None


def whole(event: Event) -> dict[str, Any]:
    """The event as data that lacks nothing, unlike what a journal keeps of it."""
    return encode(event) | ({"sealed": event.sealed} if isinstance(event, SecretKeyed) else {})
