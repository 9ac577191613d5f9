"""Say nothing for a while."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    """Stay silent for ``seconds``, at least 1: the provider counts whole seconds (twilio.com, ``<Pause>``)."""

    seconds: int
