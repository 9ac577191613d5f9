"""``<Leave>``: leave the queue; it stands in the documents of those who wait.

Source: twilio.com/docs/voice/twiml/leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.problems import DocumentError
from ivr.simulator.steps import Quit

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element


@dataclass(frozen=True, slots=True)
class Leave:
    url: str

    async def run(self, call: Call) -> Quit:
        if not call.network.queues.holds(call):
            raise DocumentError(12200, self.url, "<Leave> stands where nobody waits in a queue")
        return Quit()


def read(element: Element) -> Leave:
    element.only()
    return Leave(element.base)
