"""Values as CEL and JSON can both hold them, within limits: what comes from outside, and what a session keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

MAX_DEPTH = 32  # a value nested 12,000 deep ends the interpreter with a segmentation fault
MAX_ITEMS = 200  # map() and filter() are quadratic: 200 items 1 ms, 4,000 items 370 ms
MAX_TEXT = 10_000  # goflow's limit for a template
MAX_VALUES = 5_000  # all of one answer of another system, however it is nested
MAX_COSTLY_TEXT = 1_000  # characters, for map(), filter() and matches(): 10,000 take a second and a half to match


def handed(value: Any) -> Any:
    """The value as the library gets it; nearly all are simple, or texts as they should be."""
    sort = type(value)
    if sort in _SIMPLE or (sort is str and len(value) <= MAX_TEXT and value.isascii()):
        return value
    return plain(value)


_SIMPLE = frozenset({type(None), bool, int, datetime})


def shortened(value: Any) -> Any:
    """Plain data with texts of at most ``MAX_COSTLY_TEXT`` characters."""
    if isinstance(value, str):
        return value[:MAX_COSTLY_TEXT]
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    return [shortened(one) for one in value] if isinstance(value, list) else value


def decimals(value: Any) -> Any:
    """Plain data with whole numbers as decimals."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, dict):
        return {name: decimals(one) for name, one in value.items()}
    return [decimals(one) for one in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """The value as data that CEL and JSON can both hold, within the limits above; the rest is cut off or null.

    Texts lose lone surrogates, numbers that are not finite become null. Times stay times.
    """
    return _plain(value, MAX_DEPTH, [MAX_VALUES])


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if value is None or isinstance(value, (bool, int, datetime, timedelta)):
        return value
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if depth <= 0 or left[0] <= 0:
        return None
    if isinstance(value, (list, tuple)):
        return [_plain(one, depth - 1, left) for one in value[:MAX_ITEMS]]
    if isinstance(value, Mapping):
        return {_clean(str(name)): _plain(one, depth - 1, left) for name, one in list(value.items())[:MAX_ITEMS]}
    return None


def storable(value: Any) -> Any:
    """``plain``, with times as ISO 8601 text and durations as seconds: what a session keeps."""
    return _storable(plain(value))


def _storable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return float(value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {name: _storable(one) for name, one in value.items()}
    return value


def written(value: Any) -> str | None:
    """A value as a person writes it down, exactly: text as it is, ``3``, ``2.5``, ``true``; None for all others."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else None


def _clean(text: str) -> str:
    text = text[:MAX_TEXT]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
