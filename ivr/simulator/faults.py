"""Misfortunes on order: what the network does to the next delivery whose URL fits a pattern.

A pattern is a shell pattern over the URL without its fragment (``*/turns/3``); each order is used up by the deliveries
it befalls. Orders are taken first come, first served; several for one URL befall one delivery after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(slots=True)
class Fault:
    """``repeated``, ``repeated at once``, ``lost`` or ``answered late``, for so many more deliveries."""

    kind: str
    pattern: str
    times: int


class Faults:
    """The orders still open."""

    def __init__(self) -> None:
        self._open: list[Fault] = []

    def repeat(self, pattern: str, *, times: int = 1, at_once: bool = False) -> None:
        """Deliver twice with the same idempotency token, one after the other or both at once."""
        self._open.append(Fault("repeated at once" if at_once else "repeated", pattern, times))

    def lose(self, pattern: str, *, times: int = 1) -> None:
        """Do not deliver a status callback at all; a request for a document is never lost, it fails."""
        self._open.append(Fault("lost", pattern, times))

    def answer_late(self, pattern: str, *, times: int = 1) -> None:
        """Deliver one attempt, but let its answer come after the read timeout: nobody waits for it."""
        self._open.append(Fault("answered late", pattern, times))

    def take(self, url: str, *kinds: str) -> str:
        """The kind of the first open order among ``kinds`` that fits ``url``, used up once; empty if there is none."""
        for fault in self._open:
            if fault.kind in kinds and fnmatchcase(url, fault.pattern):
                fault.times -= 1
                if not fault.times:
                    self._open.remove(fault)
                return fault.kind
        return ""
