"""What a language needs in order to be spoken by us and understood from callers: one value, every entry required.

A language is one file of this folder that makes one ``Language``. The type says that each has every entry; the tests
say that what it speaks it understands again. Words to be understood are written as people write them; they are compared
without case, accents and punctuation (``plain``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

WORD = re.compile(r"[^\W_]+")
Unit = tuple[str, str]  # one, several


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency's name and that of its hundredth, each for one and for several; no hundredth: ``("", "")``."""

    name: Unit
    hundredth: Unit


@dataclass(frozen=True, slots=True)
class Calendar:
    """How days and times are said.

    ``day`` says a date, with its year when asked; ``clock`` says an hour and a minute; ``at`` joins a day's name with a
    time of day, for which it gets the hour too. ``weekdays`` begin on Monday and are said as in "we open …"; ``on``
    is what stands before a date there, and not where an author has written the words around it.
    """

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    today: str
    tomorrow: str
    day: Callable[[date, bool], str]
    clock: Callable[[int, int], str]
    at: Callable[[str, int, str], str]
    on: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """How numbers are said. ``cardinal`` is for 0 to 999,999,999; ``ordinals`` are first to tenth, then ``nth``."""

    cardinal: Callable[[int], str]
    ordinals: tuple[str, ...]
    nth: Callable[[int], str]
    decimal_comma: bool


@dataclass(frozen=True, slots=True)
class Ear:
    """What callers say, word for word.

    ``numbers`` are numbers beside those that ``cardinal`` makes; ``articles`` are one only before something counted
    (``a hundred``, ``un euro``). ``hundred``, ``thousand`` and ``million`` multiply, ``hundreds`` are hundreds by
    themselves; ``one_word`` tells that numbers are written without blanks. ``joints`` stand inside numbers, ``points``
    before their decimals, ``fillers`` around anything. ``times`` repeat the digit that follows (``double``).

    ``days`` are words for a day, counted from today; ``ordinals`` are the days of a month. ``keys`` are the keys that
    are not digits; ``homophones`` are what a recogniser makes of a digit among digits.
    """

    yes: tuple[str, ...]
    no: tuple[str, ...]
    again: tuple[str, ...]
    numbers: Mapping[str, int]
    articles: tuple[str, ...]
    one_word: bool
    hundred: tuple[str, ...]
    hundreds: Mapping[str, int]
    thousand: tuple[str, ...]
    million: tuple[str, ...]
    joints: tuple[str, ...]
    points: tuple[str, ...]
    fillers: tuple[str, ...]
    times: Mapping[str, int]
    homophones: Mapping[str, int]
    keys: Mapping[str, str]
    days: Mapping[str, int]
    weekdays: tuple[tuple[str, ...], ...]
    next: tuple[str, ...]
    ordinals: Mapping[str, int]
    out_of: tuple[str, ...]
    month_first: bool


@dataclass(frozen=True, slots=True)
class Language:
    """A language. ``sentences`` are what we say when the author gave no words; ``{choice}`` and the like are filled."""

    sentences: Mapping[str, str]
    both: str
    either: str
    units: Mapping[str, Unit]
    currencies: Mapping[str, Currency]
    calendar: Calendar
    numbers: Numbers
    ear: Ear


def plain(said: str) -> str:
    """The words of a text, small, without accents and punctuation, one blank between them."""
    letters = said.casefold()
    if not letters.isascii():
        decomposed = unicodedata.normalize("NFKD", letters)
        letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(WORD.findall(letters))
