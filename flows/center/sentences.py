"""``sentences:``, the centre's own words for what is otherwise built in.

A sentence is named as in ``flows/phrases``; it is a text in the centre's first language, or a map of languages. What is
not given stays as it is. ``{choice}`` and the like are filled when the sentence is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.phrases import SENTENCES, places
from flows.problems import did_you_mean
from flows.source import Mapping, Scalar
from flows.text import unknown_language

if TYPE_CHECKING:
    from flows.form import Form, Reading
    from flows.source import Node

Sentences = dict[str, dict[str, str]]  # language, then name


def read_sentences(form: Form) -> Sentences:
    """The sentences that the author gave, by language and name."""
    reading = form.reading
    mapping = reading.mapping(form.value("sentences"), "a map of sentences")
    found: Sentences = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if key.text not in SENTENCES["en"]:
            hint = did_you_mean(key.text, SENTENCES["en"])
            reading.problem(key, f'no sentence named "{key.text[:60]}"{hint}', "unknown-sentence")
            continue
        for language, said in _by_language(reading, value):
            _judge(reading, said, key.text)
            found.setdefault(language, {})[key.text] = " ".join(said.text.split())
    return found


def _by_language(reading: Reading, node: Node) -> list[tuple[str, Scalar]]:
    if isinstance(node, Scalar):
        return [(reading.center.languages[0], node)]
    if not isinstance(node, Mapping):
        reading.problem(node, "a text, or a map of languages to texts, is needed here", "bad-value")
        return []
    found: list[tuple[str, Scalar]] = []
    for key, value in node.pairs:
        if key.text not in reading.center.languages:
            unknown_language(reading, key, key.text)
        elif isinstance(value, Scalar):
            found.append((key.text, value))
        else:
            reading.problem(value, "a text is needed here", "bad-value")
    return found


def _judge(reading: Reading, said: Scalar, name: str) -> None:
    """A sentence has words, and the same places to fill as the built-in one."""
    if not said.text.strip() or "{{" in said.text:
        message = "a text is needed here" if not said.text.strip() else "a sentence holds no expressions"
        reading.problem(said, message, "bad-value")
        return
    needed = places(SENTENCES["en"][name])
    if places(said.text) != needed:
        listed = " and ".join(f"{{{place}}}" for place in sorted(needed)) or "no names in braces"
        reading.problem(said, f'"{name}" has to hold {listed}', "bad-value")
