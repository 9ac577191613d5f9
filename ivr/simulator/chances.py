"""Times left to chance: how long people wait, talk and take to pick up, by distribution and with a seed.

A distribution says how often which time happens; whoever draws from it brings the dice, so one seed repeats one course.
Source for what telephone times look like: Brown et al. 2005, JASA 100:36-50 (arrivals Poisson, talk lognormal, patience
near exponential).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Protocol

from ivr.simulator.people import Answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.simulator.call import Call


class Distribution(Protocol):
    """A time that differs from one person to the next."""

    def draw(self, dice: Random) -> float:
        """Seconds, never negative."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always ``seconds``."""

    seconds: float

    def __post_init__(self) -> None:
        _check(self.seconds >= 0, f"a time cannot be {self.seconds} s")

    def draw(self, dice: Random) -> float:  # noqa: ARG002 - the others need dice
        return self.seconds


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything from ``least_s`` to ``most_s``, all alike."""

    least_s: float
    most_s: float

    def __post_init__(self) -> None:
        _check(0 <= self.least_s <= self.most_s, f"a time cannot be from {self.least_s} to {self.most_s} s")

    def draw(self, dice: Random) -> float:
        return dice.uniform(self.least_s, self.most_s)


@dataclass(frozen=True, slots=True)
class Exponential:
    """Without memory: who has waited for long leaves no sooner. As gaps between arrivals it is a Poisson process."""

    mean_s: float

    def __post_init__(self) -> None:
        _check(self.mean_s > 0, f"a mean cannot be {self.mean_s} s")

    def draw(self, dice: Random) -> float:
        return dice.expovariate(1 / self.mean_s)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Many short and a few very long; ``mean_s`` and ``deviation_s`` are of the time, not of its logarithm."""

    mean_s: float
    deviation_s: float

    def __post_init__(self) -> None:
        wrong = f"a time cannot have mean {self.mean_s} and deviation {self.deviation_s} s"
        _check(self.mean_s > 0 and self.deviation_s >= 0, wrong)

    def draw(self, dice: Random) -> float:
        variance = math.log1p((self.deviation_s / self.mean_s) ** 2)
        return dice.lognormvariate(math.log(self.mean_s) - variance / 2, math.sqrt(variance))


@dataclass(frozen=True, slots=True)
class Empirical:
    """One of ``seconds``, as they were once measured, all alike."""

    seconds: Sequence[float]

    def __post_init__(self) -> None:
        _check(bool(self.seconds), "there must be a time to draw")
        _check(min(self.seconds) >= 0, f"a time cannot be {min(self.seconds)} s")

    def draw(self, dice: Random) -> float:
        return dice.choice(self.seconds)


class Varies:
    """Somebody who answers as ``Answers`` does, ``after`` and for times (``stays``) drawn anew for each call."""

    def __init__(
        self, seed: int, *, after: Distribution, stays: Distribution | None = None, script: Sequence[str] = ()
    ) -> None:
        self._after, self._after_dice = after, dice(seed, "after")
        self._stays, self._stays_dice = stays, dice(seed, "stays")
        self._script = tuple(script)

    async def ring(self, call: Call) -> str:
        after_s = self._after.draw(self._after_dice)
        stays_s = None if self._stays is None else self._stays.draw(self._stays_dice)
        return await Answers(after_s, self._script, stays_s).ring(call)


def dice(seed: int, what: str) -> Random:
    """One sequence of chances for each ``what``: to draw more of the one changes nothing of the other."""
    return Random(f"{seed} {what}")  # noqa: S311 - a game of chance that can be repeated, not a secret


def _check(is_right: bool, wrong: str) -> None:
    if not is_right:
        raise ValueError(wrong)
