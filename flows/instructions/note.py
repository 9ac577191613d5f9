"""Write a sentence onto the customer's timeline."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """Keep ``text`` with the call, for whoever reads its story."""

    text: str
