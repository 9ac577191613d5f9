"""The reader: walks a program, one event in, one turn out.

``advance(program, session, event, now) -> Turn`` is the whole engine. It touches nothing: an HTTP request, a message
or a queue is an instruction at the end of a turn, and its answer comes back as the next event. The same program,
session, event and time always give the same turn, which is what makes a journal worth keeping.

Before a step that goes by the world outside (opening hours closed by hand, a queue, who calls) the engine itself asks
how things stand (``Observe``), and goes on with the answer within the same turn; a step that needs nothing costs
nothing. What could not be found out is unknown, and the call goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flows.events import CallStarted, FellBack, HungUp, Recorded, decode
from flows.instructions import Hangup
from flows.looking import holding, learn, look, whole
from flows.session import Session
from flows.walk import End, Into, Leave, Wait, Walk

if TYPE_CHECKING:
    from datetime import datetime

    from flows.events import Event
    from flows.flow import Target
    from flows.instructions import Instruction
    from flows.program import Program
    from flows.walk import Outcome

STEPS_A_TURN = 100  # goflow: 100 steps a sprint
TURNS_A_CALL = 500  # goflow: 500 sprints a session
FALLBACKS_A_CALL = 2  # a third bug in one call is one too many: apologise and hang up
END = End()
KEPT = "kept_recording"  # in the memory of a call that has ended: the recording it came with


class FlowStuck(RuntimeError):  # noqa: N818 - it reads as what happened
    """A turn took more than ``STEPS_A_TURN`` steps. A check refuses such loops, so the caller treats it as a bug."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One event's answer: the new session, and what to do, in order.

    At most one question or act, and then it is the last instruction. Otherwise the turn ends with a ``Gather``, a
    ``RecordCaller`` or a ``Dial``, with a ``Hangup`` (then ``session.ended`` is set), or, after ``HungUp``, with
    nothing. In an ``idle`` one nothing happened: who waits goes on waiting.
    """

    session: Session
    instructions: tuple[Instruction, ...]
    idle: bool = False


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

    An ended call stays ended, unless what ended it could not be said (``FellBack``). Raises ``FlowStuck`` for a turn
    without an end and KeyError for a session of another program; both are bugs, after which the call goes on with
    ``FellBack``.
    """
    if isinstance(event, Recorded) and event.hung_up:
        return keep(program, session, event, now) if still_hears(session, event) else Turn(session, ())
    if session.ended is not None and not (isinstance(event, FellBack) and session.ended == "finished"):
        return Turn(session, () if isinstance(event, HungUp) else (Hangup(),))
    if isinstance(event, HungUp):
        return Turn(hung_up(session, session.memory), ())
    if isinstance(event, FellBack):
        return fall_back(program, session, now)
    walk = set_out(program, session, now)
    if session.turns >= TURNS_A_CALL:
        return give_up(walk)
    if session.held is not None:
        walk.world = session.held["world"]
        if session.held["then"] is not None:
            return follow(walk, observed(walk, session.held["then"], event))
    entering = isinstance(event, CallStarted) or session.turns == 0
    return follow(walk, enter(walk) if entering else resume(walk, event))


def still_hears(session: Session, event: Event) -> bool:
    """Does the event mean anything to the call: one that has ended hears only of a recording it has not kept."""
    if session.ended is None:
        return True
    return isinstance(event, Recorded) and session.memory.get(KEPT) != event.recording_sid


def keep(program: Program, session: Session, event: Recorded, now: datetime) -> Turn:
    """The caller hung up while being recorded: what they said is kept, though the call goes nowhere any more."""
    walk = set_out(program, session, now)
    walk.station.step.left(walk, event)
    return Turn(hung_up(session, {**session.memory, KEPT: event.recording_sid}), tuple(walk.said))


def hung_up(session: Session, memory: dict[str, Any]) -> Session:
    """The session of a call that is over; its step keeps its memory for a recording that comes late."""
    ended = session.ended or "hung_up"
    return replace(session, ended=ended, turns=session.turns + 1, **(emptied() | {"memory": memory}))


def set_out(program: Program, session: Session, now: datetime) -> Walk:
    """A walk from where the session stands."""
    station = program.flows[session.flow].stations[session.step]
    return Walk(
        program=program,
        session=session,
        now=now,
        flow=session.flow,
        station=station,
        language=session.language,
        vars=session.vars,
        memory=session.memory,
        stack=session.stack,
        sealed=session.sealed,
        customer=session.customer,
    )


