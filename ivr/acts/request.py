"""Send a request of a flow to another system: an act when it may change something there, or takes long.

A request that only asks is sent again by whoever takes it over. Any other is sent once: when its process died nobody
can know whether it arrived, so once its time is up the answer is ``unknown``, and the flow goes on at ``failed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.events import EffectFailed
from flows.instructions import SendRequest
from ivr.acts.pending import Undecided

if TYPE_CHECKING:
    from flows.events import Event
    from flows.instructions import Fetch
    from ivr.acts.pending import PendingAct
    from ivr.fetching import Fetcher
    from ivr.sealing import Vault

# A live process is never further behind with its own deadline than this.
SLACK_MS = 1_000
# How soon another process notices that the one which asks has died; renewed while it is alive.
MISSED_MS = 2_000
# Three processes that died over one request: it may be the request.
MOST_POSTS = 3


class RequestSender:
    """Performs ``SendRequest``."""

    def __init__(self, fetcher: Fetcher, vault: Vault) -> None:
        self._fetcher = fetcher
        self._vault = vault

    def due_ms(self, act: PendingAct, now_ms: int) -> int:
        """Soon for a request that may be sent again, else when its own time is surely up."""
        return now_ms + MISSED_MS if fetch_of(act).repeatable else _over_ms(act)

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Send the request within its own time."""
        fetch = fetch_of(act)
        return await self._fetcher.fetch(
            fetch, within_s=fetch.timeout_s, reveal=self._vault.revealing(act.call_sid, act.sealed)
        )

    async def find_out(self, act: PendingAct, now_ms: int) -> Event | Undecided | None:
        """A request that may be sent again is; nobody can find out about another."""
        if fetch_of(act).repeatable:
            return None if act.posts < MOST_POSTS else EffectFailed("unknown")
        return Undecided(_over_ms(act)) if now_ms < _over_ms(act) else EffectFailed("unknown")


def fetch_of(act: PendingAct) -> Fetch:
    """The request that the act sends."""
    assert isinstance(act.instruction, SendRequest), "acts are performed by their type"  # noqa: S101 - a bug of ours
    return act.instruction.fetch


def _over_ms(act: PendingAct) -> int:
    return act.posted_ms + fetch_of(act).timeout_s * 1000 + SLACK_MS
