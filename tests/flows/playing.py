"""Playing flows in tests: a small centre, a compiled program, a caller made of events, and turns as short words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows import engine
from flows.events import (
    Answered,
    CallStarted,
    Dialed,
    EffectFailed,
    Event,
    FellBack,
    HungUp,
    KeysPressed,
    NothingHeard,
    Recorded,
    SecretKeyed,
    WordsSpoken,
)
from flows.instructions import (
    Dial,
    Fetch,
    Gather,
    Hangup,
    Instruction,
    JoinQueue,
    LookUp,
    Note,
    Notice,
    Observe,
    Pause,
    Play,
    PromiseCallback,
    RecordCaller,
    Recording,
    Say,
    SendMessage,
    SendRequest,
    SurveyAnswer,
)
from flows.kinds.queue import HOLD_MUSIC
from flows.problems import render
from flows.program import Program, compile_program

if TYPE_CHECKING:
    from flows.form import Requirement
    from flows.hidden import Pieces
    from flows.session import Session

CENTER = b"""\
name: Test
timezone: America/New_York
languages: [en-US, es-US]
voices: {en-US: Polly.Joanna}
numbers: {"+12025550100": main}
sender: "+12025550100"
hours:
  office:
    mon-fri: 09:00-17:00
    dates: {2026-12-24: 09:00-12:00, 2026-12-25: holiday}
skills: [billing, spanish]
queues:
  billing:
    require: {billing: 2}
    relax: [{after: 60s, require: {billing: 1}}]
    overflow: {after: 15m}
  operator: {callbacks: {promises: [keep_place]}}
surveys:
  after_call: [{rating: "From 1 to 5?", name: satisfaction}]
