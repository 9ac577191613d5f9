"""``<Refer>``: ask the telephone of a call by SIP to call somebody else in place of us.

The action is told what became of the new call, also (unheeded) when the caller hangs up meanwhile; without action the
next verb follows. A telephone that was put through hangs up a moment later. Source: twilio.com/docs/voice/twiml/refer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.call import SIP_CODES, Call
from ivr.simulator.problems import DocumentError
from ivr.simulator.steps import Goto, HangUp

if TYPE_CHECKING:
    from ivr.simulator.elements import Element
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.steps import Step

NOT_SIP = 13801
ADDRESS = r"sips?:[^@\s]+@[^\s]+"
SIP = ("sip:", "sips:")
LONGEST_RINGING_S = 60
PARTING_S = 1.0
"""From being put through until the telephone leaves us."""

ACCEPTED, NOT_ALLOWED, RINGING, OK = 202, 405, 180, 200


@dataclass(frozen=True, slots=True)
class Refer:
    target: str
    action: str
    method: str
    url: str

    async def run(self, call: Call) -> Goto | None:
        call.answer()
        far_end = call.from_ if call.direction == "inbound" else call.to
        if not far_end.startswith(SIP):
            raise DocumentError(NOT_SIP, self.url, f"<Refer> needs a call by SIP, not one with {far_end}")
        if not getattr(call.ear, "takes_transfers", True):
            return self._next(_outcome("failed", NOT_ALLOWED))
        with call.parting(self._last):
            status = await self._ring(call, far_end)
        if status == "answered":
            call.network.spawn(_leave(call))
            return self._next(_outcome("in-progress", ACCEPTED, OK))
        return self._next(_outcome(status, ACCEPTED, SIP_CODES[status]))

    async def _ring(self, call: Call, far_end: str) -> str:
        """What becomes of the call the telephone makes, which is none of the account's."""
        theirs = Call(call.network, to=self.target, from_=far_end, direction="outbound-dial")
        line = call.network.people.find(self.target)
        try:
            status = await call.within(LONGEST_RINGING_S, line.ring(theirs)) or "no-answer"
            if status == "answered":
                theirs.answer()
            return status
        finally:
            theirs.finish()

    def _next(self, outcome: Parameters) -> Goto | None:
        return Goto(self.action, self.method, outcome) if self.action else None

    def _last(self, order: Step) -> Goto | None:
        return self._next(_outcome("canceled", ACCEPTED, RINGING)) if isinstance(order, HangUp) else None


def _outcome(status: str, response: int, notified: int | None = None) -> Parameters:
    told = (("NotifySipResponseCode", str(notified)),) if notified else ()
    return (("ReferCallStatus", status), ("ReferSipResponseCode", str(response)), *told)


async def _leave(call: Call) -> None:
    await call.network.time.sleep(PARTING_S)
    call.order(HangUp())


def read(element: Element) -> Refer:
    """Raises DocumentError 13801 without a SIP address to go to."""
    children = element.children
    action, method = element.url("action"), element.method()
    element.only(children=("Sip",))
    if [child.name for child in children] != ["Sip"] or not element.matches(ADDRESS, children[0].text):
        raise element.error(NOT_SIP, "needs one <Sip> that holds a SIP address")
    children[0].only(text=True)
    return Refer(children[0].text, action, method, element.base)
