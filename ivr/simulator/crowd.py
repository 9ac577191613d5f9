"""People who call in: they arrive by chance, wait as long as their patience, talk, and what became of each is counted.

One seed is one course of arrivals, patience and talk, each drawn from a sequence of its own: callers with more patience
arrive at the same moments and have as much to say. On stepped time, with an application that answers alike, two runs
are the same to the millisecond.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.chances import dice
from ivr.simulator.heard import Keys, Words
from ivr.simulator.steps import HangUp

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from ivr.simulator.call import Call
    from ivr.simulator.chances import Distribution
    from ivr.simulator.heard import Heard
    from ivr.simulator.network import Simulator

KEYS = re.compile(r"[0-9*#]+")
FIRST_CALLER = 1_202_600_0000


@dataclass(frozen=True, slots=True)
class Visit:
    """What became of one caller.

    ``outcome`` is ``answered`` by somebody, ``abandoned`` by the caller before that, or ``turned away``: ended by the
    application or the network, or not in service. ``wait_s`` is from the first ring to the answer or the end,
    ``talk_s`` from there to the end (0 if not answered).
    """

    number: str
    call_sid: str
    arrived_ms: int
    outcome: str
    wait_s: float
    talk_s: float


@dataclass(frozen=True, slots=True)
class Nature:
    """What callers are like: the gaps ``between`` arrivals, their ``patience`` (None is endless), their ``talk``.

    ``script`` has an entry for each question they are asked, as for ``Answers``.
    """

    between: Distribution
    talk: Distribution
    patience: Distribution | None = None
    script: Sequence[str] = ()


class Crowd:
    """Callers of ``to``, one of the account's numbers; ``visits`` are those that are over, in the order they ended."""

    def __init__(self, network: Simulator, to: str, nature: Nature, *, seed: int, pace: str = "natural") -> None:
        self.arrived = 0
        self.visits: list[Visit] = []
        self._network = network
        self._to = to
        self._nature = nature
        self._pace = pace
        self._gaps, self._patience, self._talk = (dice(seed, what) for what in ("gaps", "patience", "talk"))

    @property
    def present(self) -> int:
        """Callers on the line."""
        return self.arrived - len(self.visits)

    async def arrive(self, seconds: float) -> None:
        """Let callers arrive for so long, the first after a gap; they may stay for longer."""
        gap_s, left_s = self._gap(), seconds
        while gap_s <= left_s:
            await self._network.time.sleep(gap_s)
            self._call()
            gap_s, left_s = self._gap(), left_s - gap_s

    def _gap(self) -> float:
        """At least a millisecond: however many arrive, time goes on."""
        return max(self._nature.between.draw(self._gaps), 0.001)

    def _call(self) -> None:
        nature = self._nature
        patience_s = None if nature.patience is None else nature.patience.draw(self._patience)
        caller = Caller(self, self._network, nature.script, patience_s, nature.talk.draw(self._talk))
        self.arrived += 1
        caller.dial(f"+{FIRST_CALLER + self.arrived}", self._to, self._pace)

    def count(self) -> dict[str, int]:
        """Callers that are gone, by outcome."""
        outcomes = [visit.outcome for visit in self.visits]
        return {outcome: outcomes.count(outcome) for outcome in ("answered", "abandoned", "turned away")}

    def mean_wait_s(self) -> float:
        """Of those who are gone, whatever became of them; 0 if nobody is."""
        return sum(visit.wait_s for visit in self.visits) / len(self.visits) if self.visits else 0.0


class Caller:
    """One of them: no task, only an ear and an alarm for what comes next."""

    def __init__(
        self, crowd: Crowd, network: Simulator, script: Sequence[str], patience_s: float | None, talk_s: float
    ) -> None:
        self._crowd = crowd
        self._network = network
        self._script = iter(script)
        self._patience_s = patience_s
        self._talk_s = talk_s
        self._number = ""
        self._arrived_ms = 0
        self._connected_ms: int | None = None
        self._is_leaving = False
        self._call: Call | None = None
        self._alarm: asyncio.Future[None] | None = None

    def dial(self, number: str, to: str, pace: str) -> None:
        self._number, self._arrived_ms = number, self._network.time.now_ms()
        if self._patience_s is not None:
            self._hang_up_in(self._patience_s)
        self._call = self._network.place(to, from_=number, ear=self, pace=pace)

    def hear(self, heard: Heard) -> None:
        if heard.kind == "connected" and self._connected_ms is None:
            self._connected_ms = heard.at_ms
            self._hang_up_in(self._talk_s)
        elif heard.kind == "listening" and heard.text != "recording":
            self._reply()
        elif heard.kind == "ended":
            self._leave(heard)

    def _reply(self) -> None:
        entry = next(self._script, None)
        if entry is not None and self._call is not None:
            self._call.take(Keys(entry) if KEYS.fullmatch(entry) else Words(entry))

    def _hang_up_in(self, seconds: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._network.time.alarm(seconds)
        self._alarm.add_done_callback(self._hang_up)

    def _hang_up(self, alarm: asyncio.Future[None]) -> None:
        if not alarm.cancelled() and self._call is not None:
            self._is_leaving = True
            self._call.order(HangUp())

    def _leave(self, ended: Heard) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        until_ms = ended.at_ms if self._connected_ms is None else self._connected_ms
        visit = Visit(
            self._number,
            "" if self._call is None else self._call.sid,
            self._arrived_ms,
            self._outcome(),
            (until_ms - self._arrived_ms) / 1000,
            (ended.at_ms - until_ms) / 1000,
        )
        self._crowd.visits.append(visit)

    def _outcome(self) -> str:
        if self._connected_ms is not None:
            return "answered"
        return "abandoned" if self._is_leaving else "turned away"
