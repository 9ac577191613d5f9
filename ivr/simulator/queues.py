"""Queues: calls that wait in the order they came, and whoever takes the first of them.

A queue is made when a call first enters one of its name. Source: twilio.com/docs/voice/twiml/enqueue;
…/voice/api/queue-resource.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.simulator.bridge import Bridge
    from ivr.simulator.call import Call
    from ivr.simulator.clock import Time
    from ivr.simulator.parameters import Parameters

MAX_SIZE = 1000
LARGEST_MAX_SIZE = 5000


@dataclass(slots=True, eq=False)
class Handover:
    """A waiting call in the hands of ``taker``; ``done`` when either of them has left the other."""

    taker: Call
    url: str
    method: str
    ends_on_star: bool
    bridge: Bridge | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self) -> None:
        """A second time changes nothing."""
        if self.bridge is not None:
            self.bridge.part()
        self.done.set()


@dataclass(slots=True, eq=False)
class Member:
    """A call that waits, or waited ``left_ms - entered_ms``; ``taken`` holds a handover once somebody takes it."""

    call: Call
    entered_ms: int
    left_ms: int | None = None
    handover: Handover | None = None
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    is_gone: bool = False

    @property
    def wait_s(self) -> int:
        until_ms = self.call.network.time.now_ms() if self.left_ms is None else self.left_ms
        return (until_ms - self.entered_ms) // 1000

    def hand_over(self, handover: Handover) -> None:
        self.handover = handover
        self.taken.set()


class Queue:
    """``members`` wait, first come first."""

    def __init__(self, time: Time, name: str, max_size: int = MAX_SIZE) -> None:
        self.sid = f"QU{uuid.uuid4().hex}"
        self.name = name
        self.max_size = max_size
        self.created_ms = time.now_ms()
        self.members: list[Member] = []
        self._time = time
        self._takers: deque[asyncio.Future[Member]] = deque()

    @property
    def average_wait_s(self) -> int:
        """Of those who wait now."""
        return sum(member.wait_s for member in self.members) // len(self.members) if self.members else 0

    def join(self, call: Call) -> Member | None:
        """A place at the end; None when the queue is full."""
        if len(self.members) >= self.max_size:
            return None
        member = Member(call, self._time.now_ms())
        self.members.append(member)
        self._serve()
        return member

    def leave(self, member: Member) -> None:
        """A second time changes nothing."""
        if member in self.members:
            self.members.remove(member)
            member.left_ms = self._time.now_ms()

    def position(self, member: Member) -> int:
        """From 1; 0 for one who has left."""
        return self.members.index(member) + 1 if member in self.members else 0

    async def take(self) -> Member:
        """The first who waits, as soon as there is one; takers are served in the order they came, too.

        Who is given to a taker that has just gone keeps the place.
        """
        taker: asyncio.Future[Member] = asyncio.get_running_loop().create_future()
        self._takers.append(taker)
        self._serve()
        try:
            return await taker
        except asyncio.CancelledError:
            if taker.done() and not taker.cancelled() and not taker.result().is_gone:
                self._take_back(taker.result())
            raise
        finally:
            if taker in self._takers:
                self._takers.remove(taker)

    def _take_back(self, member: Member) -> None:
        member.left_ms = None
        self.members.insert(0, member)
        self._serve()

    def _serve(self) -> None:
        while self.members and self._takers:
            taker = self._takers.popleft()
            if not taker.done():
                member = self.members[0]
                self.leave(member)
                taker.set_result(member)

    def about(self, member: Member) -> Parameters:
        """What a wait document is told."""
        return (
            ("QueuePosition", str(self.position(member))),
            *self.outcome(member),
            ("AvgQueueTime", str(self.average_wait_s)),
            ("CurrentQueueSize", str(len(self.members))),
            ("MaxQueueSize", str(self.max_size)),
        )

    def outcome(self, member: Member) -> Parameters:
        return (("QueueSid", self.sid), ("QueueTime", str(member.wait_s)))


class Queues:
    """Every queue of the account, by sid."""

    def __init__(self, time: Time) -> None:
        self.queues: dict[str, Queue] = {}
        self._time = time

    def find(self, name: str) -> Queue | None:
        """By sid or by name."""
        by_name = (queue for queue in self.queues.values() if queue.name == name)
        return self.queues.get(name) or next(by_name, None)

    def open(self, name: str, max_size: int = MAX_SIZE) -> Queue:
        """The queue called ``name``; a new one if there is none."""
        queue = self.find(name)
        if queue is None:
            queue = Queue(self._time, name, max_size)
            self.queues[queue.sid] = queue
        return queue

    def holds(self, call: Call) -> bool:
        """Whether ``call`` waits in one of them."""
        return any(member.call is call for queue in self.queues.values() for member in queue.members)
