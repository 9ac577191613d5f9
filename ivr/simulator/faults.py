"""Misfortunes on order: what the network does to the next delivery, or REST request, that fits a pattern.

A pattern is a shell pattern: for deliveries over the URL without its fragment (``*/turns/3``), for REST over method and
path (``POST */Calls.json``). Each order is used up by what it befalls. Orders are taken first come, first served;
several for one URL befall one delivery after another. ``at_random`` is a standing order that chance carries out.
"""

from __future__ import annotations

import glob
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING

from ivr.simulator.mischief import KINDS, Mischief

if TYPE_CHECKING:
    from collections.abc import Collection

    from ivr.simulator.mischief import May


@dataclass(slots=True)
class Fault:
    """What befalls so many more deliveries or requests, by how many seconds or with which HTTP status.

    ``is_drawn`` if chance ordered it, for one delivery and none after it.
    """

    kind: str
    pattern: str
    times: int
    seconds: float = 0.0
    status: int = 0
    is_drawn: bool = False


class Faults:
    """The orders still open."""

    def __init__(self) -> None:
        self._open: list[Fault] = []
        self._standing: list[Mischief] = []

    @property
    def open(self) -> tuple[Fault, ...]:
        """Those that have not befallen anything yet, or not as often as ordered."""
        return tuple(self._open)

    @property
    def standing(self) -> tuple[Mischief, ...]:
        """What chance is to see to."""
        return tuple(self._standing)

    def clear(self) -> None:
        """Forget them, the standing ones too."""
        self._open.clear()
        self._standing.clear()

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

    def reorder(self, pattern: str, *, times: int = 1) -> None:
        """Deliver a callback only when the next one that fits ``pattern`` has been delivered."""
        self._open.append(Fault("overtaken", pattern, times))

    def skew(self, pattern: str, seconds: float, *, times: int = 1) -> None:
        """Date what a callback tells by a clock that is so many seconds fast, or slow if negative."""
        self._open.append(Fault("skewed", pattern, times, seconds=seconds))

    def answer_with(self, pattern: str, status: int = 500, *, times: int = 1) -> None:
        """Deliver one attempt, but let something in between answer with this HTTP status in the application's place."""
        self._open.append(Fault("answered", pattern, times, status=status))

    def at_random(self, pattern: str, seed: int, *, chance: float = 0.1, kinds: Collection[str] = KINDS) -> None:
        """From now on let one of ``kinds`` befall what fits ``pattern``, each time with this ``chance`` (0 to 1).

        Kinds are ``delay`` (by 0.5 to 5 s), ``repeat``, ``reorder`` and ``lose`` (callbacks only), ``cut off``, ``429``
        and ``500``. The same seed draws the same. Raises ValueError for another kind or chance.
        """
        unknown = sorted(set(kinds) - set(KINDS))
        if unknown or not 0 <= chance <= 1:
            raise ValueError(f"kinds are {', '.join(KINDS)} and a chance is from 0 to 1, not {unknown or chance}")
        random = Random(seed)  # noqa: S311 - a game of chance that can be repeated, not a secret
        self._standing.append(Mischief(pattern, random, chance, tuple(sorted(kinds))))

    def draw(self, url: str, may: May) -> None:
        """Let chance order, of all that ``may`` befall, something for what is about to happen to ``url``."""
        for mischief in self._standing:
            if drawn := mischief.draw(url, may):
                kind, seconds, status = drawn
                self._open.append(Fault(kind, glob.escape(url), 1, seconds=seconds, status=status, is_drawn=True))

    def settle(self, url: str) -> None:
        """What was about to happen to ``url`` has happened: forget what chance ordered and nothing came of."""
        if self._standing:
            pattern = glob.escape(url)
            self._open = [fault for fault in self._open if not (fault.is_drawn and fault.pattern == pattern)]

    def fail_transcription(self, pattern: str, *, times: int = 1) -> None:
        """Let the recogniser fail as soon as a transcription to this callback has started."""
        self._open.append(Fault("transcription failed", pattern, times))

    def refuse_stream(self, pattern: str, *, times: int = 1) -> None:
        """Let the handshake of a media stream to this URL fail."""
        self._open.append(Fault("stream refused", pattern, times))

    def cut_stream(self, pattern: str, *, after_s: float = 1.0, times: int = 1) -> None:
        """Let the connection of a media stream break ``after_s`` of the network's time after its start."""
        self._open.append(Fault("stream cut", pattern, times, seconds=after_s))

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
