"""What a caller said, as a value: digits, a whole number, a day, an amount, yes or no, a rating. Pure, by tables.

The text is what a recogniser wrote: ``one two three``, ``double five``, ``forty two euros fifty``, ``$42.50``, ``march
3rd``. Case, accents and punctuation do not count. Every function answers None when it is not sure: a caller who is
asked again loses five seconds, one who is misunderstood loses the call. Each language's words are in ``flows/phrases``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812 - ``date`` is a function here
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from flows import phrases
from flows.phrases.heard import longest, number_at, tables
from flows.phrases.language import plain

if TYPE_CHECKING:
    from flows.phrases.heard import Tables, Words

MAX_SAID = 500  # characters; the longest thing understood here, a date or a card number, takes a quarter of it
MAX_DIGITS = 64
MAX_AMOUNT = 1_000_000_000
YEARS_AHEAD = 20  # a year of two digits is at most so far ahead, in the past not at all; POSIX turns at 69
LEAP_SEARCH_YEARS = 9  # between two 29ths of February, across a century
DAY_FIRST_REGIONS = frozenset({"GB", "IE", "AU", "NZ", "IN", "ZA"})

ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|ro|e|o|a|te|ten|ter)")
FIGURES = re.compile(r"\d[\d.,']*\d|\d")
DAY_IN_DIGITS = re.compile(r"\D*?(\d{1,4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,4})\D*")
THOUSANDS = re.compile(r"(?<=\d)[,.'](?=\d{3}(?!\d))")


# --- digits and numbers ----------------------------------------------------------------------------------------------


def digits(words: str, language: str) -> str | None:
    """The digits that were named one by one or in groups: ``double five oh`` is 550, ``twelve thirty four`` 1234."""
    known = tables(phrases.base(language))
    tokens = known.split(words[:MAX_SAID])
    named, guessed, place = "", False, 0
    sure = False
    while place < len(tokens):
        text, end, guessed = _digits_at(tokens, place, known)
        if not text:
            end = place + longest(tokens, place, known.fillers)
            if end == place:
                return None
        sure = sure or bool(text and not guessed)
        named, place = named + text, end
    return named if sure and len(named) <= MAX_DIGITS else None


def _digits_at(tokens: Words, place: int, known: Tables) -> tuple[str, int, bool]:
    """The digits at a place, the place after them, and whether they are only what a digit sounds like."""
    token = tokens[place]
    if token in known.times and place + 1 < len(tokens):
        text, end, guessed = _digits_at(tokens, place + 1, known)
        return (text * known.times[token], end, guessed) if len(text) == 1 else ("", place, False)
    if token.isascii() and token.isdecimal():
        return token, place + 1, False
    if token in known.homophones:
        return str(known.homophones[token]), place + 1, True
    if token in known.articles:
        return "", place, False
    read = number_at(tokens, place, known)
    return ("", place, False) if read is None else (str(read[0]), read[1], False)


def number(words: str, language: str) -> int | None:
    """One whole number: ``forty two``, ``42``, ``a hundred and five``; None for none or several."""
    known = tables(phrases.base(language))
    tokens = known.split(THOUSANDS.sub("", words[:MAX_SAID]))
    found: list[int] = []
    place, has_article = 0, False
    while place < len(tokens):
        read = number_at(tokens, place, known)
        if read is not None:
            found.append(read[0])
            place = read[1]
            continue
        has_article = has_article or tokens[place] in known.articles
        skipped = longest(tokens, place, known.fillers)
        if not skipped:
            return None
        place += skipped
    if not found and has_article and language[:2] != "en":  # "una estrella"; English has "one star"
        return 1
    return found[0] if len(found) == 1 else None


def rating(words: str, language: str, *, least: int = 1, most: int = 5) -> int | None:
    """A mark from ``least`` to ``most``: ``four``, ``4 stars``, ``four out of five``."""
    known = tables(phrases.base(language))
    said = plain(words[:MAX_SAID])
    for word in known.out_of:
        for top in (str(most), plain(phrases.language(language).numbers.cardinal(most))):
            said = said.removesuffix(f" {word} {top}")
    given = number(said, language)
    return given if given is not None and least <= given <= most else None


def yes_no(words: str, language: str) -> bool | None:
    """``That's right`` is True, ``no thanks`` is False; None when it is neither, or both."""
    known = tables(phrases.base(language))
    tokens = tuple(plain(words[:MAX_SAID]).split())
    heard: set[bool] = set()
    place = 0
    while place < len(tokens):
        yes, no = longest(tokens, place, known.yes), longest(tokens, place, known.no)
        if yes or no:
            heard.add(yes > no)
        place += max(yes, no, 1)
    return heard.pop() if len(heard) == 1 else None


