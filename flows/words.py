"""Spoken choices: the phrases of an option, and which option was meant.

What was said and the phrases are compared by their words alone: case, accents and punctuation do not count, nor whether
a word is written as one or two (``voice mail``). A phrase counts wherever it stands in what was said, as whole words;
one inside a longer phrase that was also said does not. A recogniser's slip (``billin``) is near enough to ask about,
never to act on.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from flows import understanding
from flows.form import words
from flows.phrases import base
from flows.phrases.heard import longest, tables
from flows.phrases.language import plain
from flows.shapes import Either, Items, Table, Word
from flows.source import Mapping
from flows.text import unknown_language

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingType

    from flows.form import Reading
    from flows.source import Node

MAX_SAID = 2_000  # characters; a minute of talk, which is as long as the provider listens
MAX_HINTS = 500  # twilio.com, <Gather> hints
MAX_PHRASE = 100  # characters, the same page
MAX_NEAR = 12  # words; in a longer speech something is near everything
MAX_NEAR_LETTERS = 40  # of a phrase; comparing takes the square of it
ONE_SLIP, TWO_SLIPS = 5, 9  # letters from which a phrase may be misheard in one letter, and in two
MOST_SLIPS = 2
WORDS_OF_ONE = Items(each=Word())
PHRASES = Either(
    "What callers may say: a list, or a map of languages to lists.", shapes=(WORDS_OF_ONE, Table(each=WORDS_OF_ONE))
)
VOWELS = re.compile("[aeiouy]")
DOUBLED = re.compile(r"(.)\1+")
ALIKE = str.maketrans("ckqzvbp", "kkksffp")  # a telephone's sound keeps them apart badly

Phrases = dict[str, tuple[str, ...]]  # by language


class Meant(NamedTuple):
    """The keys of the options that may have been meant, best first; ``sure`` when it was said word for word."""

    keys: tuple[str, ...]
    sure: bool


NOTHING = Meant((), sure=False)


def choose(said: str, options: MappingType[str, Phrases], language: str) -> Meant:
    """What was meant of ``options``, which map keys to ``comparable`` phrases.

    All that was said wins over a part of it, a phrase over a key said as a number (``one``, ``number two``, ``star``).
    """
    heard = plain(said[:MAX_SAID])
    joined = heard.replace(" ", "")
    whole = tuple(keys for keys, phrases in options.items() if joined in map(_joined, phrases.get(language, ())))
    if len(whole) == 1:
        return Meant(whole, sure=True)
    tokens = tuple(heard.split())
    found = whole or _said(tokens, options, language)
    if found:
        return Meant(found, sure=len(found) == 1)
    key = _key(said[:MAX_SAID], tokens, language)
    if key in options:
        return Meant((key,), sure=True)
    return _near(tokens, options, language)


def asks_again(said: str, language: str) -> bool:
    """Does the caller want to hear the question once more."""
    tokens = tuple(plain(said[:MAX_SAID]).split())
    again = tables(base(language)).again
    return any(longest(tokens, place, again) for place in range(len(tokens)))


def hints(options: MappingType[str, Phrases], language: str) -> tuple[str, ...]:
    """All phrases of a menu, for the recogniser to expect; within the provider's limits."""
    found = [phrase[:MAX_PHRASE] for phrases in options.values() for phrase in phrases.get(language, ())]
    return tuple(dict.fromkeys(found))[:MAX_HINTS]


def is_near(one: str, other: str) -> bool:
    """Could a recogniser write one comparable phrase for the other."""
    left, right = _sound(one), _sound(other)
    if min(len(left.letters), len(right.letters)) < ONE_SLIP:
        return left.letters == right.letters
    if left.consonants == right.consonants:
        return True
    allowed = _allowed(min(len(left.letters), len(right.letters)))
    may_be = len(left.alphabet ^ right.alphabet) <= 2 * allowed  # a slip brings one letter and takes one
    return may_be and _slips(left.letters, right.letters) <= allowed


class _Sound(NamedTuple):
    """A phrase as it is compared: its letters, which there are, and its consonants, those that sound alike made one.

    ``sales`` and ``sails`` have the same consonants in the same order.
    """

    letters: str
    alphabet: frozenset[str]
    consonants: str


@lru_cache(maxsize=4096)
def _sound(phrase: str) -> _Sound:
    letters = _joined(phrase)
    consonants = letters[:1] + VOWELS.sub("", letters[1:])
    return _Sound(letters, frozenset(letters), DOUBLED.sub(r"\1", consonants.replace("ph", "f").translate(ALIKE)))


