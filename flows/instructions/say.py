"""Speak a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Say:
    """Speak ``text`` in ``language`` (a tag such as ``en-US``) with ``voice``; None is the provider's own voice."""

    text: str
    language: str
    voice: str | None = None
