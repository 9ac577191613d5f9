"""Misfortunes in words, as people order them at the command line and on the inspector's page.

``[TIMESx] KIND [SECONDSs | STATUS] PATTERN``: ``cut off */voice`` · ``3x delay 2.5s */turns/*`` · ``lose */status`` ·
``refuse 503 POST */Calls.json``. The kinds and the patterns are those of ``faults``.
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
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Order:
    """What is to befall so many deliveries that fit ``pattern``; ``seconds`` and ``status`` where the kind has them."""

    pattern: str
    times: int
    seconds: float
    status: int


KINDS: Mapping[str, Callable[[Faults, Order], None]] = {
    "repeat": lambda faults, it: faults.repeat(it.pattern, times=it.times),
    "repeat at once": lambda faults, it: faults.repeat(it.pattern, times=it.times, at_once=True),
    "lose": lambda faults, it: faults.lose(it.pattern, times=it.times),
    "answer late": lambda faults, it: faults.answer_late(it.pattern, times=it.times),
    "cut off": lambda faults, it: faults.cut_off(it.pattern, times=it.times),
    "delay": lambda faults, it: faults.delay(it.pattern, it.seconds, times=it.times),
    "hold back": lambda faults, it: faults.hold_back(it.pattern, times=it.times),
    "refuse": lambda faults, it: faults.refuse(it.pattern, status=it.status, times=it.times),
    "refuse when done": lambda faults, it: faults.refuse(it.pattern, status=it.status, times=it.times, is_done=True),
    "slow": lambda faults, it: faults.slow(it.pattern, it.seconds, times=it.times),
}
TIMED = frozenset({"delay", "slow"})
LONGEST_FIRST = sorted(KINDS, key=len, reverse=True)
FORM = re.compile(
    rf"(?:(?P<times>\d{{1,4}})x\s+)?(?P<kind>{'|'.join(LONGEST_FIRST)})\s+"
    r"(?:(?P<seconds>\d{1,4}(?:\.\d+)?)s\s+|(?P<status>[45]\d\d)\s+)?(?P<pattern>\S.*)"
)


def order(faults: Faults, text: str) -> None:
    """Place the order that ``text`` is; raises ValueError saying the form when it is none."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        kinds = ", ".join(KINDS)
        raise ValueError(f"{text!r} is no misfortune: write [TIMESx] KIND [SECONDSs | STATUS] PATTERN; kinds: {kinds}")
    times, seconds = int(found["times"] or 1), float(found["seconds"] or 0)
    if (found["kind"] in TIMED) != (found["seconds"] is not None):
        raise ValueError(f"{text!r}: only {' and '.join(sorted(TIMED))} take seconds, and they need them, such as 2s")
    if not 1 <= times <= MOST_TIMES or seconds > LONGEST_S:
        raise ValueError(f"{text!r}: at most {MOST_TIMES} times and {LONGEST_S:g} seconds, at least once")
    it = Order(found["pattern"], times, seconds, int(found["status"] or TOO_MANY_REQUESTS))
    KINDS[found["kind"]](faults, it)
