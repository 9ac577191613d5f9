"""One turn, walked: the engine is called until the turn waits for the caller, ends, or names an act.

Questions are answered between two calls of the engine; what it wants to be said and written down is gathered. A bug of
ours on the way is an event like any other: the caller hears an apology and goes on at the workspace's fallback.
"""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from flows.engine import advance
from flows.events import FellBack
from flows.instructions import ACTS, QUESTIONS, RECORDS, Hangup, Observe
from ivr.sentences import say

if TYPE_CHECKING:
    from flows.events import Event
    from flows.instructions import Act, Instruction, Question, Record, Spoken
    from flows.program import Program
    from flows.session import Session
    from ivr.effects import Effects

log = structlog.get_logger()

# Questions of one turn; each may take seconds, so the engine's limit of steps would come too late.
MOST_QUESTIONS = 10
# What a turn keeps of its time for its commit, after its last question.
COMMIT_RESERVE_S = 1.0
# A question with no time left is still asked, and times out by name, instead of being skipped.
LEAST_QUESTION_S = 0.05


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a turn; ``failed`` tells that ``advance`` broke on it, which is a bug of ours."""

    event: Event
    failed: bool = False


@dataclass(slots=True)
class Exchange:
    """A turn while it is walked, and what came of it.

    ``until`` is when it must be answered, on the loop's clock; ``began`` tells that the session was made in this turn.
    ``idle`` tells that nothing happened in it: the caller waits as before.
    ``happened`` holds every event in order, ``instructions`` all that the engine asked for; ``spoken``, ``records`` and
    ``act`` are the same, sorted.
    """

    program: Program
    session: Session
    now_ms: int
    until: float
    began: bool = False
    happened: list[Happened] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    act: Act | None = None
    idle: bool = False

    async def run(self, event: Event, effects: Effects) -> Exchange:
        """Walk ``event``, asking the questions that come up. Returns itself, walked."""
        await self._ask(self.step(event), effects)
        return self

    async def _ask(self, question: Question | None, effects: Effects) -> None:
        until = self.until - COMMIT_RESERVE_S
        asked_for = 0
        while question is not None:
            # What the engine observes by itself is asked once for each name, and so comes to an end.
            asked_for += not isinstance(question, Observe)
            if asked_for > MOST_QUESTIONS:
                log.error("too_many_questions", place=self.place, most=MOST_QUESTIONS)
                asked_for, question = 0, self.step(FellBack())
                continue
            within_s = max(LEAST_QUESTION_S, until - asyncio.get_running_loop().time())
            question = self.step(await effects.ask(question, session=self.session, within_s=within_s))

    @property
    def place(self) -> str:
        return f"{self.session.flow}/{self.session.step}"

    def step(self, event: Event) -> Question | None:
        """One call of the engine; the question it stops at, if it does."""
        try:
            turn = advance(self.program, self.session, event, datetime.fromtimestamp(self.now_ms / 1000, UTC))
        except Exception:
            log.exception("flow_failed", place=self.place)
            self.happened.append(Happened(event, failed=True))
            if not isinstance(event, FellBack):
                return self.step(FellBack())
            self._give_up()
            return None
        self.session, self.idle = turn.session, turn.idle
        self.happened.append(Happened(event))
        self.instructions += turn.instructions
        return self._sort(turn.instructions)

    async def fall_back(self, why: str, effects: Effects) -> bool:
        """Instead of what was to be said, apologise and go on at the fallback; False when that was done before."""
        if any(isinstance(one.event, FellBack) for one in self.happened):
            return False
        log.error("turn_given_up", place=self.place, why=why)
        self.spoken, self.act = [], None
        await self._ask(self.step(FellBack()), effects)
        return True

    def _sort(self, instructions: tuple[Instruction, ...]) -> Question | None:
        question: Question | None = None
        for instruction in instructions:
            if isinstance(instruction, RECORDS):
                self.records.append(instruction)
            elif isinstance(instruction, ACTS):
                self.act = instruction
            elif isinstance(instruction, QUESTIONS):
                question = instruction
            else:
                self.spoken.append(instruction)
        return question

    def _give_up(self) -> None:
        """Even the fallback broke: an apology and the end is the last thing that cannot."""
        self.session = dataclasses.replace(self.session, ended="failed")
        self.spoken = [say("apology", self.program, self.session.language), Hangup()]