# --- money -----------------------------------------------------------------------------------------------------------


def amount(words: str, language: str) -> Decimal | None:
    """An amount of money without its currency, to the hundredth: ``forty two euros fifty``, ``$42.50``, ``50 cents``.

    Never negative, and less than a thousand million.
    """
    known = tables(phrases.base(language))
    said = words[:MAX_SAID]
    figures = FIGURES.findall(said)
    if len(figures) == 1 and any(sign in figures[0] for sign in ".,'"):
        value = _figures(figures[0], decimal_comma=phrases.language(language).numbers.decimal_comma)
        said = said.replace(figures[0], "1" if value is not None and value >= 1 else "0")
    else:
        value = None
        figures = []
    shape = _shape(known.split(said), known)
    spoken = None if shape is None else _in_words(*shape)
    if figures:
        return value if spoken is not None and shape is not None and shape[0] in {"n", "nw"} else None
    return spoken if spoken is None or spoken < MAX_AMOUNT else None


def _figures(figures: str, *, decimal_comma: bool) -> Decimal | None:
    """``1,234.50`` by the language's signs; one sign before one or two digits is a decimal sign everywhere."""
    last = max(figures.rfind("."), figures.rfind(","))
    whole, decimals = re.sub(r"\D", "", figures[: max(last, 0)]), figures[last + 1 :]
    if last < 0:
        return Decimal(decimals.replace("'", ""))
    is_thousands = len(decimals) == 3 and (figures[last] == "." if decimal_comma else figures[last] == ",")
    if is_thousands:
        return Decimal(whole + decimals)
    return Decimal(f"{whole}.{decimals}") if decimals.isdecimal() and 1 <= len(decimals) <= 2 else None


def _shape(tokens: Words, known: Tables) -> tuple[str, list[str]] | None:
    """What was said as a word of letters (n number, w whole unit, h hundredth, p point) and its numbers."""
    letters, numbers, place = "", [], 0
    while place < len(tokens):
        sizes = {
            "w": longest(tokens, place, known.whole),
            "h": longest(tokens, place, known.hundredth),
            "p": int(tokens[place] in known.points),
        }
        letter = max(sizes, key=lambda one: sizes[one])
        read = None if sizes[letter] else number_at(tokens, place, known)
        if sizes[letter]:
            letters, place = letters + letter, place + sizes[letter]
        elif read is not None:
            text = tokens[place] if tokens[place].isdecimal() and read[1] == place + 1 else str(read[0])
            letters, place = letters + "n", read[1]
            numbers.append(text)
        else:
            skipped = longest(tokens, place, known.fillers) or int(tokens[place] in known.joints)
            if not skipped:
                return None
            place += skipped
    return letters, numbers


def _in_words(letters: str, numbers: list[str]) -> Decimal | None:
    """The amount of a shape; None for a shape that people do not say."""
    if letters in {"n", "nw"}:
        return Decimal(numbers[0])
    if letters == "nh":
        return Decimal(numbers[0]) / 100
    if letters in {"nwn", "nwnh", "nn", "nnw"}:
        hundredths = int(numbers[1])
        is_sure = hundredths < 100 and ("h" in letters or hundredths >= 10)
        return Decimal(numbers[0]) + Decimal(hundredths) / 100 if is_sure else None
    if re.fullmatch(r"npn{1,2}w?", letters):
        decimals = "".join(numbers[1:])
        return Decimal(f"{numbers[0]}.{decimals}") if len(decimals) <= 2 else None
    return None


# --- days ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Day:
    """What was said about a day, word by word."""

    offset: int | None = None
    weekday: int | None = None
    month: int | None = None
    day: int | None = None
    numbers: list[int] = field(default_factory=list)
    before_month: int = 0


def date(words: str, language: str, today: Date, *, past: bool = False) -> Date | None:
    """A day: ``march 3rd 2027``, ``the third of march``, ``next friday``, ``tomorrow``, ``03/04/2027``.

    Without a year it is the next such day from ``today`` on, or with ``past`` the last one up to it. ``next friday`` is
    the first Friday after today. Days in digits have the order of the language's country.
    """
    in_digits = DAY_IN_DIGITS.fullmatch(words[:MAX_SAID])
    if in_digits:
        return _in_digits(in_digits[1], in_digits[2], in_digits[3], language, today, past=past)
    known = tables(phrases.base(language))
    said = _day(known.split(words[:MAX_SAID]), known)
    return None if said is None else _resolve(said, today, past=past)


