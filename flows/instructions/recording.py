"""Keep a recording that a step has made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recording:
    """What the caller said, kept at the provider until it is fetched.

    ``purpose`` is ``record``, ``voicemail`` or ``survey``; ``name`` the variable, the mailbox or the question it is
    for. ``url`` has no extension; the file may be there only seconds later (twilio.com, recordings).
    """

    purpose: str
    name: str
    recording_sid: str
    url: str
    duration_s: int
