"""Ask, and listen for keys or words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.instructions.pause import Pause
    from flows.instructions.play import Play
    from flows.instructions.say import Say


@dataclass(frozen=True, slots=True)
class Gather:
    """Say ``prompts`` and listen; always the last spoken instruction of a turn.

    A key or a word may interrupt the prompts and what was said before them in the same turn, save what has ``barge_in``
    False and all before that.

    ``timeout_s`` counts from the end of the prompts. ``num_digits`` None means "until ``finish_on_key`` or silence";
    ``finish_on_key`` may be empty. ``hints`` are the phrases we expect, at most 500 of at most 100 characters
    (twilio.com, ``<Gather>``).
    """

    prompts: tuple[Say | Play | Pause, ...]
    language: str
    timeout_s: int = 5
    keys: bool = True
    speech: bool = False
    num_digits: int | None = None
    finish_on_key: str = "#"
    hints: tuple[str, ...] = ()
