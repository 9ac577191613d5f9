"""The reader: walks a program, one event in, one turn out.

``advance(program, session, event, now) -> Turn`` is the whole engine. It touches nothing: an HTTP request, a message
or a queue is an instruction at the end of a turn, and its answer comes back as the next event. The same program,
session, event and time always give the same turn, which is what makes a journal worth keeping.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.events import CallStarted, FellBack, HungUp
from flows.instructions import Hangup
from flows.session import Session
from flows.walk import End, Leave, Wait, Walk

if TYPE_CHECKING:
    from datetime import datetime

    from flows.events import Event
    from flows.instructions import Instruction
    from flows.program import Program
    from flows.walk import Outcome

STEPS_A_TURN = 100  # goflow: 100 steps a sprint
TURNS_A_CALL = 500  # goflow: 500 sprints a session
FALLBACKS_A_CALL = 2  # a third bug in one call is one too many: apologise and hang up


class FlowStuck(RuntimeError):  # noqa: N818 - it reads as what happened
    """A turn took more than ``STEPS_A_TURN`` steps. A check refuses such loops, so the caller treats it as a bug."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One event's answer: the new session, and what to do, in order.

    At most one question or act, and then it is the last instruction. Otherwise the turn ends with a ``Gather``, with a
    ``Hangup`` (then ``session.ended`` is set), or, after ``HungUp``, with nothing.
    """

    session: Session
    instructions: tuple[Instruction, ...]


def begin(program: Program, *, call_sid: str, caller: str, called: str, now: datetime) -> Session:
    """A new call's session, at the start of its number's flow; a number nobody has named goes to the fallback.

    ``caller`` and ``called`` are in E.164, ``caller`` empty when withheld; ``now`` is an aware UTC datetime.
    """
    flow = program.center.numbers.get(called)
    at = program.center.fallback if flow is None else (flow, program.flows[flow].start)
    return Session(
        program=program.id,
        call_sid=call_sid,
        caller=caller,
        called=called,
        language=program.center.languages[0],
        flow=at[0],
        step=at[1],
        started_ms=int(now.timestamp() * 1000),
    )


def advance(program: Program, session: Session, event: Event, now: datetime) -> Turn:
    """Walk from where the call stands until it waits; ``now`` is an aware UTC datetime.

    An ended call stays ended. Raises ``FlowStuck`` for a turn without an end and KeyError for a session of another
    program; both are bugs, after which the call goes on with ``FellBack``.
    """
    if session.ended is not None:
        return Turn(session, () if isinstance(event, HungUp) else (Hangup(),))
    if isinstance(event, HungUp):
        return Turn(replace(session, ended="hung_up", turns=session.turns + 1, memory={}), ())
    if isinstance(event, FellBack):
        return fall_back(program, session, now)
    walk = set_out(program, session, now)
    if session.turns >= TURNS_A_CALL:
        return give_up(walk)
    entering = isinstance(event, CallStarted) or session.turns == 0
    return follow(walk, enter(walk) if entering else resume(walk, event))


def set_out(program: Program, session: Session, now: datetime) -> Walk:
    """A walk from where the session stands."""
    station = program.flows[session.flow].stations[session.step]
    return Walk(program, session, now, session.flow, station, session.language, session.vars, session.memory)


def enter(walk: Walk) -> Outcome:
    """Begin the step the walk has come to."""
    walk.memory = {}
    return walk.station.step.enter(walk)


def resume(walk: Walk, event: Event) -> Outcome:
    """Give the waiting step what happened."""
    return walk.station.step.resume(walk, event)


def follow(walk: Walk, outcome: Outcome) -> Turn:
    """Go from step to step until one waits or the call ends."""
    for _ in range(STEPS_A_TURN):
        if not isinstance(outcome, Leave):
            return stop(walk, outcome)
        target = walk.station.exits.get(outcome.by)
        if target is None:
            return stop(walk, End())
        walk.flow = target[0]
        walk.station = walk.program.flows[target[0]].stations[target[1]]
        outcome = enter(walk)
    raise FlowStuck(f"{walk.station.place}: more than {STEPS_A_TURN} steps in one turn")


def stop(walk: Walk, outcome: Wait | End) -> Turn:
    """The turn is over: the call waits, or has come to its end."""
    if isinstance(outcome, Wait):
        return Turn(arrived(walk, outcome.memory, None), (*walk.said, outcome.on))
    return Turn(arrived(walk, {}, "finished"), (*walk.said, Hangup()))


def fall_back(program: Program, session: Session, now: datetime) -> Turn:
    """Apologise for a bug of ours and go on at the fallback; when that keeps happening, end the call."""
    flow, step = program.center.fallback
    language = session.language if session.language in program.center.languages else program.center.languages[0]
    sent = replace(
        session, program=program.id, language=language, flow=flow, step=step, fallbacks=session.fallbacks + 1
    )
    walk = set_out(program, sent, now)
    if session.fallbacks >= FALLBACKS_A_CALL or session.turns >= TURNS_A_CALL:
        return give_up(walk)
    walk.said.append(walk.sentence("apology"))
    return follow(walk, enter(walk))


def give_up(walk: Walk) -> Turn:
    """Apologise and end the call."""
    apology = walk.sentence("apology")
    return Turn(arrived(walk, {}, "failed"), (*walk.said, apology, Hangup()))


def arrived(walk: Walk, memory: dict[str, object], ended: str | None) -> Session:
    """The session as the walk leaves it."""
    was = walk.session
    return Session(
        program=was.program,
        call_sid=was.call_sid,
        caller=was.caller,
        called=was.called,
        language=walk.language,
        flow=walk.flow,
        step=walk.station.name,
        started_ms=was.started_ms,
        memory=memory,
        vars=walk.vars,
        turns=was.turns + 1,
        fallbacks=was.fallbacks,
        ended=ended,
    )
