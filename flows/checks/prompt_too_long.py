"""A prompt that takes a minute to hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_station
from flows.instructions import Pause, Say
from flows.problems import Problem
from flows.text import Prompt, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.program import Program
    from flows.text import Part

CODE = "prompt-too-long"
MOST_S = 60
CHARACTERS_A_SECOND = 15  # 150 words a minute, the pace of spoken English, at six characters a word


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each prompt longer than ``MOST_S`` in its longest language; recordings are not counted."""
    del known
    for flow, station in each_station(program):
        for prompt in station.facts.prompts:
            seconds = duration_s(prompt)
            if seconds > MOST_S:
                message = f"this takes about {seconds:.0f} seconds to say; callers bear {MOST_S}"
                yield Problem(flow.path, prompt.line, prompt.column, message, CODE, "warning")


def duration_s(prompt: Prompt) -> float:
    """How long the prompt takes to say in its longest language, every condition taken as true."""
    return max((sum(map(_part_s, parts)) for parts in prompt.parts.values()), default=0.0)


def _part_s(part: Part) -> float:
    if isinstance(part.heard, Pause):
        return part.heard.seconds
    if isinstance(part.heard, Say):
        return len(part.heard.text) / CHARACTERS_A_SECOND
    if isinstance(part.heard, Template):
        return sum(len(piece) for piece in part.heard.pieces if isinstance(piece, str)) / CHARACTERS_A_SECOND
    return 0.0
