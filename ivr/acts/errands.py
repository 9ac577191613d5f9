"""Errands: acts that no call waits for.

Like any act they are named by a commit, stand in the outbox and are taken over when their process dies; only what they
answer is nobody's next event, but for a call that is found to be over.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The call no longer waits as ``contact``: end it with ``outcome`` (``abandoned``, ``failed``).

    ``group`` is empty when the call had not been told yet which one keeps it.
    """

    contact: str
    group: str
    outcome: str


@dataclass(frozen=True, slots=True)
class MoveCall:
    """We decided where the call goes: let the provider fetch ``turn``, which has been answered already."""

    turn: int


@dataclass(frozen=True, slots=True)
class RingAgent:
    """An agent is offered the call, as ``contact`` for the ``generation``-th time: ring their telephone ``to``.

    ``sender`` is the number of ours that they see.
    """

    group: str
    contact: str
    agent: str
    generation: int
    to: str
    sender: str


Errand = LeaveQueue | MoveCall | RingAgent
ERRANDS: dict[str, type[Errand]] = {"leave_queue": LeaveQueue, "move_call": MoveCall, "ring_agent": RingAgent}
