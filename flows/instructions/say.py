"""Speak a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spelled:
    """Characters to be read one by one, in groups with a short silence between them."""

    groups: tuple[str, ...]

    def __str__(self) -> str:
        """The same for a voice that takes only plain text: ``2 0 2, 5 5 5, 0 1 4 3``."""
        return ", ".join(" ".join(group) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Say:
    """Speak ``text`` in ``language`` (a tag such as ``en-US``) with ``voice``; None is the provider's own voice.

    ``pieces`` are the same text where some of it is to be spelled, for a voice that can do better than read it as
    written; empty when there is nothing to spell. ``barge_in`` tells whether a caller may interrupt it when a question
    follows.
    """

    text: str
    language: str
    voice: str | None = None
    pieces: tuple[str | Spelled, ...] = ()
    barge_in: bool = True