def _day(tokens: Words, known: Tables) -> _Day | None:
    """Every word in its place; None when one of them means nothing here."""
    said, place = _Day(), 0
    while place < len(tokens):
        size = _note_day(said, tokens, place, known)
        if not size:
            size = longest(tokens, place, known.fillers | known.next)
        if not size:
            return None
        place += size
    return said


def _note_day(said: _Day, tokens: Words, place: int, known: Tables) -> int:
    """Note what stands at a place; how many words it has, 0 for nothing."""
    size = longest(tokens, place, known.days)
    if size:
        said.offset = known.days[tokens[place : place + size]]
        return size
    size = longest(tokens, place, known.ordinals)
    if size and said.day is None:
        said.day = known.ordinals[tokens[place : place + size]]
        return size
    size = longest(tokens, place, known.months)
    if size and said.month is None:
        said.month, said.before_month = known.months[tokens[place : place + size]], len(said.numbers)
        return size
    size = longest(tokens, place, known.weekdays)
    if size and said.weekday is None:
        said.weekday = known.weekdays[tokens[place : place + size]]
        return size
    suffixed = ORDINAL.fullmatch(tokens[place])
    if suffixed and said.day is None:
        said.day = int(suffixed[1])
        return 1
    read = None if tokens[place] in known.articles else number_at(tokens, place, known)
    if read is None:
        return 0
    said.numbers.append(read[0])
    return read[1] - place


def _resolve(said: _Day, today: Date, *, past: bool) -> Date | None:
    if said.offset is not None:
        alone = said.weekday is None and said.month is None and said.day is None and not said.numbers
        return today + timedelta(days=said.offset) if alone else None
    if said.month is None:
        alone = said.weekday is not None and said.day is None and not said.numbers
        return _weekday(said.weekday, today, past=past) if alone and said.weekday is not None else None
    rest = list(said.numbers)
    day = said.day
    if day is None:
        if not rest or said.before_month > 1:
            return None
        day = rest.pop(0)
    found = _on(said.month, day, _year(rest, today, past=past), today, past=past) if len(rest) <= 2 else None
    return found if found is not None and said.weekday in {None, found.weekday()} else None


def _weekday(weekday: int, today: Date, *, past: bool) -> Date:
    days = (today.weekday() - weekday - 1) % 7 + 1 if past else -((weekday - today.weekday() - 1) % 7 + 1)
    return today - timedelta(days=days)


def _year(numbers: list[int], today: Date, *, past: bool) -> int | None:
    """``2027``, ``twenty twenty seven`` or ``27``; None when no year was said, 0 for what is none."""
    if not numbers:
        return None
    if len(numbers) == 2:
        return numbers[0] * 100 + numbers[1] if 10 <= numbers[0] <= 99 and 0 <= numbers[1] <= 99 else 0
    year = numbers[0]
    if year >= 100:
        return year
    latest = today.year + (0 if past else YEARS_AHEAD)
    century = latest // 100 * 100
    return century + year if century + year <= latest else century - 100 + year


def _on(month: int, day: int, year: int | None, today: Date, *, past: bool) -> Date | None:
    """The day in its year, or in the nearest year that has it."""
    if year is not None:
        return _made(year, month, day) if 1900 <= year <= today.year + 100 else None
    step = -1 if past else 1
    candidates = (_made(today.year + step * years, month, day) for years in range(LEAP_SEARCH_YEARS))
    return next((one for one in candidates if one is not None and (one <= today if past else one >= today)), None)


def _made(year: int, month: int, day: int) -> Date | None:
    try:
        return Date(year, month, day)
    except (ValueError, OverflowError):  # the second for a number that no machine counts days by
        return None


def _in_digits(first: str, second: str, third: str, language: str, today: Date, *, past: bool) -> Date | None:
    """``2027-03-04``, else by the country's order; the other order when only that is a day."""
    if len(first) == 4:
        return _on(int(second), int(third), int(first), today, past=False)
    if len(first) > 2 or len(third) not in {2, 4}:
        return None
    region = language.rpartition("-")[2].upper()
    month_first = phrases.language(language).ear.month_first and region not in DAY_FIRST_REGIONS
    month, day = (first, second) if month_first else (second, first)
    if int(month) > 12:
        month, day = day, month
    return _on(int(month), int(day), _year([int(third)], today, past=past), today, past=past)
