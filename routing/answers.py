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
        """Names the offer for good: a contact's offers are counted. Agents who are rung together share one."""
        return f"{self.contact}.{self.generation}"


@dataclass(frozen=True, slots=True)
class Done:
    """``tag`` and ``facts`` are the script's, as its header names them; ``offers`` were made by it."""

    tag: str
    facts: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changed; ``tag`` says why, ``facts`` what of."""

    tag: str
    facts: tuple[str, ...] = ()


def read(reply: Sequence[object], done: str) -> Done | Refused:
    """A script's reply; ``done`` is the tag that means it was done. A list in it has offers, three parts each."""
    words = tuple(_text(part) for part in reply if not isinstance(part, list))
    if words[0] != done:
        return Refused(words[0], words[1:])
    made = [_text(part) for one in reply if isinstance(one, list) for part in one]
    offers = tuple(Offer(made[at], made[at + 1], int(made[at + 2])) for at in range(0, len(made), 3))
    return Done(words[0], words[1:], offers)


def _text(part: object) -> str:
    return part.decode() if isinstance(part, bytes) else str(part)
