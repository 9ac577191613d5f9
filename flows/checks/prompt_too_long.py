"""A prompt that takes a minute to hear.

Say less, or say it in two steps; callers remember the last thing they heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.instructions import Pause, Say
from flows.problems import Problem
from flows.text import Prompt, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.expressions import Expression
    from flows.problems import Severity
    from flows.program import Program
    from flows.text import Part

CODE = "prompt-too-long"
SEVERITY: Severity = "warning"
MOST_S = 60
CHARACTERS_A_SECOND = 15  # 150 words a minute, the pace of spoken English, at six characters a word
A_VALUE = 10  # characters of a value of which nothing is known: a first name, a city
TOLD = {
    "money": 28,
    "date": 14,
    "time": 8,
    "moment": 22,
    "how_long": 24,
    "ordinal": 8,
    "list": 40,
    "phone": 60,
    "spell": 40,
}  # characters' worth of time that a value takes; a digit by itself takes as long as five characters


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each prompt longer than ``MOST_S`` in its longest language; recordings are not counted."""
    for path, facts in each_facts(program, known):
        for prompt in facts.prompts:
            seconds = duration_s(prompt)
            if seconds > MOST_S:
                message = f"this takes about {seconds:.0f} seconds to say; callers bear {MOST_S}"
                yield Problem(path, prompt.line, prompt.column, message, CODE, SEVERITY)


def duration_s(prompt: Prompt) -> float:
    """How long the prompt takes to say in its longest language, every condition taken as true."""
    return max((sum(map(_part_s, parts)) for parts in prompt.parts.values()), default=0.0)


def _part_s(part: Part) -> float:
    if isinstance(part.heard, Pause):
        return part.heard.seconds
    if isinstance(part.heard, Say):
        return len(part.heard.text) / CHARACTERS_A_SECOND
    if isinstance(part.heard, Template):
        return sum(map(_characters, part.heard.pieces)) / CHARACTERS_A_SECOND
    return 0.0


def _characters(piece: str | Expression) -> int:
    if isinstance(piece, str):
        return len(piece)
    return A_VALUE if piece.told is None else TOLD[piece.told.name]
