"""The runner: performs what the engine asks of the world; every answer goes back to it as an event.

Two sorts (``flows/instructions``). A *question* is asked here and now, before the turn is committed. An *act* was named
by a commit first and stands in the outbox; another process takes it over if ours dies. How each act is performed, and
what became of one that was left behind, its file in ``ivr/acts`` knows. Where the call goes is never decided here.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import structlog

from flows.events import EffectFailed
from flows.instructions import Fetch
from ivr.acts import KINDS, TAKE_OVER_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.events import Event
    from flows.instructions import Act, Question
    from flows.session import Session
    from ivr.acts import PendingAct, Performer, Undecided
    from ivr.acts.errands import Errand
    from ivr.clock import Clock
    from ivr.fetching import Fetcher
    from ivr.observing import Observer
    from ivr.queues import Queues
    from ivr.sealing import Vault

log = structlog.get_logger()


class Effects:
    """Asks questions and performs acts, through the clients it is given."""

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        observer: Observer,
        vault: Vault,
        performers: Mapping[type[Act | Errand], Performer],
        queues: Queues,
        clock: Clock,
    ) -> None:
        self._fetcher = fetcher
        self._observer = observer
        self._vault = vault
        self._performers = performers
        self._queues = queues
        self._clock = clock

    async def attend(self, session: Session) -> Event | None:
        """Tell routing that whoever waits in a queue is there; what moves the call, if that has been missed."""
        return await self._queues.attend(session.group, session.contact) if session.group else None

    async def ask(self, question: Question, *, session: Session, within_s: float) -> Event:
        """The question's answer as an event, within ``within_s``; never an exception."""
        if isinstance(question, Fetch):
            reveal = self._vault.revealing(session.call_sid, session.sealed)
            return await self._fetcher.fetch(question, within_s=within_s, reveal=reveal)
        return await self._observer.ask(question, within_s=within_s)

    def posting(self, act: PendingAct) -> PendingAct:
        """The act as it must stand in the outbox before its request leaves us."""
        return dataclasses.replace(act, posts=act.posts + 1, posted_ms=self._clock.now_ms())

    def due_ms(self, act: PendingAct) -> int:
        """Until when nobody else may look after the act, asked while it is performed."""
        performer = self._performers.get(type(act.instruction))
        now_ms = self._clock.now_ms()
        return now_ms + TAKE_OVER_MS if performer is None else performer.due_ms(act, now_ms)

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Do what the act says, once; its answer as an event, or Undecided when there was no clear one."""
        performer = self._performers.get(type(act.instruction))
        if performer is None:
            log.warning("act_unavailable", act=KINDS[type(act.instruction)])
            return EffectFailed("unavailable")
        return await performer.perform(act)

    async def find_out(self, act: PendingAct) -> Event | Undecided | None:
        """What became of an act whose process died or got no clear answer; None when it is to be performed."""
        performer = self._performers.get(type(act.instruction))
        if act.posts == 0 or performer is None:
            return None
        return await performer.find_out(act, self._clock.now_ms())
