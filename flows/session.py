"""Where one call stands: everything that must survive between two webhooks, and nothing else.

A session is an immutable value. The engine makes a new one each turn; the call desk stores it as JSON data
(``encode``) with a format number, so that a process of another version can tell whether it understands it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FORMAT = 1


class UnknownFormatError(Exception):
    """The session was written by a version of ours that this one does not understand; begin at the fallback."""


@dataclass(frozen=True, slots=True)
class Session:
    """One call's place in its program.

    ``flow`` and ``step`` name the step that waits (or is entered next); ``memory`` is that step's own state (counted
    attempts and the like), emptied when the call leaves the step. ``vars`` is what the flow has learned, plain JSON
    data. ``turns`` counts the events seen. ``ended`` is None while the call goes on, else how it ended: ``hung_up``,
    ``finished`` (we ended it) or ``failed``. ``fallbacks`` counts the bugs that sent it to the fallback;
    ``format`` is the fields' own version.
    """

    program: str
    call_sid: str
    caller: str
    called: str
    language: str
    flow: str
    step: str
    started_ms: int
    memory: dict[str, Any] = field(default_factory=dict)
    vars: dict[str, Any] = field(default_factory=dict)
    turns: int = 0
    fallbacks: int = 0
    ended: str | None = None
    format: int = FORMAT


def encode(session: Session) -> dict[str, Any]:
    """The session as plain JSON data: its fields by name."""
    return {name: getattr(session, name) for name in Session.__slots__}


def decode(data: dict[str, Any]) -> Session:
    """The session that ``encode`` wrote; raises UnknownFormatError for any other data."""
    if data.get("format") != FORMAT:
        raise UnknownFormatError(f"session format {data.get('format')!r}, this version knows {FORMAT}")
    try:
        return Session(**data)
    except TypeError as error:
        raise UnknownFormatError(str(error)) from error
