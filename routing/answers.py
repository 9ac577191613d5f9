"""What a transition answers: it was done, with the offers it led to, or refused by name and nothing changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Offer:
    """One contact held for one agent until it is accepted, declined or expires."""

    contact: str
    agent: str
    generation: int

    @property
    def id(self) -> str:
        """Names the offer for good: a contact's offers are counted."""
        return f"{self.contact}.{self.generation}"


@dataclass(frozen=True, slots=True)
class Done:
    """``tag`` and ``facts`` are the script's, as its header names them; ``offers`` were made by it."""

    tag: str
    facts: tuple[str, ...]
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changed; ``tag`` says why, ``facts`` what of."""

    tag: str
    facts: tuple[str, ...] = ()


def read(reply: Sequence[object], done: str) -> Done | Refused:
    """A script's reply; ``done`` is the tag that means it was done."""
    words = [part.decode() if isinstance(part, bytes) else str(part) for part in reply]
    tag, rest = words[0], words[1:]
    if tag != done:
        return Refused(tag, tuple(rest))
    first = rest.index("offer") if "offer" in rest else len(rest)
    made = [Offer(rest[at + 1], rest[at + 2], int(rest[at + 3])) for at in range(first, len(rest), 4)]
    return Done(tag, tuple(rest[:first]), tuple(made))
