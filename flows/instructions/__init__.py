"""What a turn asks the world to do: one instruction a file.

Four sorts, told apart by what must happen to them:

- *spoken* instructions become the answer to the provider (``ivr/twilio/twiml.py``);
- a *question* is asked before the turn is committed; its answer is the next event of the same turn;
- an *act* is named by a commit, performed after it, and its answer is the next turn;
- a *record* is written to the journal and changes nothing.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, cast

from flows.instructions.dial import Dial
from flows.instructions.fetch import Fetch
from flows.instructions.gather import Gather
from flows.instructions.hangup import Hangup
from flows.instructions.join_queue import JoinQueue
from flows.instructions.look_up import LookUp
from flows.instructions.note import Note
from flows.instructions.notice import Notice
from flows.instructions.observe import Observe
from flows.instructions.pause import Pause
from flows.instructions.play import Play
from flows.instructions.promise_callback import PromiseCallback
from flows.instructions.record import RecordCaller
from flows.instructions.recording import Recording
from flows.instructions.say import Say, Spelled
from flows.instructions.send_message import SendMessage
from flows.instructions.send_request import SendRequest
from flows.instructions.send_request import from_data as request_from_data
from flows.instructions.survey_answer import SurveyAnswer

__all__ = [
    "ACTS",
    "INSTRUCTIONS",
    "NAMES",
    "QUESTIONS",
    "RECORDS",
    "SPOKEN",
    "Act",
    "Dial",
    "Fetch",
    "Gather",
    "Hangup",
    "Instruction",
    "JoinQueue",
    "LookUp",
    "Note",
    "Notice",
    "Observe",
    "Pause",
    "Play",
    "PromiseCallback",
    "Question",
    "Record",
    "RecordCaller",
    "Recording",
    "Say",
    "SendMessage",
    "SendRequest",
    "Spoken",
    "SurveyAnswer",
    "act_from_data",
    "as_data",
]

Spoken = Say | Play | Pause | Gather | RecordCaller | Dial | Hangup
Question = Fetch | LookUp | Observe
Act = SendMessage | SendRequest | JoinQueue | PromiseCallback
Record = Note | Notice | Recording | SurveyAnswer
Instruction = Spoken | Question | Act | Record

INSTRUCTIONS: dict[str, type[Instruction]] = {
    "say": Say,
    "play": Play,
    "pause": Pause,
    "gather": Gather,
    "record": RecordCaller,
    "dial": Dial,
    "hangup": Hangup,
    "fetch": Fetch,
    "look_up": LookUp,
    "observe": Observe,
    "send_message": SendMessage,
    "send_request": SendRequest,
    "join_queue": JoinQueue,
    "promise_callback": PromiseCallback,
    "note": Note,
    "notice": Notice,
    "recording": Recording,
    "survey_answer": SurveyAnswer,
}
NAMES: dict[type[Instruction], str] = {kind: name for name, kind in INSTRUCTIONS.items()}
SPOKEN = (Say, Play, Pause, Gather, RecordCaller, Dial, Hangup)
QUESTIONS = (Fetch, LookUp, Observe)
ACTS = (SendMessage, SendRequest, JoinQueue, PromiseCallback)
RECORDS = (Note, Notice, Recording, SurveyAnswer)


def as_data(instruction: Instruction) -> dict[str, Any]:
    """The instruction as plain JSON data: its name under ``instruction`` beside its fields."""
    return {"instruction": NAMES[type(instruction)], **_fields(instruction)}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _data(getattr(value, field.name)) for field in fields(value)}


def _data(value: Any) -> Any:
    """What stands in an instruction: others, texts that are spelled or have gaps, plain data."""
    if type(value) in NAMES:
        return as_data(value)
    if isinstance(value, Spelled):
        return list(value.groups)
    if is_dataclass(value):
        return _fields(value)
    return [_data(one) for one in value] if isinstance(value, (list, tuple)) else value


def act_from_data(name: str, data: dict[str, Any]) -> Act:
    """An act from its fields as JSON gives them back; KeyError or TypeError when they are not one of ours."""
    kind = INSTRUCTIONS[name]
    return request_from_data(data) if kind is SendRequest else cast("Act", kind(**data))
