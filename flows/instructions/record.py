"""Record what the caller says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordCaller:
    """Record until ``silence_s`` of silence, one of the keys ``finish_on_key``, ``longest_s`` or the end of the call.

    It ends its turn, and is answered with ``Recorded``, also when the caller hangs up; a provider that recorded nothing
    at all lets the document go on instead (``NothingHeard``). ``beep`` sounds before it (twilio.com, ``<Record>``).
    """

    longest_s: int
    silence_s: int = 5
    finish_on_key: str = "#"
    beep: bool = True
