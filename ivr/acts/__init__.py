"""Acts, one performer a file: how the world is asked to do something that must not happen twice.

An act was named by a commit and stands in the outbox until its answer is committed. A *performer* does it (``perform``)
and, when its process died or got no clear answer, finds out what became of it (``find_out``). To add one, copy the
smallest sibling and name it where ``Effects`` is made; an act that has no performer answers ``unavailable``. An
*errand* is an act whose answer no call waits for (``errands.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ivr.acts.pending import KINDS, PendingAct, Undecided, decode_act, encode_act

if TYPE_CHECKING:
    from flows.events import Event

__all__ = ["KINDS", "TAKE_OVER_MS", "PendingAct", "Performer", "Undecided", "decode_act", "encode_act"]

# How long a process may be silent about its act before another takes it over (design: within 2 s).
TAKE_OVER_MS = 2_000


class Performer(Protocol):
    """What a file in this folder offers."""

    def due_ms(self, act: PendingAct, now_ms: int) -> int:
        """Until when nobody else may look after an act whose request leaves us now or is on its way.

        Asked again while the act is performed; whoever wants to be missed soon after its process died answers a little
        later each time.
        """

    async def perform(self, act: PendingAct) -> Event | Undecided:
        """Do it, once; never an exception. Undecided when there was no clear answer."""

    async def find_out(self, act: PendingAct, now_ms: int) -> Event | Undecided | None:
        """What became of an act that was begun; None when it was surely not done, or may be done twice."""
