"""What happened to a call: the only thing that moves a session.

Events are what callers and the world do, never exceptions. Each is journaled as plain data (``encode``), so that a
call can be repeated turn by turn from what was written down (``decode``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The call's first webhook: enter the first step."""


@dataclass(frozen=True, slots=True)
class KeysPressed:
    """Keys of the telephone, as text: ``0-9 * # A-D``, the finishing key left out."""

    digits: str


@dataclass(frozen=True, slots=True)
class SecretKeyed:
    """Keys that only their length is told of: ``wrong`` is empty or why the step does not accept them.

    ``sealed`` is their ciphertext, empty when they are wrong and wherever the event is read back from a journal, which
    does not keep it.
    """

    length: int
    wrong: str
    sealed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WordsSpoken:
    """What the recogniser understood; ``confidence`` from 0 to 1, None when it gave none."""

    words: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """The caller stayed silent until the time was up, or a document without a question came to its end."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question or an act was answered; ``value`` is plain JSON data, at most 32 levels deep."""

    value: Any


@dataclass(frozen=True, slots=True)
class EffectFailed:
    """A question or an act got no good answer; ``reason`` is ``timeout``, ``refused``, ``failed``, ``unknown``, or
    ``unavailable`` when the server cannot do that.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the caller said was recorded: ``duration_s`` long, ended by the key ``digits``, else by silence or length.

    ``url`` is the provider's, without an extension. ``hung_up`` tells that the caller ended it by ending the call,
    which is over then.
    """

    recording_sid: str
    url: str
    duration_s: int
    digits: str = ""
    hung_up: bool = False


@dataclass(frozen=True, slots=True)
class Dialed:
    """A connection with somebody else is over, or never came about.

    ``status`` is ``ended`` (the two have talked, for ``duration_s`` seconds), ``busy``, ``no_answer`` or ``failed``.
    """

    status: str
    duration_s: int = 0


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over, whoever ended it."""


@dataclass(frozen=True, slots=True)
class FellBack:
    """A bug of ours interrupted the call: apologise and go on at the workspace's ``fallback``."""


Event = (
    CallStarted
    | KeysPressed
    | SecretKeyed
    | WordsSpoken
    | NothingHeard
    | Recorded
    | Dialed
    | Answered
    | EffectFailed
    | HungUp
    | FellBack
)

EVENTS: dict[str, type[Event]] = {
    "call_started": CallStarted,
    "keys_pressed": KeysPressed,
    "secret_keyed": SecretKeyed,
    "words_spoken": WordsSpoken,
    "nothing_heard": NothingHeard,
    "recorded": Recorded,
    "dialed": Dialed,
    "answered": Answered,
    "effect_failed": EffectFailed,
    "hung_up": HungUp,
    "fell_back": FellBack,
}
NAMES: dict[type[Event], str] = {kind: name for name, kind in EVENTS.items()}


def encode(event: Event) -> dict[str, Any]:
    """The event as plain JSON data: its name under ``event`` beside its fields, but for what is sealed."""
    return {"event": NAMES[type(event)]} | {name: getattr(event, name) for name in event.__slots__ if name != "sealed"}


def decode(data: dict[str, Any]) -> Event:
    """The event that ``encode`` wrote; KeyError or TypeError mean that the data is not one of ours."""
    fields = dict(data)
    return EVENTS[fields.pop("event")](**fields)
