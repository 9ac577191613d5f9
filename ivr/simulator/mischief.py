"""Misfortunes by chance: a standing order that now and then befalls what fits its pattern, the same for one seed.

What may befall depends on what happens: a document that is asked for, a callback, or a REST request.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    May = Mapping[str, Callable[[Random], tuple[str, float, int]]]
    """For each kind of misfortune that may befall: the kind of fault, its seconds and its status."""

KINDS = ("delay", "repeat", "reorder", "lose", "cut off", "429", "500")
SHORTEST_DELAY_S, LONGEST_DELAY_S = 0.5, 5.0

DOCUMENT: May = {
    "delay": lambda random: ("delayed", random.uniform(SHORTEST_DELAY_S, LONGEST_DELAY_S), 0),
    "repeat": lambda random: (random.choice(("repeated", "repeated at once")), 0, 0),
    "cut off": lambda _: ("cut off", 0, 0),
    "429": lambda _: ("answered", 0, 429),
    "500": lambda _: ("answered", 0, 500),
}
CALLBACK: May = {**DOCUMENT, "lose": lambda _: ("lost", 0, 0), "reorder": lambda _: ("overtaken", 0, 0)}
REST: May = {
    "delay": lambda random: ("slow", random.uniform(SHORTEST_DELAY_S, LONGEST_DELAY_S), 0),
    "429": lambda _: ("refused", 0, 429),
    "500": lambda random: (random.choice(("refused", "refused when done")), 0, 500),
}


@dataclass(frozen=True, slots=True)
class Mischief:
    """With ``chance`` (0 to 1) one of ``kinds`` befalls what fits ``pattern``."""

    pattern: str
    random: Random
    chance: float
    kinds: tuple[str, ...]

    def draw(self, url: str, may: May) -> tuple[str, float, int] | None:
        """What befalls ``url`` this time, of all that ``may``; None for nothing."""
        possible = [kind for kind in self.kinds if kind in may]
        if not (possible and fnmatchcase(url, self.pattern)) or self.random.random() >= self.chance:
            return None
        return may[self.random.choice(possible)](self.random)
