"""Send a text message: an act that the provider has no key for, so it is looked for before it is sent again.

A request that got no clear answer is not repeated until the message's callback stayed away for ten seconds and a
look-up by number, words and time found nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from flows.events import Answered, EffectFailed
from flows.instructions import SendMessage
from ivr.acts.pending import Undecided
from ivr.twilio.rest_errors import RestError, RestNotDoneError, RestRefusedError, RestUnclearError

if TYPE_CHECKING:
    from flows.events import Event
    from ivr.acts.pending import PendingAct
    from ivr.twilio.links import Links
    from ivr.twilio.rest import TwilioRest

log = structlog.get_logger()

# How long a callback may take to tell that an unclear request went through all the same.
CALLBACK_MS = 10_000
# Twilio's clock and ours need not agree to the second.
CLOCK_SLACK_S = 30
MOST_POSTS = 2
# "To" cannot take messages: no mobile number, or no way to reach it (twilio.com/docs/api/errors).
NOT_MOBILE = frozenset({21612, 21614})


class MessageSender:
    """Performs ``SendMessage``."""

    def __init__(self, rest: TwilioRest, links: Links) -> None:
        self._rest = rest
        self._links = links

    def due_ms(self, act: PendingAct, now_ms: int) -> int:
        """Until its callback may have come."""
        del now_ms
        return act.posted_ms + CALLBACK_MS

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Send the message's request, once."""
        message = message_of(act)
        try:
            sid = await self._rest.send_message(
                to=message.to,
                sender=message.sender,
                body=message.body,
                status_callback=self._links.message_status(act.call_sid, act.act_id),
            )
        except RestRefusedError as error:
            log.warning("message_refused", status=error.status, code=error.code)
            return EffectFailed("not_mobile" if error.code in NOT_MOBILE else "refused")
        except RestNotDoneError as error:
            log.warning("message_not_sent", error=str(error))
            return EffectFailed("failed")
        except RestUnclearError as error:
            log.warning("message_unclear", error=str(error))
            return Undecided(act.posted_ms + CALLBACK_MS)
        except Exception:  # a bug of ours: the caller goes on, and nobody sends the message a second time
            log.exception("message_failed")
            return EffectFailed("unknown")
        return sent(sid)

    async def find_out(self, act: PendingAct, now_ms: int) -> Event | Undecided | None:
        """Its callback would have settled it; when that stayed away, the provider's own list is asked."""
        if now_ms < act.posted_ms + CALLBACK_MS:
            return Undecided(act.posted_ms + CALLBACK_MS)
        message = message_of(act)
        since = datetime.fromtimestamp(act.posted_ms / 1000 - CLOCK_SLACK_S, UTC)
        try:
            sid = await self._rest.find_message(
                to=message.to, sender=message.sender, body=message.body, sent_after=since
            )
        except RestError as error:
            log.warning("message_not_found_out", error=str(error))
            return EffectFailed("unknown")
        if sid:
            return sent(sid)
        return EffectFailed("unknown") if act.posts >= MOST_POSTS else None


def sent(message_sid: str) -> Event:
    """The answer to an act whose message is known to be sent."""
    return Answered({"message_sid": message_sid})


def message_of(act: PendingAct) -> SendMessage:
    """The act's own instruction."""
    assert isinstance(act.instruction, SendMessage), "acts are performed by their type"  # noqa: S101 - a bug of ours
    return act.instruction
