"""Hidden values: what a request may carry and nobody else may see.

Two sorts, named in a flow like anything else: ``secret.<name>``, which the operator keeps in the settings, and
``sealed.<name>``, what a caller keyed in where a ``collect`` is ``sensitive``. They may stand by themselves in the
headers and the body of an ``http`` step. There they become placeholders, and only who sends the request opens them, at
that moment. Everywhere else they are a problem at check time and null at run time.

``conceal`` is the other way, from the caller to us: digits become a ``SecretKeyed`` before the engine sees them. The
waiting step judges them; what is left is their length, what was wrong, and their ciphertext.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from flows.events import KeysPressed, WordsSpoken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.events import Event
    from flows.program import Program
    from flows.session import Session

SECRET, SEALED = "secret", "sealed"
SORTS = (SECRET, SEALED)


@dataclass(frozen=True, slots=True)
class Hidden:
    """The place of a hidden value in a text; ``written`` says how the value is spelled there: see ``WRITERS``."""

    sort: str
    name: str
    written: str = "text"


Pieces = tuple[str | Hidden, ...]  # a text with gaps
Seal = Callable[[str, str], str]  # of a value and its name; empty when there is no key
Reveal = Callable[[Hidden], str]

WRITERS: dict[str, Callable[[str], str]] = {
    "text": str,
    "json": lambda value: json.dumps(value)[1:-1],  # inside a JSON text
    "form": quote_plus,  # inside application/x-www-form-urlencoded
}


def opened(pieces: Pieces, reveal: Reveal) -> str:
    """The text with its values, each spelled as its place asks for. Raises what ``reveal`` raises."""
    return "".join([piece if isinstance(piece, str) else WRITERS[piece.written](reveal(piece)) for piece in pieces])


def joined(pieces: Iterable[str | Hidden]) -> Pieces:
    """The pieces with the texts between two gaps in one."""
    found: list[str | Hidden] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "":
            found.append(piece)
    return tuple(found)


def from_data(data: Iterable[Any]) -> Pieces:
    """The pieces that JSON data were made of: texts, and maps of a gap's fields."""
    return tuple(piece if isinstance(piece, str) else Hidden(**piece) for piece in data)


def names_in(pieces: Iterable[str | Hidden], sort: str) -> set[str]:
    """The names of one sort of hidden values in a text."""
    return {piece.name for piece in pieces if isinstance(piece, Hidden) and piece.sort == sort}


def conceal(program: Program, session: Session, event: Event, seal: Seal) -> Event:
    """What the caller keyed in as the waiting step lets the engine see it; nearly always as it is.

    ``seal`` makes a text that only the server can open, and only under this name. It is called only for digits that the
    step accepts.
    """
    if not isinstance(event, (KeysPressed, WordsSpoken)):
        return event
    flow = program.flows.get(session.flow)
    station = None if flow is None else flow.stations.get(session.step)
    return event if station is None else station.step.conceal(event, seal)
