"""Spoken choices: phrases of an option, and which option was meant.

What was said and the phrases are compared by their words alone: case, accents and punctuation do not count.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from flows import phrases as sentences
from flows.form import words
from flows.source import Mapping
from flows.text import unknown_language

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.form import Reading
    from flows.source import Node

WORD = re.compile(r"[^\W_]+")
MAX_SAID = 2_000  # characters; a minute of talk, which is as long as the provider listens
MAX_HINTS = 500  # twilio.com, <Gather> hints
MAX_PHRASE = 100  # characters, the same page

Phrases = dict[str, tuple[str, ...]]  # by language


def choose(said: str, options: MappingType[str, Phrases], language: str) -> str | None:
    """The keys of the one option that was meant; None when none was, or more than one.

    ``options`` maps keys to ``comparable`` phrases.
    A phrase that is all that was said wins over one that is a part of it; so does an option's key, said as a number.
    """
    heard = normal(said[:MAX_SAID])
    key = sentences.digit(heard, language) or heard
    if key in options:
        return key
    whole = [keys for keys, phrases in options.items() if heard in phrases.get(language, ())]
    if len(whole) == 1:
        return whole[0]
    padded = f" {heard} "
    partly = [
        keys
        for keys, phrases in options.items()
        if any(f" {phrase} " in padded for phrase in phrases.get(language, ()))
    ]
    return partly[0] if len(partly) == 1 else None


def hints(options: MappingType[str, Phrases], language: str) -> tuple[str, ...]:
    """All phrases of a menu, for the recogniser to expect; within the provider's limits."""
    found = [phrase[:MAX_PHRASE] for phrases in options.values() for phrase in phrases.get(language, ())]
    return tuple(dict.fromkeys(found))[:MAX_HINTS]


def normal(said: str) -> str:
    """The words of a text, small, without accents and punctuation, one blank between them."""
    letters = said.casefold()
    if not letters.isascii():
        decomposed = unicodedata.normalize("NFKD", letters)
        letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(WORD.findall(letters))


def comparable(phrases: Phrases) -> Phrases:
    """The phrases as ``choose`` compares them."""
    once = {given: tuple(map(normal, given)) for given in set(phrases.values())}
    return {language: once[given] for language, given in phrases.items()}


def read_phrases(reading: Reading, node: Node | None) -> Phrases:
    """A list of phrases for all languages, or a map of languages to lists."""
    if node is None:
        return {}
    if not isinstance(node, Mapping):
        return dict.fromkeys(reading.center.languages, _read(reading, node))
    found: Phrases = {}
    for key, value in node.pairs:
        if key.text in reading.center.languages:
            found[key.text] = _read(reading, value)
        else:
            unknown_language(reading, key, key.text)
    for language in reading.center.languages:
        if language not in found:
            reading.problem(node, f"no phrases for {language}", "missing-translation")
    return found


def _read(reading: Reading, node: Node) -> tuple[str, ...]:
    given = words(reading, node, "a phrase, or a list of them")
    for phrase in given:
        if len(phrase) > MAX_PHRASE or not normal(phrase):
            reading.problem(node, f"a phrase is 1 to {MAX_PHRASE} characters with a letter", "bad-value")
    return given
