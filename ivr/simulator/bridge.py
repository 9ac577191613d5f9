"""Two calls that hear each other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ivr.simulator.heard import Heard, Keys, Noise, Words

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.heard import Input

STAR = "*"


class Bridge:
    """Joins ``one`` and ``other`` until ``part``; with ``ends_on_star`` a ``*`` of ``one`` is the end."""

    def __init__(self, one: Call, other: Call, *, ends_on_star: bool = False) -> None:
        self.over = asyncio.Event()
        self.began_ms = one.network.time.now_ms()
        self.seconds = 0
        self._calls = (one, other)
        self._ends_on_star = ends_on_star
        self._ears = (
            one.tape.outbound.overhear(other.tape.inbound, self.began_ms),
            other.tape.outbound.overhear(one.tape.inbound, self.began_ms),
        )
        for call, whom in ((one, other.to), (other, one.from_)):
            call.place = self
            call.hear(Heard("connected", whom))

    def hears(self, listener: Call, speaker: Call) -> bool:
        return listener is not speaker

    def carry(self, speaker: Call, given: Input) -> None:
        one, other = self._calls
        (other if speaker is one else one).hear(sound_of(given))
        if self._ends_on_star and speaker is one and isinstance(given, Keys) and STAR in given.keys:
            self.over.set()

    def part(self) -> None:
        """End it; a second time changes nothing."""
        if any(call.place is self for call in self._calls):
            now_ms = self._calls[0].network.time.now_ms()
            self.seconds = round((now_ms - self.began_ms) / 1000)
            for ear in self._ears:
                ear.cut(now_ms)
        for call in self._calls:
            if call.place is self:
                call.place = None
        self.over.set()


def sound_of(given: Input) -> Heard:
    """What others hear of somebody's words or keys."""
    if isinstance(given, Words):
        return Heard("voice", given.words)
    if isinstance(given, Noise):
        return Heard("audio", seconds=given.seconds)
    return Heard("tones", given.keys) if isinstance(given, Keys) else Heard("pause")
