"""Misfortunes on order: what the network does to the next delivery, or REST request, that fits a pattern.

A pattern is a shell pattern: for deliveries over the URL without its fragment (``*/turns/3``), for REST over method and
path (``POST */Calls.json``). Each order is used up by what it befalls. Orders are taken first come, first served;
several for one URL befall one delivery after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(slots=True)
class Fault:
    """What befalls so many more deliveries or requests, by how many seconds or with which HTTP status."""

    kind: str
    pattern: str
    times: int
    seconds: float = 0.0
    status: int = 0


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

    def cut_off(self, pattern: str, *, times: int = 1) -> None:
        """Deliver one attempt, but let the connection break in the middle of its answer."""
        self._open.append(Fault("cut off", pattern, times))

    def delay(self, pattern: str, seconds: float, *, times: int = 1) -> None:
        """Deliver ``seconds`` of the network's time late."""
        self._open.append(Fault("delayed", pattern, times, seconds=seconds))

    def hold_back(self, pattern: str, *, times: int = 1) -> None:
        """Do not deliver a callback before its call has ended and the end been told."""
        self._open.append(Fault("held back", pattern, times))

    def refuse(self, pattern: str, *, status: int = 429, times: int = 1, is_done: bool = False) -> None:
        """Answer a REST request with this HTTP status; with ``is_done`` after having done what was asked."""
        self._open.append(Fault("refused when done" if is_done else "refused", pattern, times, status=status))

    def slow(self, pattern: str, seconds: float, *, times: int = 1) -> None:
        """Do what a REST request asks, but answer it ``seconds`` of the network's time later."""
        self._open.append(Fault("slow", pattern, times, seconds=seconds))

    def take(self, url: str, *kinds: str) -> str:
        """The kind of the first open order among ``kinds`` that fits ``url``, used up once; empty if there is none."""
        fault = self.find(url, *kinds)
        return fault.kind if fault else ""

    def find(self, url: str, *kinds: str) -> Fault | None:
        """The first open order among ``kinds`` that fits ``url``, used up once; None if there is none."""
        for fault in self._open:
            if fault.kind in kinds and fnmatchcase(url, fault.pattern):
                fault.times -= 1
                if not fault.times:
                    self._open.remove(fault)
                return fault
        return None
