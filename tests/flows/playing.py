"""Playing flows in tests: a small centre, a compiled program, a caller made of events, and turns as short words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows import engine
from flows.events import (
    Answered,
    CallStarted,
    EffectFailed,
    Event,
    FellBack,
    HungUp,
    KeysPressed,
    NothingHeard,
    WordsSpoken,
)
from flows.instructions import (
    Fetch,
    Gather,
    Hangup,
    Instruction,
    Note,
    Notice,
    Pause,
    Play,
    Say,
    SendMessage,
)
from flows.problems import render
from flows.program import Program, compile_program

if TYPE_CHECKING:
    from flows.session import Session

CENTER = b"""\
name: Test
timezone: America/New_York
languages: [en-US, es-US]
voices: {en-US: Joanna}
numbers: {"+12025550100": main}
sender: "+12025550100"
hours:
  office:
    mon-fri: 09:00-17:00
    dates: {2026-12-24: 09:00-12:00, 2026-12-25: holiday}
fallback: main/start
"""
AUDIO = {"prompts/any/chime.wav": "c" * 64, "prompts/en-US/hi.wav": "e" * 64, "prompts/es-US/hi.wav": "f" * 64}
MONDAY_MORNING = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 10:00 in New York
STARTS = CallStarted()
SILENT = NothingHeard()


def compiled(flow: str, *, center: bytes = CENTER) -> Program:
    """The program of one flow; fails with its problems when it has errors."""
    files = {"center.yaml": center, "flows/main.yaml": flow.encode()}
    found = compile_program(files, AUDIO)

    assert found.program is not None, render(found.problems, files)
    return found.program


def steps(text: str, *, start: str = "start") -> str:
    """A flow named ``main`` around some steps, each line of which is moved in by two blanks."""
    return f"flow: main\nstart: {start}\nsteps:\n" + "".join(f"  {line}\n" for line in text.splitlines())


@dataclass
class Player:
    """One call, event by event."""

    program: Program
    now: datetime = MONDAY_MORNING
    caller: str = "+12025550143"
    turns: list[engine.Turn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session: Session = engine.begin(
            self.program, call_sid="CA1", caller=self.caller, called="+12025550100", now=self.now
        )

    def plays(self, *events: Event) -> list[str]:
        """What the last of some events is answered with, in short words."""
        for event in events:
            turn = engine.advance(self.program, self.session, event, self.now)
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
        "says": lambda: WordsSpoken(value, 0.9),
        "answered": lambda: Answered(value),
        "failed": lambda: EffectFailed(value),
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
            return [next((f"({path})" for path, digest in AUDIO.items() if digest == audio), f"({audio[:8]})")]
        case Pause(seconds=seconds):
            return [f"({seconds} s)"]
        case Hangup():
            return ["(hangs up)"]
        case Fetch() as fetch:
            body = "" if fetch.json is None else f" {fetch.json}"
            return [f"({fetch.method} {fetch.url} within {fetch.timeout_s} s{body})"]
        case SendMessage(to=to, sender=sender, body=body):
            return [f"(text from {sender} to {to}: {body})"]
        case Note(text=text):
            return [f"(note: {text})"]
        case Notice(code=code, place=place, text=text):
            return [f"(notice {code} at {place}: {text})"]
    raise AssertionError(instruction)


def _listening(gather: Gather) -> str:
    digits = "until " + gather.finish_on_key if gather.num_digits is None else f"{gather.num_digits}"
    return f"(listens {gather.timeout_s} s, keys {digits}{', words' if gather.speech else ''})"
