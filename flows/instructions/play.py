"""Play recorded audio."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Play:
    """Play the prompt whose bytes have the content hash ``audio`` (SHA-256, hex).

    ``barge_in`` tells whether a caller may interrupt it when a question follows.
    """

    audio: str
    barge_in: bool = True
