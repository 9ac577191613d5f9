"""One call as a scenario plays it: what people do goes in, what happens is a list of lines.

A ``Call`` drives the engine as the call desk does: questions and acts are answered from what is given, until the flow
waits for the caller. It stands in for the telephone too: a key that nothing listens for is refused with a reason, and a
caller who waits in a queue is held, overflows and meets an agent as the scenario says. Time stands still but for what
moves let pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flows import engine
from flows.events import (
    Answered,
    CallStarted,
    Dialed,
    FellBack,
    HungUp,
    KeysPressed,
    NothingHeard,
    Recorded,
    SecretKeyed,
    WordsSpoken,
)
from flows.hidden import conceal
from flows.instructions import (
    ACTS,
    QUESTIONS,
    Dial,
    Gather,
    JoinQueue,
    Play,
    PromiseCallback,
    RecordCaller,
    Recording,
    SendRequest,
)
from flows.phrases.language import plain
from flows.scenarios.answers import Answers
from flows.scenarios.lines import BUILT_IN, Line, is_speech, told_of, who_said

if TYPE_CHECKING:
    from datetime import datetime

    from flows.events import Event
    from flows.flow import Station
    from flows.instructions import Act, Instruction, Question
    from flows.scenarios.given import Given
    from flows.scenarios.stage import Stage
    from flows.session import Session

ANSWERS_A_TURN = 50  # of other systems, until the caller is asked something
HOLD_S = 20  # a queue's hold document is about as long as one round of music
TALK_S = 60  # how long a conversation lasts of which nothing is said


@dataclass(slots=True)
class Call:
    """Where the call is, and what has happened; ``since`` is where the present turn begins in ``lines``.

    ``waiting`` is what the flow waits on: a ``Gather``, a ``RecordCaller`` or a ``Dial``. ``unanswered`` is what it
    asks and nobody has given; ``stuck`` why it cannot go on at all. ``queue`` is what the caller waits for.
    """

    stage: Stage
    answers: Answers
    session: Session
    now: datetime
    lines: list[Line] = field(default_factory=list)
    since: int = 0
    heard_to: int = 0
    waiting: Gather | RecordCaller | Dial | None = None
    unanswered: Question | Act | None = None
    stuck: str = ""
    queue: JoinQueue | None = None
    waited_s: int = 0
    facts: set[str] = field(default_factory=set)

    # --- what people do

    def start(self) -> None:
        """Ring, and be answered."""
        self._go_on(CallStarted())

    def press(self, keys: str) -> str:
        """Press keys; why that is impossible, else nothing. So for all the others."""
        gather, shown = self.waiting, "•" * len(keys) if self.is_secret() else keys
        if not isinstance(gather, Gather) or not gather.keys:
            return f"the caller presses {shown}, but {self.state()}"
        digits, finish, rest = keys.partition(gather.finish_on_key) if gather.finish_on_key else (keys, "", "")
        if rest:
            return f"the caller presses {shown}, but {finish} ends the input, and nothing listens for what follows"
        if gather.num_digits is not None and len(digits) > gather.num_digits:
            keys_taken = f"{gather.num_digits} key{'' if gather.num_digits == 1 else 's'}"
            return f"the caller presses {shown}, but the flow takes {keys_taken} here"
        self._do("caller", "presses", KeysPressed(digits), keys)
        return ""

    def speak(self, words: str, confidence: float) -> str:
        if not isinstance(self.waiting, Gather) or not self.waiting.speech:
            return f'the caller says "{words}", but {self.state()}'
        self._do("caller", "says", WordsSpoken(words, confidence), f'"{words}"')
        return ""

    def stay_silent(self) -> str:
        if isinstance(self.waiting, RecordCaller):
            return self.record(self.waiting.silence_s)
        if self.in_line or not isinstance(self.waiting, Gather):
            return f"the caller stays silent, but {self.state()}"
        self._do("caller", "stays silent", NothingHeard())
        return ""

    def record(self, seconds: int, key: str = "", *, hangs_up: bool = False) -> str:
        """Speak after the tone for a while; a key, the hang-up or silence ends it."""
        if not isinstance(self.waiting, RecordCaller):
            return f"the caller speaks after the tone, but {self.state()}"
        self.now += timedelta(seconds=seconds)
        told = f"speaks for {seconds} s" + (f", presses {key}" if key else ", hangs up" if hangs_up else "")
        length = min(seconds, self.waiting.longest_s)
        self._do("caller", told, Recorded("RE1", "https://recordings.example/RE1", length, key, hangs_up))
        return ""

    def wait(self, seconds: int) -> str:
        """Let time pass: in a queue the caller waits on, at a question they stay silent as often as it takes."""
        self._begin_turn("caller", f"waits {seconds} s")
        left = seconds
        while left > 0 and self.session.ended is None and not self.unanswered and not self.stuck:
            if self.in_line:
                left -= self._hold(left)
            elif isinstance(self.waiting, Gather) and left >= self.waiting.timeout_s:
                left -= self.waiting.timeout_s
                self.now += timedelta(seconds=self.waiting.timeout_s)
                self._go_on(NothingHeard())
            else:
                self.now += timedelta(seconds=left)
                return ""
        return ""

    def leave_queue(self, outcome: str) -> str:
        """The queue gives the caller back: overflow, nobody there, closed and the like."""
        if not self.in_line:
            return f"the queue says {outcome}, but {self.state()}"
        self._do("world", f"the queue: {outcome}", Answered({"outcome": outcome}))
        return ""

    def meet_agent(self) -> str:
        if not self.in_line:
            return f"an agent answers, but {self.state()}"
        self._do("agent", "answers", Answered({"outcome": "connected", "conference": "CF1"}))
        self.facts.add("handled")
        return ""

    def decline(self) -> str:
        """An agent declines: the caller waits on, and hears nothing of it."""
        if not self.in_line:
            return f"an agent declines, but {self.state()}"
        self._begin_turn("agent", "declines")
        return ""

    def other_side(self, status: str, seconds: int = TALK_S) -> str:
        """What became of a connection: ``ended``, ``busy``, ``no_answer`` or ``failed``."""
        if not isinstance(self.waiting, Dial):
            return f"the other side: {status}, but {self.state()}"
        who = "agent" if self.waiting.sort == "conference" else "world"
        talked_s = seconds if status == "ended" else 0
        self.now += timedelta(seconds=talked_s)
        if status == "ended" and who == "world":
            self.facts.add("transferred")
        told = "hangs up" if status == "ended" else status
        self._do(who, told if who == "agent" else f"the other side: {told}", Dialed(status, talked_s))
        return ""

    def fall_back(self) -> str:
        """A fault of ours: the call goes on at the workspace's fallback."""
        if self.session.ended is not None:
            return f"the server fails, but {self.state()}"
        self._do("world", "the server fails", FellBack())
        return ""

    def hang_up(self) -> str:
        if self.session.ended is not None:
            return f"the caller hangs up, but {self.state()}"
        if self.in_line:
            self.facts.add("abandoned")
        if isinstance(self.waiting, Dial) and self.waiting.sort != "conference":
            self.facts.add("transferred")
        self._do("caller", "hangs up", HungUp())
        return ""

    # --- how it stands

    @property
    def in_line(self) -> bool:
        """Does the caller wait in the queue, and talk with nobody yet."""
        return self.queue is not None and not isinstance(self.waiting, Dial)

    def state(self) -> str:
        """Where the call stands, as the end of a sentence: ``the call has ended``."""
        if self.session.ended is not None:
            return {"hung_up": "the caller has hung up"}.get(self.session.ended, "the call has ended")
        where = f"({self.place()})"
        match self.waiting:
            case Dial(sort="conference"):
                return f"the caller is talking with an agent {where}"
            case Dial(to=to):
                return f"the caller is being connected with {to} {where}"
            case RecordCaller():
                return f'the caller is being recorded {where}; write "records: 10s"'
            case Gather() if self.queue is not None:
                return f"the caller is waiting in {self.queue.queue} {where}"
            case Gather(keys=keys, speech=speech):
                heard = "keys and words" if keys and speech else "words" if speech else "keys"
                return f"the flow listens for {heard} here {where}"
        return f"the flow does not listen {where}"

    def place(self) -> str:
        return f"{self.session.flow}/{self.session.step}"

    def ending(self) -> set[str]:
        """Every word that is true of the call's end."""
        if self.session.ended is None:
            return self.facts | ({"queued"} if self.in_line else set())
        return self.facts | {self.session.ended}

    def turn(self) -> list[Line]:
        """What has happened since somebody did something."""
        return self.lines[self.since :]

    def is_secret(self) -> bool:
        """Will what the caller keys in now be sealed."""
        hidden = conceal(self.stage.program, self.session, KeysPressed("0"), _stand_in)
        return isinstance(hidden, SecretKeyed)

    def verdict(self, keys: str) -> tuple[int, str]:
        """What is known of keys that are sealed: how many, and what is wrong with them."""
        hidden = conceal(self.stage.program, self.session, KeysPressed(keys), _stand_in)
        return (hidden.length, hidden.wrong) if isinstance(hidden, SecretKeyed) else (len(keys), "")

    def answer(self, event: Event) -> None:
        """Give the answer that was missing."""
        self.unanswered = None
        self._go_on(event)

    def spoken(self) -> str:
        """All that the turn has said, in comparable words with a blank around each."""
        return f" {' '.join(filter(None, (plain(line.text) for line in self.turn() if is_speech(line))))} "

    # --- driving the engine

    def _do(self, who: str, told: str, event: Event, what: str = "") -> None:
        hidden = conceal(self.stage.program, self.session, event, _stand_in)
        if isinstance(hidden, SecretKeyed) and hidden is not event:
            what = f"{'•' * hidden.length} ({hidden.length} keys, sealed)"
        self._begin_turn(who, f"{told} {what}".strip())
        self._go_on(hidden)

    def _begin_turn(self, who: str, told: str) -> None:
        self.since, self.heard_to = len(self.lines), 0
        self.stage.trace.path.clear()
        self.lines.append(Line(who, told))

    def _hold(self, most_s: int) -> int:
        """Wait in the queue for a while; the seconds it took."""
        assert self.queue is not None, "only who waits in a queue is held"  # noqa: S101 - a bug of ours
        until_s = self.queue.overflow_s
        passed = min(most_s, HOLD_S if until_s is None else min(HOLD_S, until_s - self.waited_s))
        self.waited_s += passed
        self.now += timedelta(seconds=passed)
        if until_s is not None and self.waited_s >= until_s:
            self._go_on(Answered({"outcome": "overflow"}))
        elif passed == HOLD_S:
            self._go_on(NothingHeard())
        return passed

    def _go_on(self, event: Event | None) -> None:
        """Advance until the flow waits for somebody, or asks what nobody has given."""
        for _ in range(ANSWERS_A_TURN):
            if event is None:
                return
            self.stage.trace.said.clear()
            try:
                turn = engine.advance(self.stage.program, self.session, event, self.now)
            except engine.FlowStuck as error:
                self.stuck = str(error)
                return
            self.session = turn.session
            event = self._take(turn.instructions)
        self.stuck = f"{self.place()}: other systems are asked again and again, and the caller never"

    def _take(self, instructions: tuple[Instruction, ...]) -> Event | None:
        """Note what the turn says; the answer to what it asks, None when it waits for somebody."""
        for one, station in zip(instructions, who_said(instructions, self.stage.trace.said), strict=True):
            self._note(one, station)
        self.waiting = None
        if self.queue is not None and (self.session.ended is not None or self.place() != self.queue.place):
            self.queue = None
        last = instructions[-1] if instructions else None
        if isinstance(last, (*QUESTIONS, *ACTS)):
            return self._answer(last)
        if isinstance(last, (Gather, RecordCaller, Dial)):
            self.waiting = last
        return None

    def _answer(self, asked: Question | Act) -> Event | None:
        if isinstance(asked, SendRequest) and self.answers.is_late(asked):
            for one in asked.meanwhile:
                self._note(one, self.lines[-1].station)
        event = self.answers.answer(asked)
        if event is None:
            self.unanswered = asked
        elif isinstance(asked, JoinQueue) and isinstance(event, Answered) and event.value["outcome"] == "joined":
            self.queue, self.waited_s = asked, 0
        elif isinstance(asked, PromiseCallback) and isinstance(event, Answered):
            self.facts |= {"callback"} if event.value["outcome"] == "promised" else set()
        return event

    def _note(self, one: Instruction, station: Station | None) -> None:
        if isinstance(one, Gather):
            for prompt in one.prompts:
                self._note(prompt, station)
        if isinstance(one, Recording) and one.purpose == "voicemail":
            self.facts.add("voicemail")
        text = self.stage.recordings.get(one.audio, BUILT_IN) if isinstance(one, Play) else told_of(one)
        self.lines.append(Line("flow", text, station, one))


def begin(stage: Stage, given: Given) -> Call:
    """A call that has not rung yet."""
    program, sid = stage.program, stage.asked if given.surveyed else stage.spared
    session = engine.begin(program, call_sid=sid, caller=given.caller, called=given.called, now=given.at)
    changed: dict[str, Any] = {"vars": dict(given.vars)}
    if given.flow:
        changed |= {"flow": given.flow, "step": program.flows[given.flow].start}
    if given.language:
        changed["language"] = given.language
    return Call(stage, Answers(given), replace(session, **changed), given.at)


def _stand_in(_value: str, name: str) -> str:
    """Seals nothing: a scenario only needs to know that there is something."""
    return f"sealed {name}"
