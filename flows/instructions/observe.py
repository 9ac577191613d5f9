"""Look at the world for the step that comes next: a question that the engine asks by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observe:
    """Find out how things stand for ``call`` (its ``CallSid``): only what is named. ``contact`` is what it waits as.

    ``hours`` are calendars, ``queues`` queues, ``customer`` the caller's number in E.164, empty when nobody asks.
    Answered with ``Answered({"hours": {name: closure or None}, "queues": {name: state or None}, "customer": facts or
    None})``, where a closure is ``{"until_ms": int, "say": {language: text}}``, a queue's state and a customer's facts
    have the names of ``flows/scope.py``; or with ``EffectFailed``, after which nothing is known.
    """

    call: str
    hours: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    customer: str = ""
    contact: str = ""
