"""End the call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call; the last instruction of its turn."""
