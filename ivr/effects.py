"""The runner: performs what the engine asks of the world; every answer goes back to it as an event.

Two sorts (``flows/instructions``). A *question* is asked here and now, before the turn is committed. An *act* was named
by a commit first and stands in the outbox; another process takes it over if ours dies. Since Twilio has no idempotency
key, an act whose request got no clear answer is not repeated until its callback stayed away for ten seconds and a
look-up found nothing. Where the call goes is never decided here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from flows.events import Answered, EffectFailed
from flows.instructions import INSTRUCTIONS, NAMES
from ivr.twilio.rest_errors import RestError, RestNotDoneError, RestRefusedError, RestUnclearError

if TYPE_CHECKING:
    from flows.events import Event
    from flows.instructions import Act, Question, SendMessage
    from ivr.clock import Clock
    from ivr.fetching import Fetcher
    from ivr.twilio.links import Links
    from ivr.twilio.rest import TwilioRest

log = structlog.get_logger()

# How long a process may be silent about its act before another takes it over (design: within 2 s).
TAKE_OVER_MS = 2_000
# How long a callback may take to tell that an unclear request went through all the same.
CALLBACK_MS = 10_000
# Twilio's clock and ours need not agree to the second.
CLOCK_SLACK_S = 30
MOST_POSTS = 2


@dataclass(frozen=True, slots=True)
class PendingAct:
    """An act under way, as the outbox keeps it.

    ``posts`` counts the requests begun for it, ``posted_ms`` is when the last of them began (0 before the first).
    """

    act_id: str
    call_sid: str
    instruction: Act
    posts: int = 0
    posted_ms: int = 0


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody can tell yet whether the act was done; look again at ``again_ms``."""

    again_ms: int


def encode_act(act: PendingAct) -> bytes:
    """The act as JSON for the outbox."""
    data = {field.name: getattr(act, field.name) for field in dataclasses.fields(act)}
    return orjson.dumps(data | {"kind": NAMES[type(act.instruction)]})


def decode_act(text: bytes) -> PendingAct:
    """The act that ``encode_act`` wrote."""
    data: dict[str, Any] = orjson.loads(text)
    kind = INSTRUCTIONS[data.pop("kind")]
    return PendingAct(**(data | {"instruction": kind(**data["instruction"])}))


class Effects:
    """Asks questions and performs acts, through the clients it is given."""

    def __init__(self, *, fetcher: Fetcher, rest: TwilioRest, links: Links, clock: Clock) -> None:
        self._fetcher = fetcher
        self._rest = rest
        self._links = links
        self._clock = clock

    async def ask(self, question: Question, *, within_s: float) -> Event:
        """The question's answer as an event, within ``within_s``; never an exception."""
        return await self._fetcher.fetch(question, within_s=within_s)

    def posting(self, act: PendingAct) -> PendingAct:
        """The act as it must stand in the outbox before its request leaves us."""
        return dataclasses.replace(act, posts=act.posts + 1, posted_ms=self._clock.now_ms())

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Send the act's request, once; its answer as an event, or Undecided when there was no clear one."""
        message: SendMessage = act.instruction
        try:
            sid = await self._rest.send_message(
                to=message.to,
                sender=message.sender,
                body=message.body,
                status_callback=self._links.message_status(act.call_sid, act.act_id),
            )
        except RestRefusedError as error:
            log.warning("message_refused", status=error.status, code=error.code)
            return EffectFailed("refused")
        except RestNotDoneError as error:
            log.warning("message_not_sent", error=str(error))
            return EffectFailed("failed")
        except RestUnclearError as error:
            log.warning("message_unclear", error=str(error))
            return Undecided(self.callback_due_ms(act))
        except Exception:  # a bug of ours: the caller goes on, and nobody sends the message a second time
            log.exception("message_failed")
            return EffectFailed("unknown")
        return self.sent(sid)

    def callback_due_ms(self, act: PendingAct) -> int:
        """Until when the act's callback may take to tell of a request that got no clear answer."""
        return act.posted_ms + CALLBACK_MS

    def sent(self, message_sid: str) -> Event:
        """The answer to an act whose message is known to be sent."""
        return Answered({"message_sid": message_sid})

    async def find_out(self, act: PendingAct) -> Event | Undecided | None:
        """What became of an act whose process died or got no clear answer; None when it was surely not done.

        Its callback would have settled it; when that stayed away, the provider's own list is asked.
        """
        if act.posts == 0:
            return None
        if self._clock.now_ms() < act.posted_ms + CALLBACK_MS:
            return Undecided(self.callback_due_ms(act))
        message: SendMessage = act.instruction
        since = datetime.fromtimestamp(act.posted_ms / 1000 - CLOCK_SLACK_S, UTC)
        try:
            sid = await self._rest.find_message(
                to=message.to, sender=message.sender, body=message.body, sent_after=since
            )
        except RestError as error:
            log.warning("message_not_found_out", error=str(error))
            return EffectFailed("unknown")
        if sid:
            return self.sent(sid)
        return EffectFailed("unknown") if act.posts >= MOST_POSTS else None
