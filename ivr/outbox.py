"""Acts left behind: found by every process, taken over by one.

An act stands in its partition's outbox from the commit that names it until the commit that answers it. Every process
looks at all partitions in one pipeline ten times a second; whoever claims a due act (``lua/claim.lua``) finishes it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from ivr.effects import TAKE_OVER_MS
from ivr.logs import about_call
from routing.redis import RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from ivr.calls import CallDesk
    from ivr.clock import Clock
    from ivr.sessions import Sessions

log = structlog.get_logger()

SWEEP_S = 0.1


class OutboxSweeper:
    """Takes over the acts of processes that died."""

    def __init__(self, *, sessions: Sessions, desk: CallDesk, clock: Clock) -> None:
        self._sessions = sessions
        self._desk = desk
        self._clock = clock

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.sweep()
            except RedisUnavailable:
                continue  # the connection comes back by itself, and the acts wait in Redis
            except RedisRefused as error:
                log.warning("outbox_sweep_refused", error=str(error))
            except Exception:  # one broken act must not stop the taking over of the others
                log.exception("outbox_sweep_failed")

    async def sweep(self) -> int:
        """Take over every act that is due now; how many."""
        now_ms = self._clock.now_ms()
        taken = 0
        for part, act_id in await self._sessions.due_acts(now_ms):
            act = await self._sessions.claim(part, act_id, now_ms=now_ms, next_ms=now_ms + TAKE_OVER_MS)
            if act is not None:
                taken += 1
                with about_call(act.call_sid):
                    await self._desk.take_over(act)
        return taken
