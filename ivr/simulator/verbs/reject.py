"""``<Reject>``: refuse a call that is not answered yet; the first verb of a document or an error.

Source: twilio.com/docs/voice/twiml/reject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.problems import DocumentError
from ivr.simulator.steps import HangUp

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element

FINAL_STATUS = {"rejected": "no-answer", "busy": "busy"}


@dataclass(frozen=True, slots=True)
class Reject:
    reason: str
    url: str

    async def run(self, call: Call) -> HangUp:
        if call.is_answered:
            raise DocumentError(12200, self.url, "<Reject> cannot refuse a call that is answered")
        return HangUp(FINAL_STATUS[self.reason])


def read(element: Element) -> Reject:
    reason = element.choice("reason", "rejected", tuple(FINAL_STATUS))
    element.only()
    return Reject(reason, element.base)
