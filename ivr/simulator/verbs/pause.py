"""``<Pause>``: silence for ``length`` seconds; at the beginning of a call it delays the answer.

Source: twilio.com/docs/voice/twiml/pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.heard import Heard

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element


@dataclass(frozen=True, slots=True)
class Pause:
    length_s: int

    async def run(self, call: Call) -> None:
        call.hear(Heard("pause", seconds=self.length_s))
        await call.spend(self.length_s)
        call.answer()


def read(element: Element) -> Pause:
    length_s = element.integer("length", 1, least=1)
    element.only()
    return Pause(length_s)
