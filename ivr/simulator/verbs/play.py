"""``<Play>``: play audio fetched by GET, or keypad tones.

A play lasts as long as its audio. Source: twilio.com/docs/voice/twiml/play.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.audio import seconds_of
from ivr.simulator.delivery import Request
from ivr.simulator.heard import Heard

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element

MOST_LOOPS = 1000
TONE_S = 0.2
WAIT_S = {"w": 0.5, "W": 1.0}


@dataclass(frozen=True, slots=True)
class Play:
    """``url`` or ``digits``, never both."""

    url: str
    digits: str
    loops: int

    async def run(self, call: Call) -> None:
        call.answer()
        seconds = await self._fetch(call) if self.url else sum(WAIT_S.get(key, TONE_S) for key in self.digits)
        for _ in range(self.loops or MOST_LOOPS):
            call.hear(Heard("play", self.url or self.digits, seconds=seconds))
            await call.speak_for(seconds)

    async def _fetch(self, call: Call) -> float:
        """How long the audio is, in seconds; raises Problem 11200 family or 13420 when there is none to play."""
        answer = await call.request(Request("media", self.url, "GET", call_sid=call.sid))
        return seconds_of(answer)


def read(element: Element) -> Play:
    """Raises DocumentError 13410 loop, 13430 digits, 11100 neither URL nor digits."""
    loops = element.integer("loop", 1, most=MOST_LOOPS, code=13410)
    digits = element.string("digits", fits=r"[0-9A-DwW#*]+", code=13430)
    element.only(text=True)
    if digits and element.parent == "Gather":
        raise element.error(13430, "inside <Gather> must not have digits")
    if bool(digits) == bool(element.text):
        raise element.error(11100, "needs either a URL or digits")
    return Play("" if digits else element.absolute(element.text), digits, loops)
