"""A language's tables made ready for comparing, and whole numbers read out of a recogniser's words.

``Tables`` hold every word as it is compared (``plain``), several words as a tuple, so that the longest that fits is
taken. ``number_at`` reads one number as it is said, and stops where another begins: ``nineteen ninety`` are two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from flows.phrases import LANGUAGES
from flows.phrases.language import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

MAX_FIGURES = 9  # of a number written in digits: longer ones are numbers of an account, not amounts
ANYTHING = 1_000_000_000

Words = tuple[str, ...]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Tables:
    """See ``Ear``; ``small`` are the numbers below a hundred, ``whole`` and ``hundredth`` the names of money."""

    small: Mapping[Words, int]
    articles: frozenset[str]
    hundred: frozenset[str]
    hundreds: Mapping[str, int]
    thousand: frozenset[str]
    million: frozenset[str]
    joints: frozenset[str]
    points: frozenset[str]
    fillers: frozenset[Words]
    times: Mapping[str, int]
    homophones: Mapping[str, int]
    keys: Mapping[Words, str]
    yes: frozenset[Words]
    no: frozenset[Words]
    again: frozenset[Words]
    days: Mapping[Words, int]
    weekdays: Mapping[Words, int]
    next: frozenset[Words]
    months: Mapping[Words, int]
    ordinals: Mapping[Words, int]
    out_of: tuple[str, ...]
    whole: frozenset[Words]
    hundredth: frozenset[Words]
    glued: re.Pattern[str] | None

    def split(self, said: str) -> Words:
        """The words of a text; numbers written in one word are taken apart at their hundreds and thousands."""
        words = plain(said)
        return tuple((self.glued.sub(r" \1 ", words) if self.glued else words).split())

    @property
    def counted(self) -> frozenset[Words]:
        """What an article may stand before so that it means one."""
        return self.whole | self.hundredth | {(word,) for word in self.hundred | self.thousand | self.million}


@cache
def tables(base: str) -> Tables:
    """The tables of one of ``LANGUAGES``."""
    language = LANGUAGES[base]
    ear, currencies = language.ear, language.currencies.values()
    small = {language.numbers.cardinal(number): number for number in range(100)}
    size = "|".join(map(plain, (*ear.hundred, *ear.thousand)))
    return Tables(
        small=_by_words({**small, **ear.numbers}),
        articles=_single(ear.articles),
        hundred=_single(ear.hundred),
        hundreds={plain(word): value for word, value in ear.hundreds.items()},
        thousand=_single(ear.thousand),
        million=_single(ear.million),
        joints=_single(ear.joints),
        points=_single(ear.points),
        fillers=_phrases(ear.fillers),
        times={plain(word): value for word, value in ear.times.items()},
        homophones={plain(word): value for word, value in ear.homophones.items()},
        keys=_by_words(ear.keys),
        yes=_phrases(ear.yes),
        no=_phrases(ear.no),
        again=_phrases(ear.again),
        days=_by_words(ear.days),
        weekdays={words: day for day, names in enumerate(ear.weekdays) for words in _phrases(names)},
        next=_phrases(ear.next),
        months=_by_words({name: month for month, name in enumerate(language.calendar.months, 1)}),
        ordinals=_by_words(ear.ordinals),
        out_of=tuple(map(plain, ear.out_of)),
        whole=_phrases(word for currency in currencies for word in currency.name),
        hundredth=_phrases(word for currency in currencies for word in currency.hundredth if word),
        glued=re.compile(f"({size})(?!st)") if ear.one_word else None,
    )


def longest(tokens: Words, place: int, known: Collection[Words]) -> int:
    """How many words the longest phrase of ``known`` has that stands at a place; 0 for none."""
    sizes = range(min(MAX_WORDS, len(tokens) - place), 0, -1)
    return next((size for size in sizes if tokens[place : place + size] in known), 0)


MAX_WORDS = 5  # of one phrase: "the day after tomorrow", "quatre vingt dix sept"


def number_at(tokens: Words, place: int, known: Tables) -> tuple[int, int] | None:
    """The number that is said at a place, and the place after it; None when no number begins there."""
    reading = _Reading(known)
    end = place
    while place < len(tokens):
        size = reading.take(tokens, place)
        if size:
            place = end = place + size
        elif reading.is_begun and reading.room > 1 and tokens[place] in known.joints:
            place += 1
        else:
            break
    return (reading.total + reading.current, end) if reading.is_begun else None


class _Reading:
    """One number while it is read; ``room`` is what the next part has to be smaller than."""

    def __init__(self, known: Tables) -> None:
        self.known = known
        self.total = self.current = self.last = 0
        self.room = self.sizes = ANYTHING
        self.is_begun = False

    def take(self, tokens: Words, place: int) -> int:
        """Take the part that stands at a place; how many words it has, 0 when none fits."""
        token, known = tokens[place], self.known
        if token in known.articles:
            return self._add(1, 1) if longest(tokens, place + 1, known.counted) else 0
        if token.isascii() and token.isdecimal():
            return self._add(int(token), 1) if len(token) <= MAX_FIGURES else 0
        if token in known.million:
            return self._multiply(1_000_000)
        if token in known.thousand:
            return self._multiply(1_000)
        size = longest(tokens, place, known.small)
        if size and self._add(known.small[tokens[place : place + size]], 1):
            return size
        if token in known.hundreds:
            return self._add(known.hundreds[token], 100)
        return self._hundred() if token in known.hundred else 0

    def _add(self, value: int, room: int) -> int:
        if value >= self.room or (self.is_begun and value == 0):
            return 0
        self.current, self.last, self.room, self.is_begun = self.current + value, value, room, True
        return 1

    def _hundred(self) -> int:
        """``two hundred``, or ``hundred`` alone; not ``two hundred hundred``."""
        if self.room == 1 and 0 < self.last < 100:
            self.current += self.last * 99
            self.last, self.room = 0, 100
            return 1
        return self._add(100, 100) if self.room > 100 else 0

    def _multiply(self, size: int) -> int:
        """``two thousand``, or ``thousand`` alone; sizes go down."""
        if size >= self.sizes or (self.is_begun and self.current == 0 and self.room <= size):
            return 0
        self.total += max(self.current, 1) * size
        self.current, self.last, self.room, self.sizes, self.is_begun = 0, 0, size, size, True
        return 1


def _single(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(plain, words))


def _phrases(words: Iterable[str]) -> frozenset[Words]:
    return frozenset(tuple(plain(word).split()) for word in words)


def _by_words(words: Mapping[str, Value]) -> dict[Words, Value]:
    return {tuple(plain(word).split()): value for word, value in words.items()}
