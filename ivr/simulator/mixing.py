"""Who hears whom in a conference, on the tapes: a clip for each pair, as long as one hears the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.sound.tape import Track

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ivr.simulator.call import Call
    from ivr.simulator.conference import Conference
    from ivr.simulator.sound.tape import Clip

ROOM = ""


class Mixer:
    """``said`` is what the room as a whole hears, which is what is recorded of it."""

    def __init__(self, conference: Conference) -> None:
        self.said = Track()
        self._conference = conference
        self._ears: dict[tuple[str, str], Clip] = {}

    def tune(self, call: Call, others: Iterable[Call]) -> None:
        """``call`` has come, gone or changed: who hears it now, and whom does it hear among ``others``."""
        room = self._conference
        for other in others:
            self._set(other.sid, other.tape.outbound, call, is_heard=room.hears(other, call))
            self._set(call.sid, call.tape.outbound, other, is_heard=room.hears(call, other))
        self._set(ROOM, self.said, call, is_heard=room.is_heard(call))

    def _set(self, listener: str, track: Track, speaker: Call, *, is_heard: bool) -> None:
        now_ms, pair = speaker.network.time.now_ms(), (listener, speaker.sid)
        if is_heard and pair not in self._ears:
            self._ears[pair] = track.overhear(speaker.tape.inbound, now_ms)
        elif not is_heard and pair in self._ears:
            self._ears.pop(pair).cut(now_ms)
