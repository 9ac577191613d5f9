"""What an ``http`` step sends and keeps: headers, JSON and form bodies as texts with gaps, and places in an answer.

A body is written out here, in the engine, but for its hidden values (``flows/hidden.py``): their gaps know how a value
is spelled where it stands, so that no value can end the text around it. What another system sent is only ever data.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from flows.expressions import Expression
from flows.hidden import SORTS, Hidden, joined
from flows.plain import storable
from flows.source import Mapping, Scalar, Sequence
from flows.text import as_text, read_template, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.form import Reading
    from flows.hidden import Pieces
    from flows.source import Node
    from flows.text import Template
    from flows.walk import Walk

MAX_URL = 2_000  # characters; what proxies and servers commonly take
NO_NAME = frozenset({"", ".", ".."})  # of anything in a path (RFC 3986 5.2.4)
BLANKS = re.compile(r"\s+")
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Laden:
    """A text of the author's, with expressions and hidden values in it."""

    pieces: tuple[str | Expression | Hidden, ...]


# --- when a flow is read ---------------------------------------------------------------------------------------------


def read_laden(reading: Reading, node: Scalar, written: str) -> Laden:
    """A text in which hidden values may stand by themselves, as in ``Bearer {{ secret.shop }}``."""
    return Laden(
        tuple(
            piece if isinstance(piece, str) else _hidden(reading, piece, written)
            for piece in read_template(reading, node).pieces
        )
    )


def _hidden(reading: Reading, expression: Expression, written: str) -> Expression | Hidden:
    """The expression, or its gap when it is a hidden value's name; then it is no expression of the step's."""
    path = expression.path
    if path is None or len(path) != 2 or path[0] not in SORTS:
        return expression
    # The last of them: the same expression may stand elsewhere in the step, where it is a mistake.
    places = reading.facts.expressions
    at = next(at for at in reversed(range(len(places))) if places[at].expression is expression)
    placed = places.pop(at)
    reading.facts.hidden.append(placed.refers(*path))
    return Hidden(path[0], path[1], written)


def read_json(reading: Reading, node: Node) -> Any:
    """Maps as dictionaries, lists as tuples, texts as ``Laden``."""
    if isinstance(node, Mapping):
        return {key.text: read_json(reading, value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return tuple(read_json(reading, value) for value in node.items)
    return read_laden(reading, node, "json")


# --- in a call -------------------------------------------------------------------------------------------------------


def address(url: Template, walk: Walk) -> str:
    """The address, each value percent-encoded; empty when it would lead elsewhere than its author meant.

    That is when it is too long, or when a value in its path is unknown or is dots: ``DELETE /orders/`` is another
    request than ``DELETE /orders/17``, and ``/orders/..`` is another address.
    """
    written = ""
    for piece in url.pieces:
        if isinstance(piece, str):
            written += piece
            continue
        value = quote(as_text(value_of(piece, walk), walk.language), safe="")
        if "?" not in written and value in NO_NAME:
            return ""
        written += value
    return written if len(written) <= MAX_URL else ""


def header(text: Laden, walk: Walk) -> Pieces:
    """A header's value, without breaks of lines."""
    return joined(BLANKS.sub(" ", piece) if isinstance(piece, str) else piece for piece in _filled(text, walk))


def form_body(fields: dict[str, Laden], walk: Walk) -> Pieces:
    """``application/x-www-form-urlencoded``."""
    pieces: list[str | Hidden] = []
    for name, text in fields.items():
        pieces.append(f"{'&' if pieces else ''}{quote_plus(name)}=")
        pieces += [quote_plus(piece) if isinstance(piece, str) else piece for piece in _filled(text, walk)]
    return joined(pieces)


def json_body(tree: Any, walk: Walk) -> Pieces:
    """The JSON of what ``read_json`` read; a text that is one expression and nothing else keeps its type."""
    return joined(_json(tree, walk))


def _json(tree: Any, walk: Walk) -> Iterator[str | Hidden]:
    if isinstance(tree, dict):
        for number, (name, value) in enumerate(tree.items()):
            yield f"{', ' if number else '{'}{json.dumps(name)}: "
            yield from _json(value, walk)
        yield "}" if tree else "{}"
    elif isinstance(tree, tuple):
        for number, value in enumerate(tree):
            yield ", " if number else "["
            yield from _json(value, walk)
        yield "]" if tree else "[]"
    elif len(tree.pieces) == 1 and isinstance(tree.pieces[0], Expression):
        yield json.dumps(storable(value_of(tree.pieces[0], walk)))
    else:
        yield '"'
        yield from (json.dumps(piece)[1:-1] if isinstance(piece, str) else piece for piece in _filled(tree, walk))
        yield '"'


def _filled(text: Laden, walk: Walk) -> Iterator[str | Hidden]:
    """The text with its expressions' values."""
    for piece in text.pieces:
        yield as_text(value_of(piece, walk), walk.language) if isinstance(piece, Expression) else piece


# --- places in an answer ---------------------------------------------------------------------------------------------


def found(body: Any, place: Place) -> Any:
    """What stands at a place of plain JSON data; null when nothing does."""
    for name in place:
        if isinstance(body, dict):
            body = body.get(name)
        elif isinstance(body, list) and name.isdecimal() and int(name) < len(body):
            body = body[int(name)]
        else:
            return None
    return body


def pruned(body: Any, places: tuple[Place, ...]) -> Any:
    """The data with only what stands at some places, so that nothing else of an answer is kept; null for none."""
    wanted: dict[str, tuple[Place, ...]] = {}
    for place in places:
        if not place:
            return body
        wanted[place[0]] = (*wanted.get(place[0], ()), place[1:])
    if isinstance(body, dict):
        return {name: pruned(body[name], rest) for name, rest in wanted.items() if name in body}
    if isinstance(body, list):
        indexes = {int(name): rest for name, rest in wanted.items() if name.isdecimal() and int(name) < len(body)}
        last = max(indexes, default=-1)
        return [pruned(body[at], indexes[at]) if at in indexes else None for at in range(last + 1)]
    return None
