"""What a turn asks the world to do: one instruction a file.

Four sorts, told apart by what must happen to them:

- *spoken* instructions become the answer to the provider (``ivr/twilio/twiml.py``);
- a *question* is asked before the turn is committed; its answer is the next event of the same turn;
- an *act* is named by a commit, performed after it, and its answer is the next turn;
- a *record* is written to the journal and changes nothing.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flows.instructions.fetch import Fetch
from flows.instructions.gather import Gather
from flows.instructions.hangup import Hangup
from flows.instructions.note import Note
from flows.instructions.notice import Notice
from flows.instructions.pause import Pause
from flows.instructions.play import Play
from flows.instructions.say import Say
from flows.instructions.send_message import SendMessage

__all__ = [
    "ACTS",
    "INSTRUCTIONS",
    "NAMES",
    "QUESTIONS",
    "RECORDS",
    "SPOKEN",
    "Act",
    "Fetch",
    "Gather",
    "Hangup",
    "Instruction",
    "Note",
    "Notice",
    "Pause",
    "Play",
    "Question",
    "Record",
    "Say",
    "SendMessage",
    "Spoken",
    "as_data",
]

Spoken = Say | Play | Pause | Gather | Hangup
Question = Fetch
Act = SendMessage
Record = Note | Notice
Instruction = Spoken | Question | Act | Record

INSTRUCTIONS: dict[str, type[Instruction]] = {
    "say": Say,
    "play": Play,
    "pause": Pause,
    "gather": Gather,
    "hangup": Hangup,
    "fetch": Fetch,
    "send_message": SendMessage,
    "note": Note,
    "notice": Notice,
}
NAMES: dict[type[Instruction], str] = {kind: name for name, kind in INSTRUCTIONS.items()}
SPOKEN = (Say, Play, Pause, Gather, Hangup)
QUESTIONS = (Fetch,)
ACTS = (SendMessage,)
RECORDS = (Note, Notice)


def as_data(instruction: Instruction) -> dict[str, Any]:
    """The instruction as plain JSON data: its name under ``instruction`` beside its fields."""
    data: dict[str, Any] = {"instruction": NAMES[type(instruction)]}
    for field in fields(instruction):
        value = getattr(instruction, field.name)
        data[field.name] = [as_data(one) for one in value] if field.name == "prompts" else value
    return data
