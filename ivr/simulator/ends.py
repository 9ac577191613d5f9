"""What a call needs at its far end and where it meets others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.heard import Heard, Input


class Ear(Protocol):
    """Whoever holds the telephone at the far end."""

    def hear(self, heard: Heard) -> None:
        """Take notice of ``heard``; must not block."""


class Nobody:
    """The far end of a call before somebody is there."""

    def hear(self, heard: Heard) -> None:
        """Nobody is there to hear it."""


class Place(Protocol):
    """Where calls meet: a bridge or a conference."""

    def hears(self, listener: Call, speaker: Call) -> bool:
        """Whether ``listener`` hears what ``speaker`` says now."""

    def carry(self, speaker: Call, given: Input) -> None:
        """Let the others hear what ``speaker`` presses or says."""
