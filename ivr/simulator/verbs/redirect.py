"""``<Redirect>``: go on with another document; without text, with this one again.

Source: twilio.com/docs/voice/twiml/redirect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.steps import Goto

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str
    method: str

    async def run(self, call: Call) -> Goto:
        call.answer()
        return Goto(self.url, self.method)


def read(element: Element) -> Redirect:
    method = element.method()
    element.only(text=True)
    return Redirect(element.absolute(element.text), method)
