"""What no script should ever see: names that would break a key or a list, and times before time."""

from __future__ import annotations

import re

from routing.answers import Refused

# Ids stand in keys and in lists separated by , = | ; and a CallSid or e-mail address fits well within it.
NAME = re.compile(r"[\w.+@:\-]{1,128}", re.ASCII)
PROMISES = ("keep_place", "later_today", "at_a_time")
LATEST_MS = 2**41
"""In the year 2039; what scripts reckon with stays exact far beyond that."""


def bad_name(*names: str) -> Refused | None:
    """The refusal of the first that can't name anything; None when all can."""
    return next((Refused("bad_name", (name[:60],)) for name in names if not NAME.fullmatch(name)), None)


def bad_times(*times_ms: int) -> Refused | None:
    """The refusal of the first that is negative or beyond reckoning; None when all are fine."""
    return next((Refused("bad_time", (str(at_ms),)) for at_ms in times_ms if not 0 <= at_ms < LATEST_MS), None)


def bad_promise(how: str, at_ms: int) -> Refused | None:
    """The refusal of a way that callbacks are not promised in, or of one whose time is missing."""
    is_fine = how in PROMISES and (how != "at_a_time" or at_ms > 0)
    return None if is_fine else Refused("bad_promise", (how[:60],))
