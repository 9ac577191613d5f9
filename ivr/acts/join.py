"""Let a call wait in a queue: an act that may be begun twice, since a contact that has joined has joined.

What became of one that was left behind the contact itself tells; only where there is none does it join (again).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from flows.events import EffectFailed
from flows.instructions import JoinQueue
from ivr.acts.pending import Undecided
from routing.redis import RedisUnavailable

if TYPE_CHECKING:
    from flows.events import Event
    from ivr.acts.pending import PendingAct
    from ivr.queues import Queues

log = structlog.get_logger()

# How soon another process notices that the one which joins has died.
MISSED_MS = 2_000


class QueueJoiner:
    """Performs ``JoinQueue``."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    def due_ms(self, act: PendingAct, now_ms: int) -> int:
        """Soon: joining takes milliseconds."""
        del act
        return now_ms + MISSED_MS

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Join, once or again."""
        try:
            return await self._queues.join(act.call_sid, join_of(act))
        except RedisUnavailable as error:
            log.warning("join_without_redis", error=str(error))
            return Undecided(act.posted_ms + MISSED_MS)
        except Exception:  # a bug of ours, or a Redis that refuses: the caller goes on at ``failed``
            log.exception("join_failed")
            return EffectFailed("unknown")

    async def find_out(self, act: PendingAct, now_ms: int) -> Event | Undecided | None:
        """By the contact: it waits, or what became of it."""
        del now_ms
        return await self._queues.look_for(join_of(act))


def join_of(act: PendingAct) -> JoinQueue:
    """The act's own instruction."""
    assert isinstance(act.instruction, JoinQueue), "acts are performed by their type"  # noqa: S101 - a bug of ours
    return act.instruction
