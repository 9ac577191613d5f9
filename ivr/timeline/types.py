"""Every type of event, with the shape of its data.

A shape is a field's name and its sort: ``text``, ``number``, ``whole``, ``flag``, ``texts`` (a list of them), ``time``
(ISO 8601 with an offset); with ``?`` a field may be left out. Further fields are kept as they came: other systems know
more about their events than we do. A type of their own begins with ``custom.``, and its data is theirs alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CUSTOM = "custom."


@dataclass(frozen=True, slots=True)
class Type:
    """``words`` are the fields that full-text search reads. ``closes`` tells that a contact with the customer is over
    with it: what ``customer.last_contact`` counts.
    """

    description: str
    shape: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    closes: bool = False


_MESSAGE = {"text": "text?", "message_id": "text?", "from": "text?", "to": "text?"}
_EMAIL = {"subject": "text?", "text": "text?", "message_id": "text?", "from": "text?", "to": "text?"}
_RECORDING = {"recording": "text", "purpose": "text", "name": "text?", "duration_s": "number?"}

TYPES: dict[str, Type] = {
    # calls
    "call.started": Type("A call began.", {"called": "text?", "program": "text?"}),
    "call.ended": Type("A call is over.", {"outcome": "text?", "duration_s": "number?"}, closes=True),
    "call.transferred": Type("A connection with somebody else is over.", {"status": "text", "duration_s": "number?"}),
    "call.recorded": Type("A caller was recorded.", _RECORDING),
    "call.transcribed": Type("What was said in a recording.", {"recording": "text?", "text": "text"}, ("text",)),
    "voicemail.left": Type("A caller left a message.", _RECORDING),
    # waiting and being helped
    "queue.requested": Type("A flow sent the caller to a queue.", {"queue": "text"}),
    "queue.joined": Type("Began to wait for an agent.", {"queue": "text?", "contact": "text?"}),
    "queue.left": Type("Stopped waiting without an agent.", {"queue": "text?", "outcome": "text"}),
    "queue.connected": Type("An agent took the contact.", {"queue": "text?", "agent": "text?"}),
    "offer.accepted": Type("An agent accepted.", {"agent": "text", "queue": "text?"}),
    "offer.declined": Type("An agent declined, or did not answer.", {"agent": "text", "reason": "text?"}),
    "contact.handled": Type("An agent has helped.", {"agent": "text", "disposition": "text?"}, closes=True),
    "callback.requested": Type("A flow asked for a callback.", {"queue": "text?", "promise": "text?", "at": "time?"}),
    "callback.promised": Type("We promised to call back.", {"promise": "text?", "queue": "text?", "at": "time?"}),
    "callback.failed": Type("A promised call reached nobody.", {"promise": "text?", "reason": "text?"}),
    "callback.kept": Type("A promised call was made.", {"promise": "text?"}),
    "callback.cancelled": Type("A promise was taken back.", {"promise": "text?", "by": "text?"}),
    # written
    "message.received": Type("A text message came in.", _MESSAGE, ("text",), closes=True),
    "message.requested": Type("A text message is to be sent.", _MESSAGE, ("text",)),
    "message.sent": Type("A text message was taken by the provider.", _MESSAGE, ("text",)),
    "message.failed": Type("A text message could not be sent.", {"reason": "text?"}),
    "email.received": Type("An e-mail came in.", _EMAIL, ("subject", "text"), closes=True),
    "email.sent": Type("An e-mail was sent.", _EMAIL, ("subject", "text")),
    "chat.started": Type("A chat began.", {"page": "text?"}),
    "chat.message": Type("A line of a chat.", _MESSAGE, ("text",)),
    "chat.ended": Type("A chat is over.", {"outcome": "text?", "transcript": "text?"}, ("transcript",), closes=True),
    "social.message": Type("A message on a social network.", {**_MESSAGE, "network": "text?"}, ("text",), closes=True),
    "portal.visited": Type("The customer used the self-service portal.", {"page": "text?", "action": "text?"}),
    # about the customer
    "note.added": Type("Somebody, or a flow, wrote a note.", {"text": "text"}, ("text",)),
    "survey.answered": Type(
        "A question of a survey was answered.",
        {"survey": "text", "question": "text", "rating": "whole?", "recording": "text?", "text": "text?"},
        ("text",),
    ),
    "consent.given": Type("The customer agrees.", {"purpose": "text", "channel": "text?"}),
    "consent.withdrawn": Type("The customer agrees no more.", {"purpose": "text", "channel": "text?"}),
}


def type_named(name: str) -> Type | None:
    """The type; one of another system's own has any data, and None is no type at all."""
    if name.startswith(CUSTOM) and len(name) > len(CUSTOM):
        return Type("An event of another system's own.", words=("text",))
    return TYPES.get(name)


def fault_of(kind: Type, data: Mapping[str, Any]) -> str:
    """What is wrong with an event's data, in words; empty when nothing is."""
    for name, sort in kind.shape.items():
        value = data.get(name)
        if value is None:
            if not sort.endswith("?"):
                return f'data lacks "{name}", which is a {sort}'
        elif not _SORTS[sort.removesuffix("?")](value):
            return f"data.{name} must be a {sort.removesuffix('?')}, and is {str(value)[:40]!r}"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


_SORTS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": _is_number,
    "whole": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "flag": lambda value: isinstance(value, bool),
    "texts": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "time": _is_time,
}
