"""Move a call that waits: let the provider fetch a turn that we have committed already.

Whatever comes of it the call goes on, since the document it is hearing leads to the same turn: an update that fails
costs the caller the rest of the music, and one that is made twice some words heard again. Who has entered a conference
by then is not torn out of it. A call that cannot be moved because it is over has hung up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from flows.events import Answered, HungUp
from flows.session import UnknownFormatError
from ivr.acts.errands import MoveCall
from ivr.acts.pending import Undecided
from ivr.twilio.rest_errors import RestError, RestRefusedError
from routing.redis import RedisError

if TYPE_CHECKING:
    from flows.events import Event
    from ivr.acts.pending import PendingAct
    from ivr.meeting.legs import Legs
    from ivr.sessions import Sessions
    from ivr.twilio.links import Links
    from ivr.twilio.rest import TwilioRest

log = structlog.get_logger()

MISSED_MS = 2_000
# After which the caller has long gone on by the music's end.
MOST_POSTS = 5
# "Call is not in-progress", and a call that the provider knows nothing of (twilio.com/docs/api/errors).
OVER = frozenset({21220, 20404})


class CallMover:
    """Performs ``MoveCall``."""

    def __init__(self, rest: TwilioRest, links: Links, sessions: Sessions, legs: Legs) -> None:
        self._rest = rest
        self._links = links
        self._sessions = sessions
        self._legs = legs

    def due_ms(self, act: PendingAct, now_ms: int) -> int:
        """Soon: an update may be made twice."""
        del act
        return now_ms + MISSED_MS

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Update the call, unless it has gone on since the first attempt."""
        move = act.instruction
        assert isinstance(move, MoveCall), "acts are performed by their type"  # noqa: S101 - a bug of ours
        if act.posts > 1 and await self._has_gone_on(act.call_sid, move.turn):
            return Answered({"outcome": "moved"})
        try:
            await self._rest.move_call(act.call_sid, self._links.turn(act.call_sid, move.turn))
        except RestRefusedError as error:
            log.warning("call_not_moved", status=error.status, code=error.code)
            return HungUp() if error.code in OVER else Answered({"outcome": "refused"})
        except RestError as error:
            log.warning("call_not_moved", error=str(error), posts=act.posts)
            return Undecided(act.posted_ms + MISSED_MS) if act.posts < MOST_POSTS else Answered({"outcome": "given_up"})
        except Exception:  # a bug of ours; the call goes on by itself
            log.exception("call_move_failed")
        return Answered({"outcome": "moved"})

    async def find_out(self, act: PendingAct, now_ms: int) -> Event | Undecided | None:
        """It may be done twice."""
        del act, now_ms
        return None

    async def _has_gone_on(self, call_sid: str, turn: int) -> bool:
        try:
            if (await self._sessions.turn_of(call_sid) or 0) > turn:
                return True
            record = await self._sessions.load(call_sid)
            room = "" if record is None else record.session.conference
            return bool(room) and await self._legs.has_entered(room, call_sid)
        except (RedisError, UnknownFormatError):
            return False
