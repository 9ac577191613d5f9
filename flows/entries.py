"""What a caller may be asked to enter: digits, a day, an amount, words. Each judges what was keyed in or said.

An entry is what ``collect`` collects. It says how many keys the provider may wait for, and makes a value of keys or of
words; None when they are not one. Values are plain data: digits and words are text, a day is ``2027-03-01``, an amount
is a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flows import understanding
from flows.expressions import matches

if TYPE_CHECKING:
    from flows.expressions import Expression

MAX_WORDS = 500  # characters; half a minute of talk
DAY_DIGITS = 8  # a year of two digits would leave a birthday's century open
AMOUNT = re.compile(r"([0-9]{0,9})(?:\*([0-9]{0,2}))?")
ORDERS = {"mdy": (4, 0, 2), "dmy": (4, 2, 0), "ymd": (0, 4, 6)}  # where the year, the month and the day begin
# Unicode CLDR 44, short dates: the languages that begin with the year; English begins with the month in America.
YEAR_FIRST = frozenset({"ja", "zh", "ko", "hu", "lt", "sv"})


@dataclass(frozen=True, slots=True)
class Asker:
    """What a value depends on beside what was entered: the caller's language, and the day where the centre is."""

    language: str
    today: date


@dataclass(frozen=True, slots=True)
class Digits:
    """``least`` to ``most`` digits, all of them like ``pattern``; with ``luhn`` their last is a check digit."""

    least: int
    most: int
    pattern: Expression | None = None
    luhn: bool = False

    @property
    def num_digits(self) -> int | None:
        return self.most if self.least == self.most else None

    def wrong(self, keys: str) -> str:
        """Why the keys are not accepted: ``digits``, ``length``, ``pattern`` or ``check``; empty when they are."""
        if not (keys.isascii() and keys.isdecimal()):
            return "digits"
        if not self.least <= len(keys) <= self.most:
            return "length"
        if self.pattern is not None and matches(self.pattern, keys) is not True:
            return "pattern"
        return "check" if self.luhn and not luhn(keys) else ""

    def keyed(self, keys: str, asker: Asker) -> Any:
        del asker
        return None if self.wrong(keys) else keys

    def said(self, words: str, asker: Asker) -> Any:
        digits = understanding.digits(words, asker.language)
        return None if digits is None else self.keyed(digits, asker)


@dataclass(frozen=True, slots=True)
class Bound:
    """A day, or so many days from today."""

    day: date | None = None
    days: int = 0

    def on(self, today: date) -> date:
        if self.day is not None:
            return self.day
        try:
            return today + timedelta(days=self.days)
        except OverflowError:
            return date.max if self.days > 0 else date.min


@dataclass(frozen=True, slots=True)
class Day:
    """A real day between two bounds, both included; None for no bound. ``order`` empty is the language's own."""

    since: Bound | None = None
    until: Bound | None = None
    order: str = ""

    num_digits = DAY_DIGITS

    def keyed(self, keys: str, asker: Asker) -> Any:
        if len(keys) != DAY_DIGITS or not (keys.isascii() and keys.isdecimal()):
            return None
        year, month, day = ORDERS[self.order or order_of(asker.language)]
        try:
            found = date(int(keys[year : year + 4]), int(keys[month : month + 2]), int(keys[day : day + 2]))
        except ValueError:
            return None
        return self._within(found, asker.today)

    def said(self, words: str, asker: Asker) -> Any:
        is_past = self.until is not None and self.until.on(asker.today) <= asker.today
        found = understanding.date(words, asker.language, asker.today, past=is_past)
        return None if found is None else self._within(found, asker.today)

    def _within(self, day: date, today: date) -> str | None:
        if self.since is not None and day < self.since.on(today):
            return None
        return None if self.until is not None and day > self.until.on(today) else day.isoformat()


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money between two others, both included; on the keypad the star is the decimal point."""

    least: Decimal
    most: Decimal

    num_digits = None

    def keyed(self, keys: str, asker: Asker) -> Any:
        del asker
        match = AMOUNT.fullmatch(keys)
        if match is None or not keys.strip("*"):
            return None
        return self._within(Decimal(f"{match[1] or 0}.{match[2] or 0}"))

    def said(self, words: str, asker: Asker) -> Any:
        amount = understanding.amount(words, asker.language)
        return None if amount is None else self._within(amount)

    def _within(self, amount: Decimal) -> float | None:
        return float(amount) if self.least <= amount <= self.most else None


@dataclass(frozen=True, slots=True)
class Words:
    """Whatever the caller says, as the recogniser wrote it."""

    num_digits = None

    def keyed(self, keys: str, asker: Asker) -> Any:
        del keys, asker

    def said(self, words: str, asker: Asker) -> Any:
        del asker
        return " ".join(words[:MAX_WORDS].split()) or None


Entry = Digits | Day | Amount | Words


def luhn(digits: str) -> bool:
    """Is the last digit the check digit of the others (ISO/IEC 7812-1, annex B)."""
    values = [int(digit) for digit in reversed(digits)]
    doubled = [sum(divmod(2 * value, 10)) for value in values[1::2]]
    return (sum(values[::2]) + sum(doubled)) % 10 == 0


def order_of(language: str) -> str:
    """In which order people who speak the language write a day in digits."""
    first, _, region = language.partition("-")
    if first in YEAR_FIRST:
        return "ymd"
    return "mdy" if first == "en" and region not in understanding.DAY_FIRST_REGIONS else "dmy"
