"""The reader: walks a program, one event in, one turn out.

``advance(program, session, event, now) -> Turn`` is the whole engine. It touches nothing: an HTTP request, a message
or a queue is an instruction at the end of a turn, and its answer comes back as the next event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from flows.events import Event
    from flows.instructions import Instruction
    from flows.program import Program
    from flows.session import Session


@dataclass(frozen=True, slots=True)
class Turn:
    """One event's answer: the new session, and what to do, in order.

    At most one question or act, and then it is the last instruction. Otherwise the turn ends with a ``Gather``, with a
    ``Hangup`` (then ``session.ended`` is set), or, after ``HungUp``, with nothing.
    """

    session: Session
    instructions: tuple[Instruction, ...]


def begin(program: Program, *, call_sid: str, caller: str, called: str, now: datetime) -> Session:
    """A new call's session, at the start of its number's flow; a number nobody has named goes to the fallback."""
    raise NotImplementedError


def advance(program: Program, session: Session, event: Event, now: datetime) -> Turn:
    """Walk from where the call stands until it waits; ``now`` is an aware UTC datetime."""
    raise NotImplementedError
