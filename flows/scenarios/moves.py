"""The lines of a scenario's ``call``: what people do (``doing.py``) and what is expected (``expecting.py``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.problems import did_you_mean, listed
from flows.scenarios import doing, expecting
from flows.source import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.form import Reading
    from flows.scenarios.call import Call
    from flows.source import Node

SHAPES = expecting.SHAPES | doing.SHAPES
MOVES = expecting.EXPECTATIONS | doing.DEEDS
BARE = {"stays silent": ("stays", "silent"), "hangs up": ("caller", "hangs up")}  # what needs no value of its own


@dataclass(frozen=True, slots=True)
class Move:
    """One line; ``play`` says why it could not be, or what is otherwise than expected, or nothing."""

    name: str
    play: Callable[[Call], str]
    line: int
    column: int


def read_move(reading: Reading, node: Node) -> Move | None:
    """``presses: 1``, or one of the few that have no value, such as ``hangs up``."""
    if isinstance(node, Scalar) and node.text in BARE:
        name, word = BARE[node.text]
        return Move(name, MOVES[name](reading, node._replace(text=word)), node.line, node.column)
    if not isinstance(node, Mapping) or len(node.pairs) != 1:
        message = "one thing that happens is needed here, such as hears: Welcome, presses: 1 or hangs up"
        reading.problem(node, message, "bad-move")
        return None
    key, value = node.pairs[0]
    if key.text not in MOVES:
        hint = did_you_mean(key.text, MOVES) or f"; one of {listed(MOVES)}"
        reading.problem(key, f'nothing happens by the name "{key.text[:60]}"{hint}', "unknown-move")
        return None
    return Move(key.text, MOVES[key.text](reading, value), key.line, key.column)
