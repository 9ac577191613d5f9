"""What to do in a call, written down: ``1 12345# "my bill" wait hangup``.

Keys are pressed, words in quotation marks are spoken, ``wait`` stays silent for one question, ``hangup`` hangs up. Each
input waits for the next question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.telephone.handset import Handset

PART = re.compile(r"\s*(?:\"([^\"]*)\"|([^\s\"]+))(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Input:
    """``kind`` is ``pressed``, ``spoke``, ``waited`` or ``hung up``; ``text`` the keys or the words."""

    kind: str
    text: str = ""


def read_script(text: str) -> list[Input]:
    """The inputs in ``text``; raises ValueError naming the part that is none."""
    inputs, position = [], 0
    text = text.rstrip()
    while position < len(text):
        part = PART.match(text, position)
        if part is None:
            raise ValueError(f'{text[position:].strip()!r} is not understood; words go in "quotation marks"')
        inputs.append(_input(part.group(1), part.group(2)))
        position = part.end()
    return inputs


def _input(words: str | None, bare: str | None) -> Input:
    if words is not None and words.strip():
        return Input("spoke", words.strip())
    if bare == "wait":
        return Input("waited")
    if bare == "hangup":
        return Input("hung up")
    if bare and re.fullmatch(r"[0-9*#]+", bare):
        return Input("pressed", bare)
    raise ValueError(f'{bare or words!r} is not understood: keys are 0-9, * and #; words go in "quotation marks"')


async def give(handset: Handset, given: Input, question: int) -> None:
    """Do one input in answer to a question, and nothing more to that question."""
    if given.kind == "hung up":
        await handset.hang_up()
        return
    if given.kind == "pressed":
        await handset.press(given.text)
    elif given.kind == "spoke":
        await handset.speak(given.text)
    await handset.stay_silent(question)
