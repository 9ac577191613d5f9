"""The lines of a played call: who did what, in words, and which step of the flow it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.instructions import (
    Dial,
    Hangup,
    JoinQueue,
    Note,
    Notice,
    Pause,
    PromiseCallback,
    RecordCaller,
    Say,
    SendMessage,
    SurveyAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.flow import Station
    from flows.instructions import Instruction

BUILT_IN = "music"  # what is played where the workspace has no recording


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: ``who`` is ``flow``, ``caller``, ``agent`` or ``world``; ``station`` the flow's step."""

    who: str
    text: str
    station: Station | None = None
    instruction: Instruction | None = None


def is_speech(line: Line) -> bool:
    """Is it something that was said to the caller."""
    return isinstance(line.instruction, Say)


def told_of(one: Instruction) -> str:
    """What an instruction does, in the words of a conversation; empty for what nobody notices."""
    match one:
        case Say(text=text):
            return text
        case Pause(seconds=seconds):
            return f"{seconds} s of silence"
        case RecordCaller():
            return "records"
        case Dial(to=to, sort=sort):
            return "" if sort == "conference" else f"dials {to}"
        case Hangup():
            return "hangs up"
        case SendMessage(to=to, body=body):
            return f"texts {to}: {body}"
        case JoinQueue(queue=queue):
            return f"joins the queue {queue}"
        case PromiseCallback(number=number, queue=queue, promise=promise):
            return f"promises that {queue} will call {number} back ({promise})"
        case Note(text=text):
            return f"notes: {text}"
        case Notice(code=code, text=text):
            return f"{code}: {text}"
        case SurveyAnswer(question=question, rating=rating):
            return f"keeps {question}: {'a recording' if rating is None else rating}"
    return ""


def who_said(
    instructions: tuple[Instruction, ...], said: list[tuple[Instruction, Station]]
) -> Iterator[Station | None]:
    """The step that each instruction came from; None for the engine's own words."""
    at = 0
    for one in instructions:
        found = next((index for index in range(at, len(said)) if said[index][0] is one), None)
        at = at if found is None else found + 1
        yield None if found is None else said[found][1]