def enter(walk: Walk) -> Outcome:
    """Begin the step the walk has come to."""
    walk.memory = {}
    if walk.station.needs is not None:
        question = look(walk, {"do": "enter"})
        if question is not None:
            return question
    return walk.station.step.enter(walk)


def resume(walk: Walk, event: Event) -> Outcome:
    """Give the waiting step what happened."""
    if walk.station.needs is not None:
        question = look(walk, {"do": "resume", "event": whole(event)})
        if question is not None:
            return question
    return walk.station.step.resume(walk, event)


def follow(walk: Walk, outcome: Outcome) -> Turn:
    """Go from step to step until one waits or the call ends."""
    for _ in range(STEPS_A_TURN):
        if isinstance(outcome, Leave):
            target = walk.station.exits.get(outcome.by)
            if target is not None:
                outcome = arrive(walk, target)
            elif walk.stack:
                outcome = come_back(walk, "failed" if outcome.by == "failed" else "next")
            else:
                return stop(walk, END)
        elif isinstance(outcome, Into):
            outcome = go_into(walk, outcome)
        else:
            return stop(walk, outcome)
    raise FlowStuck(f"{walk.station.place}: more than {STEPS_A_TURN} steps in one turn")


def arrive(walk: Walk, target: Target) -> Outcome:
    """Come to a step."""
    walk.flow = target[0]
    walk.station = walk.program.flows[target[0]].stations[target[1]]
    return enter(walk)


def stop(walk: Walk, outcome: Wait | End) -> Turn:
    """The turn is over: the call waits, or has come to its end."""
    if isinstance(outcome, Wait):
        held = holding(walk, outcome) if walk.world or walk.then else None
        after = arrived(walk, outcome.memory, None, held)
        if outcome.idle:
            return Turn(replace(after, turns=walk.session.turns), (*walk.said, outcome.on), idle=True)
        return Turn(after, (*walk.said, outcome.on))
    return Turn(arrived(walk, {}, "finished"), (*walk.said, Hangup()))


# --- subflows --------------------------------------------------------------------------------------------------------


def go_into(walk: Walk, into: Into) -> Outcome:
    """Begin a subflow with variables of its own; the step that it comes back to waits on the stack."""
    frame = {"flow": walk.flow, "step": walk.station.name, "vars": walk.vars}
    walk.stack = [*walk.stack, frame]
    walk.replace_vars(into.vars)
    return arrive(walk, (into.flow, walk.program.flows[into.flow].start))


def come_back(walk: Walk, by: str) -> Outcome:
    """A subflow has come to its end: go on at the step that went into it, by its exit ``next`` or ``failed``."""
    frame = walk.stack[-1]
    walk.flow, walk.station = frame["flow"], walk.program.flows[frame["flow"]].stations[frame["step"]]
    question = look(walk, {"do": "come_back", "by": by}) if walk.station.needs is not None else None
    if question is not None:
        return question
    walk.stack = walk.stack[:-1]
    return walk.station.step.back(walk, by, frame["vars"])


# --- what is true of the world ---------------------------------------------------------------------------------------


def observed(walk: Walk, then: dict[str, Any], event: Event) -> Outcome:
    """Take in the answer to a question of our own, and do what was to be done when it is there."""
    learn(walk, event)
    if then["do"] == "enter":
        return enter(walk)
    return come_back(walk, then["by"]) if then["do"] == "come_back" else resume(walk, decode(then["event"]))


# --- ends ------------------------------------------------------------------------------------------------------------


def fall_back(program: Program, session: Session, now: datetime) -> Turn:
    """Apologise for a bug of ours and go on at the fallback; when that keeps happening, end the call.

    It is no subflow: the call leaves those it was in, and has the variables from before them.
    """
    flow, step = program.center.fallback
    language = session.language if session.language in program.center.languages else program.center.languages[0]
    sent = replace(
        session,
        program=program.id,
        language=language,
        flow=flow,
        step=step,
        vars=session.stack[0]["vars"] if session.stack else session.vars,
        fallbacks=session.fallbacks + 1,
        ended=None,
        **emptied(),
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


def emptied() -> dict[str, Any]:
    """What outlasts neither a call nor its way to the fallback."""
    return {"memory": {}, "stack": [], "sealed": {}, "held": None}


def arrived(walk: Walk, memory: dict[str, Any], ended: str | None, held: dict[str, Any] | None = None) -> Session:
    """The session as the walk leaves it; a question of the engine's own is no turn of the call."""
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
        turns=was.turns + (walk.then is None),
        fallbacks=was.fallbacks,
        ended=ended,
        stack=walk.stack if ended is None else [],
        sealed=walk.sealed if ended is None else {},
        customer=walk.customer,
        held=held,
    )
