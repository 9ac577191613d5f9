"""``<Dial>``: connect the call with somebody else: numbers, clients and SIP addresses, a conference, or a queue.

The action is asked when it is over, also (unheeded) when the caller has hung up; without action the next verb follows.
Source: twilio.com/docs/voice/twiml/dial.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ivr.simulator.dialing import Terms
from ivr.simulator.nouns import conference, parties, queue
from ivr.simulator.problems import DocumentError
from ivr.simulator.steps import Goto, HangUp
from ivr.simulator.verbs import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.steps import Step

LEAST_TIMEOUT_S, MOST_TIMEOUT_S = 5, 600
MOST_PARTIES = 10
RECORD = {
    "do-not-record": 0,
    "false": 0,
    "true": 1,
    "record-from-answer": 1,
    "record-from-ringing": 1,
    "record-from-answer-dual": 2,
    "record-from-ringing-dual": 2,
}
"""Channels of a Dial's recording; one from ringing begins when the two are connected: before, there is nothing."""

ANY_COUNTRY = r"[a-z]{2}(-[a-z]+)?"


class Attempt(Protocol):
    """One connection being made or held."""

    async def run(self) -> None:
        """Return when it is over."""

    def end(self) -> None:
        """Undo whatever still stands, also when the call was taken away."""

    def result(self) -> Parameters:
        """What the action is told, after ``end``."""


class Noun(Protocol):
    """What a Dial connects with."""

    def attempt(self, call: Call, terms: Terms) -> Attempt: ...


SINGLE: Mapping[str, Callable[[Element], Noun]] = {"Conference": conference.read, "Queue": queue.read}
"""Nouns that stand alone in a Dial."""


@dataclass(frozen=True, slots=True)
class Dial:
    noun: Noun
    terms: Terms
    action: str
    method: str
    url: str

    async def run(self, call: Call) -> Goto | None:
        self._check_caller_id(call)
        if not self.terms.answers_on_bridge:
            call.answer()
        attempt = self.noun.attempt(call, self.terms)
        with call.parting(lambda order: self._last(order, attempt)):
            try:
                await attempt.run()
            finally:
                attempt.end()
        return self._next(attempt)

    def _next(self, attempt: Attempt) -> Goto | None:
        return Goto(self.action, self.method, attempt.result()) if self.action else None

    def _last(self, order: Step, attempt: Attempt) -> Goto | None:
        """Only a call that has ended still reports; one that was moved has left its document behind."""
        return self._next(attempt) if isinstance(order, HangUp) else None

    def _check_caller_id(self, call: Call) -> None:
        """13214: a number that is neither ours nor one of this call's, to a telephone."""
        caller_id = self.terms.caller_id
        allowed = {call.from_, call.to, *call.network.numbers}
        if caller_id and caller_id not in allowed and caller_id.startswith("+"):
            raise DocumentError(13214, self.url, f"<Dial> callerId={caller_id!r} is not a number of this account")


def read(element: Element) -> Dial:
    terms = Terms(
        timeout_s=element.integer("timeout", 30, least=LEAST_TIMEOUT_S, most=MOST_TIMEOUT_S),
        time_limit_s=element.integer("timeLimit", 14_400, least=1),
        caller_id=element.string("callerId", fits=r"\+?[^\s]{1,256}"),
        answers_on_bridge=element.flag("answerOnBridge"),
        hangs_up_on_star=element.flag("hangupOnStar"),
        is_sequential=element.flag("sequential"),
        records=RECORD[element.choice("record", "do-not-record", RECORD)],
        recording=record.read_callback(element),
        track=element.choice("recordingTrack", "both", ("inbound", "outbound", "both")),
        trims=record.read_trim(element, "do-not-trim"),
        refer_url=element.url("referUrl"),
        refer_method=element.method("referMethod"),
    )
    element.string("recordingConfigurationId")
    element.string("ringTone", fits=ANY_COUNTRY)
    element.string("callReason", fits=r".{0,50}")
    action, method = element.url("action"), element.method()
    noun = _read_noun(element)
    element.only(children=(*SINGLE, *parties.PARTIES), text=True)
    return Dial(noun, terms, action, method, element.base)


def _read_noun(element: Element) -> Noun:
    """A number as text, one noun that stands alone, or up to ten parties; 13000 when they are mixed."""
    children = element.children
    if not children:
        return parties.Parties((parties.read_number(element),))
    single = [child for child in children if child.name in SINGLE]
    if single and len(children) > 1:
        raise element.error(13000, f"must not hold <{single[0].name}> beside another noun")
    if single:
        return SINGLE[single[0].name](single[0])
    if len(children) > MOST_PARTIES:
        raise element.error(12200, f"holds more than {MOST_PARTIES} parties")
    unknown = next((child.name for child in children if child.name not in parties.PARTIES), "")
    if unknown:
        raise element.error(12200, f"must not hold <{unknown}>")
    return parties.Parties(tuple(parties.PARTIES[child.name](child) for child in children))