fallback: main/start
"""
AUDIO = {
    "prompts/any/chime.wav": "c" * 64,
    "prompts/en-US/hi.wav": "e" * 64,
    "prompts/es-US/hi.wav": "f" * 64,
    "prompts/en-US/english.wav": "a" * 64,
}
AUDIO_NAMES = {digest: path for path, digest in AUDIO.items()} | {HOLD_MUSIC: "hold music"}
MONDAY_MORNING = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 10:00 in New York
STARTS = CallStarted()
SILENT = NothingHeard()


def compiled(flow: str, *, center: bytes = CENTER, **others: str) -> Program:
    """The program of one flow, and of ``others`` by name, given as steps; fails with its problems if it has errors."""
    files = {"center.yaml": center, "flows/main.yaml": flow.encode()}
    files |= {f"flows/{name}.yaml": steps(text).replace("main", name, 1).encode() for name, text in others.items()}
    found = compile_program(files, AUDIO)

    assert found.program is not None, render(found.problems, files)
    return found.program


def steps(text: str, *, start: str = "start") -> str:
    """A flow named ``main`` around some steps, each line of which is moved in by two blanks."""
    return f"flow: main\nstart: {start}\nsteps:\n" + "".join(f"  {line}\n" for line in text.splitlines())


@dataclass
class Player:
    """One call, event by event.

    ``world`` is what everything that the engine observes by itself is answered with; None leaves that to the test.
    """

    program: Program
    now: datetime = MONDAY_MORNING
    caller: str = "+12025550143"
    turns: list[engine.Turn] = field(default_factory=list)
    world: dict[str, Any] | None = field(default_factory=dict)
    observed: list[Observe] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session: Session = engine.begin(
            self.program, call_sid="CA1", caller=self.caller, called="+12025550100", now=self.now
        )

    def plays(self, *events: Event) -> list[str]:
        """What the last of some events is answered with, in short words."""
        for event in events:
            turn = engine.advance(self.program, self.session, event, self.now)
            while self.world is not None and turn.instructions and isinstance(asked := turn.instructions[-1], Observe):
                self.observed.append(asked)
                answer = engine.advance(self.program, turn.session, Answered(self.world), self.now)
                turn = engine.Turn(answer.session, (*turn.instructions[:-1], *answer.instructions))
            self.session = turn.session
            self.turns.append(turn)
        return [word for one in self.turns[-1].instructions for word in short(one)]


def event_of(written: Any) -> Event:
    """``silent``, ``{presses: "1"}`` and the like as an event."""
    name: str
    value: Any
    name, value = next(iter(written.items())) if isinstance(written, dict) else (written, None)
    makers: dict[str, Any] = {
        "starts": CallStarted,
        "silent": NothingHeard,
        "hangs up": HungUp,
        "bug": FellBack,
        "presses": lambda: KeysPressed(value),
        "keys a secret": lambda: SecretKeyed(**value),
        "says": lambda: WordsSpoken(value, 0.9),
        "hardly says": lambda: WordsSpoken(value, 0.3),
        "says, unrated": lambda: WordsSpoken(value, 0.0),
        "answered": lambda: Answered(value),
        "failed": lambda: EffectFailed(value),
        "recorded": lambda: Recorded("RE1", "https://r.example/RE1", **value),
        "dialed": lambda: Dialed(value, 60 if value == "ended" else 0),
    }
    made: Event = makers[name]()
    return made


def short(instruction: Instruction) -> list[str]:
    """An instruction as a person would note it down."""
    match instruction:
        case Say(text=text, language=language):
            return [text if language == "en-US" else f"{language}: {text}"]
        case Gather(prompts=prompts) as gather:
            return [word for one in prompts for word in short(one)] + [_listening(gather)]
        case Play(audio=audio):
            return [f"({AUDIO_NAMES.get(audio, audio[:8])})"]
        case Pause(seconds=seconds):
            return [f"({seconds} s)"]
        case Hangup():
            return ["(hangs up)"]
        case Fetch() as fetch:
            return [f"({_request(fetch)})"]
        case SendRequest(fetch=fetch, meanwhile=meanwhile):
            return [f"({_request(fetch)}, then)", *(f"meanwhile {word}" for one in meanwhile for word in short(one))]
        case LookUp(by=by, value=value):
            return [f"(looks up {by} {value})"]
        case Observe(hours=hours, queues=queues, customer=customer):
            return [f"(observes {', '.join((*hours, *queues, *filter(None, [customer])))})"]
        case SendMessage(to=to, sender=sender, body=body):
            return [f"(text from {sender} to {to}: {body})"]
        case Note(text=text):
            return [f"(note: {text})"]
        case Notice(code=code, place=place, text=text):
            return [f"(notice {code} at {place}: {text})"]
        case RecordCaller() as record:
            beep = "beep, " if record.beep else ""
            keys = record.finish_on_key
            return [f"({beep}records {record.longest_s} s, until {record.silence_s} s of silence or {keys})"]
        case Dial() as dial:
            shown = f" as {dial.caller_id}" if dial.caller_id else ""
            return [f"(dials {dial.sort} {dial.to}{shown} for {dial.ring_s} s, at most {dial.longest_s} s)"]
        case JoinQueue() as join:
            overflow = "" if join.overflow_s is None else f", until {join.overflow_s} s"
            back = f", back within {join.return_within_s} s" if join.return_within_s else ""
            return [f"(joins {join.queue} for {_asked(join)}{overflow}{back})"]
        case PromiseCallback() as promise:
            at = "" if promise.at_ms is None else f" {promise.at_ms}"
            called = f"{promise.queue} calls {promise.number} back, {promise.promise}{at}"
            return [f"({called}, for {_asked(promise)}, with {promise.vars})"]
        case Recording() as kept:
            return [f"(keeps {kept.purpose} {kept.recording_sid} for {kept.name}, {kept.duration_s} s)"]
        case SurveyAnswer() as answer:
            given = answer.recording_sid if answer.rating is None else answer.rating
            return [f"({answer.survey}: {answer.question} {given})"]
    raise AssertionError(instruction)


def _asked(act: JoinQueue | PromiseCallback) -> str:
    """What an act asks of routing: ``billing 3, then after 45 s billing 1, priority 2, last for 20 s``."""
    levels = [_skills(act.require), *(f"then after {after_s} s {_skills(skills)}" for after_s, skills in act.relax)]
    levels += [f"priority {act.priority}"] if act.priority else []
    return ", ".join(levels + ([f"{act.prefer} for {act.prefer_s} s"] if act.prefer else []))


def _skills(require: Requirement) -> str:
    return " and ".join(f"{skill} {level}" for skill, level in require) or "anybody"


def _request(fetch: Fetch) -> str:
    headers = "".join(f" {name}: {_with_gaps(value)}" for name, value in fetch.headers)
    body = "" if fetch.body is None else f" {_with_gaps(fetch.body)}"
    often = f" up to {fetch.attempts} times" if fetch.attempts > 1 else ""
    return f"{fetch.method} {fetch.url} within {fetch.timeout_s} s{often}{headers}{body}"


def _with_gaps(pieces: Pieces) -> str:
    return "".join(
        piece if isinstance(piece, str) else f"<{piece.sort}.{piece.name} as {piece.written}>" for piece in pieces
    )


def _listening(gather: Gather) -> str:
    digits = "until " + gather.finish_on_key if gather.num_digits is None else f"{gather.num_digits}"
    keys = f"keys {digits}" if gather.keys else "no keys"
    return f"(listens {gather.timeout_s} s, {keys}{', words' if gather.speech else ''})"
