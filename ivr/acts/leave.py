"""End the contact of a call that waits no longer: an errand, so that it is done though its process was killed.

May be done twice: a contact that has ended has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from flows.events import Answered
from ivr.acts.errands import LeaveQueue
from ivr.acts.pending import Undecided
from routing.redis import RedisUnavailable

if TYPE_CHECKING:
    from flows.events import Event
    from ivr.acts.pending import PendingAct
    from ivr.queues import Queues

log = structlog.get_logger()

MISSED_MS = 2_000


class QueueLeaver:
    """Performs ``LeaveQueue``."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    def due_ms(self, act: PendingAct, now_ms: int) -> int:
        """Soon: leaving takes milliseconds."""
        del act
        return now_ms + MISSED_MS

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Leave, once or again."""
        errand = act.instruction
        assert isinstance(errand, LeaveQueue), "acts are performed by their type"  # noqa: S101 - a bug of ours
        try:
            await self._queues.leave(errand.group, errand.contact, errand.outcome)
        except RedisUnavailable as error:
            log.warning("leave_without_redis", error=str(error))
            return Undecided(act.posted_ms + MISSED_MS)
        except Exception:  # a bug of ours; trying for ever would not mend it
            log.exception("leave_failed", contact=errand.contact)
        return Answered({"outcome": "left"})

    async def find_out(self, act: PendingAct, now_ms: int) -> Event | Undecided | None:
        """It may be done twice."""
        del act, now_ms
        return None
