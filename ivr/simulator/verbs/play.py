"""``<Play>``: play audio fetched by GET, or keypad tones.

A play lasts as long as its audio. Source: twilio.com/docs/voice/twiml/play.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.delivery import Request
from ivr.simulator.heard import Heard
from ivr.simulator.sound import tones

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.sound.sounds import Sound

MOST_LOOPS = 1000


@dataclass(frozen=True, slots=True)
class Play:
    """``url`` or ``digits``, never both."""

    url: str
    digits: str
    loops: int

    async def run(self, call: Call) -> None:
        call.answer()
        sound = await self._fetch(call) if self.url else tones.keypad(self.digits)
        for _ in range(self.loops or MOST_LOOPS):
            await call.let_hear(Heard("play", self.url or self.digits, seconds=sound.seconds), sound)

    async def _fetch(self, call: Call) -> Sound:
        """The audio; raises Problem 11200 family or 13420 when there is none to play."""
        answer = await call.request(Request("media", self.url, "GET", call_sid=call.sid))
        library = call.network.library
        sound = library.read(answer)
        if call.is_overheard:
            with call.network.time.working():
                await library.prepare(sound)
        return sound


def read(element: Element) -> Play:
    """Raises DocumentError 13410 loop, 13430 digits, 11100 neither URL nor digits."""
    loops = element.integer("loop", 1, most=MOST_LOOPS)
    digits = element.string("digits", fits=r"[0-9A-DwW#*]+")
    element.only(text=True)
    if digits and element.parent == "Gather":
        raise element.error(13430, "inside <Gather> must not have digits")
    if bool(digits) == bool(element.text):
        raise element.error(11100, "needs either a URL or digits")
    return Play("" if digits else element.absolute(element.text), digits, loops)