def _joined(phrase: str) -> str:
    return phrase.replace(" ", "")


def _said(tokens: tuple[str, ...], options: MappingType[str, Phrases], language: str) -> tuple[str, ...]:
    """The options with a phrase among the words, those inside another's phrase left out; the longest first."""
    given = [(keys, phrase) for keys, phrases in options.items() for phrase in phrases.get(language, ())]
    places = _places(tokens, max((phrase.count(" ") for _, phrase in given), default=0) + 2)
    spans = [(start, end, keys) for keys, phrase in given for start, end in places.get(_joined(phrase), ())]
    outer = [
        (end - start, keys)
        for start, end, keys in spans
        if not any(a <= start and end <= b and end - start < b - a for a, b, _ in spans)
    ]
    outer.sort(key=lambda span: -span[0])
    return tuple(dict.fromkeys(keys for _, keys in outer))


def _places(tokens: tuple[str, ...], most: int) -> dict[str, list[tuple[int, int]]]:
    """Where each stretch of up to ``most`` words stands, by its letters: looked up once for each phrase."""
    places: dict[str, list[tuple[int, int]]] = {}
    for start in range(len(tokens)):
        letters = ""
        for end in range(start, min(start + most, len(tokens))):
            letters += tokens[end]
            places.setdefault(letters, []).append((start, end + 1))
    return places


def _key(said: str, tokens: tuple[str, ...], language: str) -> str:
    """The key that was named: a number, or one of the two others; empty for none."""
    known = tables(base(language))
    for start in range(len(tokens)):
        size = longest(tokens, start, known.keys)
        if size and all(longest(tokens, place, known.fillers) for place in range(start)):
            return known.keys[tokens[start : start + size]] if start + size == len(tokens) else ""
    return understanding.digits(said, language) or ""


def _near(tokens: tuple[str, ...], options: MappingType[str, Phrases], language: str) -> Meant:
    """The options that a recogniser may have misheard, those with the fewest slips."""
    if len(tokens) > MAX_NEAR:
        return NOTHING
    slips: dict[str, int] = {}
    for keys, phrases in options.items():
        for phrase in phrases.get(language, ()):
            if len(phrase) > MAX_NEAR_LETTERS:
                continue
            allowed = _allowed(len(_joined(phrase)))
            best = min((_distance(_joined(phrase), window) for window in _windows(phrase, tokens)), default=allowed + 1)
            if allowed and best <= allowed:
                slips[keys] = min(best, slips.get(keys, best))
    least = min(slips.values(), default=0)
    return Meant(tuple(keys for keys, count in slips.items() if count == least), sure=False)


def _windows(phrase: str, tokens: tuple[str, ...]) -> Iterator[str]:
    """Stretches of what was said that are about as long as the phrase."""
    length, size = len(_joined(phrase)), phrase.count(" ") + 1
    for count in range(max(size - 1, 1), size + 2):
        for start in range(len(tokens) - count + 1):
            window = "".join(tokens[start : start + count])
            if abs(len(window) - length) <= MOST_SLIPS:
                yield window


def _distance(one: str, other: str) -> int:
    """Slips between two words, 1 for two that only sound alike."""
    slips = _slips(one, other)
    alike = min(len(one), len(other)) >= ONE_SLIP and _sound(one).consonants == _sound(other).consonants
    return 1 if slips > 1 and alike else slips


def _allowed(length: int) -> int:
    return 0 if length < ONE_SLIP else 1 if length < TWO_SLIPS else 2


def _slips(one: str, other: str) -> int:
    """How many letters have to be put in, left out or changed to make one of the other (Levenshtein's distance)."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        before, row[0] = row[0], index
        for place, second in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != second))
    return row[-1]


@lru_cache(maxsize=4_096)
def as_compared(phrase: str) -> str:
    """An author's phrase as it is compared; asked for by the reader and by several checks. Never a caller's words."""
    return plain(phrase)


def comparable(phrases: Phrases) -> Phrases:
    """The phrases as ``choose`` compares them."""
    once = {given: tuple(map(as_compared, given)) for given in set(phrases.values())}
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
        if len(phrase) > MAX_PHRASE or not as_compared(phrase):
            reading.problem(node, f"a phrase is 1 to {MAX_PHRASE} characters with a letter", "bad-value")
    return given
