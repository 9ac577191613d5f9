"""Where one call stands: everything that must survive between two webhooks, and nothing else.

A session is an immutable value. The engine makes a new one each turn; the call desk stores it as JSON data
(``encode``) with a format number, so that a process of another version can tell whether it understands it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FORMAT = 2


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

    ``stack`` has a frame for each subflow the call is in, the outermost first: ``flow`` and ``step`` to come back to,
    and the ``vars`` kept for then. ``sealed`` maps the names of sensitive values to their ciphertext. ``customer`` is
    what was found out about who calls, empty when nobody is known, None while nobody has asked. ``held`` is what the
    engine has observed in this turn and will do when its own question is answered; None between turns.
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
    stack: list[dict[str, Any]] = field(default_factory=list)
    sealed: dict[str, str] = field(default_factory=dict)
    customer: dict[str, Any] | None = None
    held: dict[str, Any] | None = None
    format: int = FORMAT

    @property
    def contact(self) -> str:
        """What the call is to routing while its step waits for an agent; empty anywhere else."""
        return str(self.memory.get("contact") or "")

    @property
    def conference(self) -> str:
        """The conference in which it meets an agent; empty while it waits for one."""
        return str(self.memory.get("conference") or "")

    @property
    def group(self) -> str:
        """The group of queues that keeps the contact; empty until it has joined."""
        return str(self.memory.get("group") or "")


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
