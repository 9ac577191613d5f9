"""Say nothing for a while."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    """Stay silent for ``seconds``, at least 1: the provider counts whole seconds (twilio.com, ``<Pause>``).

    ``barge_in`` tells whether a key that is pressed meanwhile may answer the question that follows; else it is lost.
    """

    seconds: int
    barge_in: bool = True
