"""Misfortunes in words, as people order them at the command line and on the inspector's page.

``[TIMESx] KIND [SECONDSs | STATUS | CHANCE%] PATTERN``: ``cut off */voice`` · ``3x delay 2.5s */turns/*`` ·
``refuse 503 POST */Calls.json`` · ``at random 5% *``. The kinds and the patterns are those of ``faults``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.faults import Faults

LONGEST_S = 3600.0
MOST_TIMES = 1000


@dataclass(frozen=True, slots=True)
class Order:
    """What is to befall so many deliveries that fit ``pattern``; ``figure`` is what the kind takes."""

    pattern: str
    times: int
    figure: float
    seed: int


@dataclass(frozen=True, slots=True)
class Kind:
    """``takes`` is ``s`` (seconds), ``status``, ``%`` (a chance) or nothing; ``usual`` None is a figure to be said.

    A standing order befalls for ever what chance hits, so it has no number of times.
    """

    place: Callable[[Faults, Order], None]
    takes: str = ""
    usual: float | None = 0
    is_standing: bool = False


KINDS: Mapping[str, Kind] = {
    "repeat": Kind(lambda faults, it: faults.repeat(it.pattern, times=it.times)),
    "repeat at once": Kind(lambda faults, it: faults.repeat(it.pattern, times=it.times, at_once=True)),
    "lose": Kind(lambda faults, it: faults.lose(it.pattern, times=it.times)),
    "answer late": Kind(lambda faults, it: faults.answer_late(it.pattern, times=it.times)),
    "answer with": Kind(
        lambda faults, it: faults.answer_with(it.pattern, int(it.figure), times=it.times), "status", 500
    ),
    "cut off": Kind(lambda faults, it: faults.cut_off(it.pattern, times=it.times)),
    "delay": Kind(lambda faults, it: faults.delay(it.pattern, it.figure, times=it.times), "s", None),
    "hold back": Kind(lambda faults, it: faults.hold_back(it.pattern, times=it.times)),
    "reorder": Kind(lambda faults, it: faults.reorder(it.pattern, times=it.times)),
    "skew": Kind(lambda faults, it: faults.skew(it.pattern, it.figure, times=it.times), "s", None),
    "fail transcription": Kind(lambda faults, it: faults.fail_transcription(it.pattern, times=it.times)),
    "refuse stream": Kind(lambda faults, it: faults.refuse_stream(it.pattern, times=it.times)),
    "cut stream": Kind(lambda faults, it: faults.cut_stream(it.pattern, after_s=it.figure, times=it.times), "s", 1),
    "refuse": Kind(
        lambda faults, it: faults.refuse(it.pattern, status=int(it.figure), times=it.times), "status", 429
    ),
    "refuse when done": Kind(
        lambda faults, it: faults.refuse(it.pattern, status=int(it.figure), times=it.times, is_done=True),
        "status", 429,
    ),
    "slow": Kind(lambda faults, it: faults.slow(it.pattern, it.figure, times=it.times), "s", None),
    "at random": Kind(
        lambda faults, it: faults.at_random(it.pattern, it.seed, chance=it.figure / 100), "%", 10, is_standing=True
    ),
}  # fmt: skip
BACKWARDS = "skew"
"""The one kind whose seconds may be negative: a clock can be slow."""

LONGEST_FIRST = sorted(KINDS, key=len, reverse=True)
FORM = re.compile(
    rf"(?:(?P<times>\d{{1,4}})x\s+)?(?P<kind>{'|'.join(LONGEST_FIRST)})\s+"
    r"(?:(?:(?P<s>-?\d{1,4}(?:\.\d+)?)s|(?P<status>[45]\d\d)|(?P<chance>\d{1,3}(?:\.\d+)?)%)\s+)?(?P<pattern>\S.*)"
)
FIGURES = {"s": "s", "status": "status", "chance": "%"}
"""The parts of the form, and which kinds take them."""


def order(faults: Faults, text: str, *, seed: int = 0) -> None:
    """Place the order that ``text`` is; ``seed`` is what chance begins with.

    Raises ValueError saying the form when it is none.
    """
    found = FORM.fullmatch(text.strip())
    if found is None:
        form = "[TIMESx] KIND [SECONDSs | STATUS | CHANCE%] PATTERN"
        raise ValueError(f"{text!r} is no misfortune: write {form}; kinds: {', '.join(KINDS)}")
    kind, times = KINDS[found["kind"]], int(found["times"] or 1)
    if found["times"] and kind.is_standing:
        raise ValueError(f"{text!r}: {found['kind']} is a standing order and happens as often as chance has it")
    figure = _figure(found, kind)
    if not 1 <= times <= MOST_TIMES or abs(figure) > LONGEST_S:
        raise ValueError(f"{text!r}: at most {MOST_TIMES} times and {LONGEST_S:g} seconds, at least once")
    kind.place(faults, Order(found["pattern"], times, figure, seed))


def _figure(found: re.Match[str], kind: Kind) -> float:
    """The figure that was said, or the usual one; ValueError for one too many, too few or of another sort."""
    said = {sort: float(found[name]) for name, sort in FIGURES.items() if found[name] is not None}
    if said.keys() - {kind.takes} or (kind.usual is None and not said):
        wanted = {"s": "takes seconds, such as 2s", "status": "takes a status, such as 503", "%": "takes a chance: 5%"}
        raise ValueError(f"{found[0]!r}: {found['kind']} {wanted.get(kind.takes, 'takes no figure')}")
    figure = said.get(kind.takes, kind.usual or 0.0)
    if figure < 0 and found["kind"] != BACKWARDS:
        raise ValueError(f"{found[0]!r}: only a clock's misfortune ({BACKWARDS}) has seconds below zero")
    return figure
