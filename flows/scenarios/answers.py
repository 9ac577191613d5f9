"""How the world of a scenario answers what a flow asks: from what is given, or not at all.

``answer`` gives the event for a question or an act, or None when nothing is given for it; ``wanting`` says then what
was asked, in the words with which a scenario would give it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.bodies import pruned
from flows.events import Answered, EffectFailed
from flows.instructions import Fetch, JoinQueue, LookUp, Observe, PromiseCallback, SendMessage, SendRequest
from flows.scenarios.given import PATTERN

if TYPE_CHECKING:
    from flows.events import Event
    from flows.instructions import Act, Question
    from flows.scenarios.given import Given, Reply

PATIENCE_S = 2  # after which a caller hears ``meanwhile`` (``flows/kinds/http.py``)


@dataclass(slots=True)
class Answers:
    """The world as given; ``used`` counts the replies of each address, for those that answer in turn."""

    given: Given
    used: Counter[str] = field(default_factory=Counter)

    def answer(self, asked: Question | Act) -> Event | None:
        """The answer to a question or an act."""
        match asked:
            case Observe():
                return self._observed(asked)
            case LookUp():
                return self._looked_up(asked)
            case Fetch():
                return self._fetched(asked)
            case SendRequest():
                return self._fetched(asked.fetch)
            case SendMessage():
                sent = self.given.sms == "sent"
                return Answered({"message_sid": "SM1"}) if sent else EffectFailed(self.given.sms)
            case JoinQueue():
                return self._joined(asked)
            case PromiseCallback():
                return self._promised()

    def is_late(self, asked: SendRequest) -> bool:
        """Does the answer take longer than a caller bears silence."""
        reply = self._reply(asked.fetch)
        return reply is not None and (reply.after_s > PATIENCE_S or reply.fails == "timeout")

    def _observed(self, asked: Observe) -> Event:
        return Answered(
            {
                "hours": {name: self.given.closures.get(name) for name in asked.hours},
                "queues": {name: self.given.queues.get(name) for name in asked.queues},
                "customer": self.given.customer if asked.customer else None,
            }
        )

    def _looked_up(self, asked: LookUp) -> Event | None:
        """A customer who is given for the call is found by the number they call from."""
        if asked.value in self.given.lookups:
            found = self.given.lookups[asked.value]
            return EffectFailed(found) if isinstance(found, str) else Answered({"customer": found})
        if asked.by == "phone" and asked.value == self.given.caller:
            return Answered({"customer": self.given.customer})
        return None

    def _fetched(self, asked: Fetch) -> Event | None:
        reply = self._reply(asked)
        pattern = self._pattern(asked)
        if reply is None or pattern is None:
            return None
        self.used[pattern] += 1
        if reply.fails or reply.after_s >= asked.timeout_s:
            return EffectFailed(reply.fails or "timeout")
        return Answered({"status": reply.status, "body": pruned(reply.body, asked.keep)})

    def _reply(self, asked: Fetch) -> Reply | None:
        pattern = self._pattern(asked)
        replies = self.given.http.get(pattern or "", ())
        return replies[min(self.used[pattern or ""], len(replies) - 1)] if replies else None

    def _pattern(self, asked: Fetch) -> str | None:
        return next((one for one in self.given.http if fits(one, asked.method, asked.url)), None)

    def _joined(self, asked: JoinQueue) -> Event:
        outcome = self.given.joins.get(asked.queue, "joined")
        if outcome == "unavailable":
            return EffectFailed(outcome)
        return Answered({"outcome": outcome} | ({"contact": asked.contact} if outcome == "joined" else {}))

    def _promised(self) -> Event:
        if self.given.callbacks == "unavailable":
            return EffectFailed("unavailable")
        return Answered({"outcome": self.given.callbacks, "promise": "PR1", "reason": "the scenario says so"})


def fits(pattern: str, method: str, url: str) -> bool:
    """Is a request one of those that a pattern of ``http`` means; ``*`` in it stands for anything."""
    written = PATTERN.fullmatch(pattern)
    if written is None or written["method"] not in {None, method}:
        return False
    first, *others = written["url"].split("*")
    if not others:
        return url == first
    return url.startswith(first) and _follow(others, url, len(first))


def _follow(parts: list[str], url: str, at: int) -> bool:
    """Do the parts stand in the address one after another from a place on, the last at its end; takes linear time."""
    end = len(url) - len(parts[-1])
    for part in parts[:-1]:
        found = url.find(part, at, max(end, 0))
        if found < 0:
            return False
        at = found + len(part)
    return at <= end and url.endswith(parts[-1])


def wanting(asked: Question | Act) -> str:
    """What was asked and is not given: ``http GET https://shop.example.com/orders/7``."""
    match asked:
        case SendRequest(fetch=fetch):
            return f"http {fetch.method} {fetch.url}"
        case Fetch():
            return f"http {asked.method} {asked.url}"
        case LookUp():
            return f"lookup of {asked.by} {asked.value}"
        case _:
            return type(asked).__name__


def example(asked: Question | Act) -> str:
    """How a scenario would give it."""
    data: Any = asked.fetch if isinstance(asked, SendRequest) else asked
    if isinstance(data, Fetch):
        return f'given: {{http: {{"{data.method} {data.url}": {{status: 200, body: {{…}}}}}}}}'
    return f'given: {{lookup: {{"{data.value}": {{first_name: Ana}}}}}}' if isinstance(data, LookUp) else ""
