"""How long the simulator remembers, and what has changed since somebody last looked.

A page that follows the calls asks for what changed after a version it knows; that costs what changed, not what was ever
done. Of the calls that are over the newest ``keeps`` are kept with all that belongs to them, and now and then a quarter
more, since the oldest are forgotten several at once; None keeps everything.
"""

from __future__ import annotations

from collections import deque
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from ivr.simulator.records import Exchange


class History:
    """``version`` grows with each change of a call: something heard, an exchange, a status."""

    def __init__(self, keeps: int | None = None) -> None:
        self.version = 0
        self._keeps = keeps
        self._changed: dict[str, int] = {}
        self._exchanges: dict[str, list[Exchange]] = {}
        self._over: deque[str] = deque()

    def touch(self, call_sid: str) -> None:
        """The call has changed."""
        self.version += 1
        self._changed.pop(call_sid, None)
        self._changed[call_sid] = self.version

    def since(self, version: int) -> list[str]:
        """The calls that changed after ``version``, the latest change first."""
        return [sid for sid, _ in takewhile(lambda change: change[1] > version, reversed(self._changed.items()))]

    def note(self, exchange: Exchange) -> None:
        """An exchange belongs to its call; one without a call to none."""
        if exchange.call_sid:
            self._exchanges.setdefault(exchange.call_sid, []).append(exchange)
            self.touch(exchange.call_sid)

    def exchanges(self, call_sid: str) -> list[Exchange]:
        """The call's, in the order in which they came to their end."""
        return self._exchanges.get(call_sid, [])

    def end(self, call_sid: str) -> list[str]:
        """The call is over; the calls that are to be forgotten for it, mostly none."""
        self._over.append(call_sid)
        return [self._over.popleft() for _ in range(self.surplus(len(self._over)))]

    def surplus(self, count: int, *, least: int = 0) -> int:
        """How many of so many are too many, mostly none; of some things at ``least`` so many are kept."""
        if self._keeps is None:
            return 0
        keeps = max(self._keeps, least)
        return count - keeps if count > keeps + keeps // 4 else 0

    @property
    def oldest_over(self) -> str:
        """The call that has been over for longest of those that are kept; empty if there is none."""
        return self._over[0] if self._over else ""

    def forget(self, kept: Container[str]) -> None:
        """Forget all calls but those in ``kept``."""
        self._changed = {sid: version for sid, version in self._changed.items() if sid in kept}
        self._exchanges = {sid: some for sid, some in self._exchanges.items() if sid in kept}
