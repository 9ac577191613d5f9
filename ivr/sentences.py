"""Our own few sentences to callers, in the language and voice of the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import phrases
from flows.instructions import Say

if TYPE_CHECKING:
    from flows.program import Program


def say(sentence: str, program: Program | None, language: str | None = None) -> Say:
    """A built-in sentence (``flows/phrases``), spoken as ``program``'s centre speaks; English without a program."""
    if program is None:
        return Say(phrases.sentence(sentence, "en-US"), "en-US")
    spoken = program.sentences.get(language or "") or program.sentences[program.center.languages[0]]
    return spoken[sentence]
