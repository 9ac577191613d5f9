"""``<Connect>``: hand the call over to an application that listens and speaks itself, until that is over.

Then the action is asked, also (unheeded) when the caller has hung up; without action the next verb follows. A stream
that cannot be made is over at once. Source: twilio.com/docs/voice/twiml/connect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.nouns import stream
from ivr.simulator.steps import Goto, HangUp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.steps import Step
    from ivr.simulator.streams import Stream

NOUNS: Mapping[str, Callable[[Element], stream.Stream]] = {"Stream": stream.read_connected}


@dataclass(frozen=True, slots=True)
class Connect:
    noun: stream.Stream
    action: str
    method: str

    async def run(self, call: Call) -> Goto | None:
        call.answer()
        session = self.noun.connect(call)
        with call.parting(lambda order: self._last(order, session)):
            try:
                await call.within(None, session.over.wait())
            finally:
                session.stop()
        return self._next(session)

    def _next(self, session: Stream) -> Goto | None:
        if not self.action:
            return None
        name = (("StreamName", session.wishes.name),) if session.wishes.name else ()
        error = (("StreamError", session.error),) if session.error else ()
        return Goto(self.action, self.method, (("StreamSid", session.sid), *name, *error))

    def _last(self, order: Step, session: Stream) -> Goto | None:
        """Only a call that has ended still reports; one that was moved has left its document behind."""
        return self._next(session) if isinstance(order, HangUp) else None


def read(element: Element) -> Connect:
    """Raises DocumentError 12200 for anything but exactly one noun."""
    children = element.children
    action, method = element.url("action"), element.method()
    element.only(children=NOUNS)
    if len(children) != 1:
        raise element.error(12200, f"must hold exactly one of {', '.join(NOUNS)}")
    return Connect(NOUNS[children[0].name](children[0]), action, method)
