"""An act under way, as the outbox keeps it: all that another process needs to finish it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from flows.instructions import NAMES, act_from_data
from ivr.acts.errands import ERRANDS

if TYPE_CHECKING:
    from flows.instructions import Act
    from ivr.acts.errands import Errand

KINDS: dict[type[Any], str] = {**NAMES, **{kind: name for name, kind in ERRANDS.items()}}


@dataclass(frozen=True, slots=True)
class PendingAct:
    """An act under way.

    ``posts`` counts the requests begun for it, ``posted_ms`` is when the last of them began (0 before the first).
    ``sealed`` has the call's sealed values that it sends, still sealed. ``meanwhile`` are the verbs that the caller
    hears when it takes long.
    """

    act_id: str
    call_sid: str
    instruction: Act | Errand
    posts: int = 0
    posted_ms: int = 0
    sealed: dict[str, str] = field(default_factory=dict)
    meanwhile: str = ""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody can tell yet whether the act was done; look again at ``again_ms``."""

    again_ms: int


def encode_act(act: PendingAct) -> bytes:
    """The act as JSON for the outbox."""
    data = {each.name: getattr(act, each.name) for each in dataclasses.fields(act)}
    return orjson.dumps(data | {"kind": KINDS[type(act.instruction)]})


def decode_act(text: bytes) -> PendingAct:
    """The act that ``encode_act`` wrote; ValueError, TypeError or LookupError for anything else."""
    data: dict[str, Any] = orjson.loads(text)
    kind, fields = data.pop("kind"), data["instruction"]
    instruction = ERRANDS[kind](**fields) if kind in ERRANDS else act_from_data(kind, fields)
    return PendingAct(**(data | {"instruction": instruction}))
