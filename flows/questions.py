"""The questions of a survey: a rating by key or word, or a comment by voice.

A list in a ``survey`` step, or one under ``surveys`` in ``center.yaml`` that several steps ask::

    - {rating: How satisfied are you, from 1 to 5?, name: satisfaction}
    - {comment: "After the tone, tell us why.", name: reason, longest: 60s}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.form import NAME, Form, items
from flows.shapes import Duration, Fields, Items, Word, prompt
from flows.source import Mapping
from flows.text import SILENT, Prompt, read_prompt

if TYPE_CHECKING:
    from flows.form import Reading
    from flows.source import Node

MOST_QUESTIONS = 10  # callers bear three
LONGEST_S = 60
OPTIONS = {
    "rating": prompt("A question that is answered by a key from 1 to 5, or the number said."),
    "comment": prompt("A question that is answered by voice, and recorded."),
    "name": Word("The name under which the answers are kept.", needed=True),
    "longest": Duration("How long a comment may be.", default_s=LONGEST_S, least_s=5, most_s=600),
}
QUESTIONS = Items("The questions.", each=Fields(options=OPTIONS))


@dataclass(frozen=True, slots=True)
class Question:
    """``sort`` is ``rating`` or ``comment``; a comment is at most ``longest_s`` seconds."""

    name: str
    sort: str
    prompt: Prompt
    longest_s: int = LONGEST_S


def read_questions(reading: Reading, node: Node) -> tuple[Question, ...]:
    """The questions of a list; each has a name of its own, under which its answers are kept."""
    found: dict[str, Question] = {}
    for item in items(node):
        question = _question(reading, item)
        if question is not None and question.name in found:
            reading.problem(item, f'question "{question.name}" is asked twice', "bad-value")
        elif question is not None:
            found[question.name] = question
    if len(items(node)) > MOST_QUESTIONS or not items(node):
        reading.problem(node, f"a survey has from 1 to {MOST_QUESTIONS} questions", "bad-value")
    return tuple(found.values())


def _question(reading: Reading, node: Node) -> Question | None:
    if not isinstance(node, Mapping):
        reading.problem(node, "a question is needed here, such as {rating: …, name: …}", "bad-value")
        return None
    form = Form(reading, node, OPTIONS)
    sorts = [sort for sort in ("rating", "comment") if form.value(sort) is not None]
    if len(sorts) != 1:
        reading.problem(node, "one of rating or comment is needed here", "bad-value")
        return None
    named, name = form.value("name"), form.word("name", "the name of the question")
    if named is not None and name and not NAME.fullmatch(name):
        reading.problem(named, f'"{name[:60]}" cannot name a question; use small letters, digits and _', "bad-name")
    asked = form.value(sorts[0])
    prompt = SILENT if asked is None else read_prompt(reading, asked)
    longest_s = form.duration("longest")
    return Question(name, sorts[0], prompt, longest_s)
