"""``<Hangup>``: end the call; an unanswered one is answered first, and billed.

Source: twilio.com/docs/voice/twiml/hangup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.steps import HangUp

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element


@dataclass(frozen=True, slots=True)
class Hangup:
    async def run(self, call: Call) -> HangUp:
        call.answer()
        return HangUp()


def read(element: Element) -> Hangup:
    element.only()
    return Hangup()
