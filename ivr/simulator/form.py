"""A form as it is sent: ``application/x-www-form-urlencoded``."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable


def encode(parameters: Iterable[tuple[str, str]]) -> str:
    """``parameters`` as the body of a POST or the query of a GET."""
    return "&".join(map(_field, parameters))


@lru_cache(maxsize=4096)
def _field(parameter: tuple[str, str]) -> str:
    """Most of what a request about a call says was said by the one before it."""
    name, value = parameter
    return f"{quote_plus(name)}={quote_plus(value)}"
