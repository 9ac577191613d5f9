"""Acts left behind: found by every process, taken over by one.

An act stands in its partition's outbox from the commit that names it until the commit that answers it. Every process
looks at all partitions in one pipeline ten times a second; whoever claims a due act (``lua/claim.lua``) finishes it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from ivr.acts import TAKE_OVER_MS
from ivr.logs import about_call
from routing.redis import RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from ivr.acts import PendingAct
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
            except Exception:  # whatever one sweep met, the next one follows
                log.exception("outbox_sweep_failed")

    async def sweep(self) -> int:
        """Begin to take over every act that is due now; how many. One slow provider must not hold up the others."""
        now_ms = self._clock.now_ms()
        taken = 0
        for part, act_id in await self._sessions.due_acts(now_ms):
            act = await self._claim(part, act_id, now_ms)
            if act is not None:
                taken += 1
                with about_call(act.call_sid):
                    self._desk.begin_take_over(act)
        return taken

    async def _claim(self, part: str, act_id: str, now_ms: int) -> PendingAct | None:
        try:
            return await self._sessions.claim(part, act_id, now_ms=now_ms, next_ms=now_ms + TAKE_OVER_MS)
        except (ValueError, TypeError, LookupError) as error:
            # Another version's: a process that can read it may come by; the call waits no longer than MOST_HOLDS.
            log.warning("act_unreadable", act=act_id, error=type(error).__name__)
            return None
