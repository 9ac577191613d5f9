"""An event: one thing that happened, in the envelope that all of them share, and reading it from what others post.

The attributes are those of CloudEvents 1.0 (github.com/cloudevents/spec, ``id source type time subject data``) with
seven extensions: ``customer contact channel actor direction summary sequence``. ``source`` and ``id`` together name an
event for ever: the same pair again is the same event, whatever else it says.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from ivr.timeline.identities import Identity, parse_identity
from ivr.timeline.types import TYPES, fault_of, type_named

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_SOURCES = "/cordboard/"
CHANNELS = ("voice", "sms", "whatsapp", "email", "chat", "social", "portal", "other")
DIRECTIONS = ("in", "out", "internal")
STANDARD = ("specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema", "data")
EXTENSIONS = ("customer", "contact", "channel", "actor", "direction", "summary", "sequence")
ATTRIBUTES = frozenset({*STANDARD, *EXTENSIONS})
WORD = re.compile(r"[^\W_]+")
# CloudEvents asks intermediaries to forward 64 KiB; nobody reads longer ones on a line of a timeline.
MOST_DATA_BYTES = 65_536
MOST_TEXT = 200
MOST_SUMMARY = 500
MOST_SEQUENCE = 2**53
# What is older than a customer's memory is a mistake of the clock; what is to come has not happened.
MOST_AGE_MS = 20 * 365 * 24 * 3600 * 1000
MOST_AHEAD_MS = 3600 * 1000


class EventError(ValueError):
    """What was posted is no event; the text names the attribute and what it should be."""


@dataclass(frozen=True, slots=True)
class Event:
    """``time_ms`` is UTC epoch milliseconds; ``number`` orders what one source says of one contact.

    ``customer`` is an id of ours where it is known; else ``who`` says whom it is about.
    """

    source: str
    id: str
    type: str
    time_ms: int
    data: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    who: Identity | None = None
    customer: str | None = None
    contact: str | None = None
    channel: str | None = None
    actor: str | None = None
    direction: str | None = None
    summary: str = ""


def words_of(event: Event) -> str | None:
    """What full-text search finds the event by, folded; None when it holds nothing to be read."""
    kind = type_named(event.type)
    texts = [event.data.get(name) for name in (kind.words if kind else ())]
    return " ".join(folded(" ".join(text for text in texts if isinstance(text, str)))) or None


def folded(text: str) -> list[str]:
    """The words of a text, in lower case and without accents: split here, so that both databases find the same."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return WORD.findall(text.casefold())


def read_event(posted: Any, now_ms: int) -> Event:
    """The event that somebody posted as CloudEvents JSON. Raises EventError."""
    if not isinstance(posted, dict):
        raise EventError("an event is a JSON object")
    _refuse_strangers(posted)
    if posted.get("specversion") != "1.0":
        raise EventError('specversion must be "1.0"')
    type_name = _text(posted, "type", needed=True)
    data = _data(posted, type_name)
    who = _text(posted, "subject")
    try:
        identity = parse_identity(who) if who else None
    except ValueError as error:
        raise EventError(f"subject: {error}") from error
    return Event(
        source=_source(posted),
        id=_text(posted, "id", needed=True),
        type=type_name,
        time_ms=_time_ms(posted, now_ms),
        data=data,
        number=_sequence(posted),
        who=identity,
        customer=_text(posted, "customer") or None,
        contact=_text(posted, "contact") or None,
        channel=_one_of(posted, "channel", CHANNELS),
        actor=_text(posted, "actor") or None,
        direction=_one_of(posted, "direction", DIRECTIONS),
        summary=_text(posted, "summary", most=MOST_SUMMARY),
    )


def _refuse_strangers(posted: Mapping[str, Any]) -> None:
    for name in posted:
        if name not in ATTRIBUTES:
            near = difflib.get_close_matches(name, ATTRIBUTES, 1)
            hint = f'; did you mean "{near[0]}"?' if near else "; what is your own belongs into data"
            raise EventError(f'no attribute is named "{name[:40]}"{hint}')


def _text(posted: Mapping[str, Any], name: str, *, needed: bool = False, most: int = MOST_TEXT) -> str:
    value = posted.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise EventError(f"{name} must be a text of 1 to {most} characters")
    if len(value) > most:
        raise EventError(f"{name} has {len(value)} characters; at most {most} are kept")
    if not all(char.isprintable() or char == "\n" for char in value):
        raise EventError(f"{name} holds a character that cannot be printed")
    return value


def _source(posted: Mapping[str, Any]) -> str:
    source = _text(posted, "source", needed=True)
    if source.startswith(OWN_SOURCES):
        raise EventError(f"source: what begins with {OWN_SOURCES} is ours; choose another")
    return source


def _one_of(posted: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str | None:
    value = posted.get(name)
    if value is not None and value not in words:
        raise EventError(f"{name} must be one of {', '.join(words)}, and is {str(value)[:40]!r}")
    return value


def _sequence(posted: Mapping[str, Any]) -> int:
    """CloudEvents' ``sequence`` extension, which is a text; a number is understood too."""
    value = posted.get("sequence", 0)
    if isinstance(value, str) and value.isdecimal() and len(value) < 17:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MOST_SEQUENCE:
        raise EventError("sequence must be a whole number from 0 to 2^53")
    return value


def _time_ms(posted: Mapping[str, Any], now_ms: int) -> int:
    written = posted.get("time")
    if written is None:
        return now_ms
    try:
        moment = datetime.fromisoformat(written)
        time_ms = int(moment.timestamp() * 1000) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        time_ms = None
    if time_ms is None:
        raise EventError("time must be RFC 3339 with an offset, such as 2026-03-02T10:00:00Z")
    if not now_ms - MOST_AGE_MS <= time_ms <= now_ms + MOST_AHEAD_MS:
        today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
        raise EventError(f"time is {str(written)[:40]}, which is more than 20 years ago or ahead of today, {today}")
    return time_ms


def _data(posted: Mapping[str, Any], type_name: str) -> Mapping[str, Any]:
    kind = type_named(type_name)
    if kind is None:
        near = difflib.get_close_matches(type_name, TYPES, 1)
        hint = f'did you mean "{near[0]}"?' if near else "a type of your own begins with custom."
        raise EventError(f'no type of event is named "{type_name[:60]}"; {hint}')
    data = posted.get("data", {})
    if not isinstance(data, dict):
        raise EventError("data must be a JSON object")
    size = len(orjson.dumps(data))
    if size > MOST_DATA_BYTES:
        raise EventError(f"data has {size} bytes; at most {MOST_DATA_BYTES} are kept, so put a link there")
    fault = fault_of(kind, data)
    if fault:
        raise EventError(fault)
    return data


def without_nul(text: str) -> str:
    """The text without NUL characters, which PostgreSQL does not store (postgresql.org, Character Types)."""
    return text.replace("\x00", "")
