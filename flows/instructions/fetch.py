"""Ask another system over HTTP: a question, answered before the turn is committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fetch:
    """Request ``url``; ``json`` is the body's plain data, None for no body.

    Answered with ``Answered({"status": int, "body": plain JSON data or text})`` whatever the status is, or with
    ``EffectFailed``: ``timeout`` after ``timeout_s``, ``refused`` when the address may not be asked, else ``failed``.
    """

    method: str
    url: str
    timeout_s: int
    headers: tuple[tuple[str, str], ...] = ()
    json: Any = None
