"""Values as they are said: money, days, times, durations, telephone numbers, places in a line. Pure, by language.

These are the functions of the flow language that texts use (``{{ money(vars.total, "USD") }}``). Words come from
``flows/phrases``; numbers stay figures, which every voice reads in its own language. What cannot be said as asked is
``Untold`` with a reason, never an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows import phrases
from flows.instructions.say import Spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_LISTED = 20  # of one list; nobody keeps more in mind
AT_ONCE = 6  # characters that are remembered without a pause
MAX_SPELLED = 100  # characters; a minute of listening
MAX_AMOUNT = 10**12
DAYS_BY_NAME = 7  # from then on a weekday could be the next one or the one after
SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
E164 = re.compile(r"\+[1-9]\d{6,14}")
TWO_FIGURES = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")  # country codes, ITU-T E.164


@dataclass(frozen=True, slots=True)
class Untold:
    """A value that cannot be said as asked, and why."""

    reason: str


class _UntoldError(Exception):
    """Inside this file only: the value is of no use to the function."""


def tell(name: str, given: Sequence[Any], language: str, now: datetime) -> str | Spelled | Untold:
    """The function ``name`` of what it is given, in a language; ``now`` is the centre's time."""
    least, most = FUNCTIONS[name]
    if not least <= len(given) <= most:
        return Untold(f"{name} is given {len(given)} values")
    if any(value is None for value in given):
        return Untold("it is null")
    try:
        return TELLERS[name](given, language, now)
    except _UntoldError as error:
        return Untold(str(error))


# --- numbers ---------------------------------------------------------------------------------------------------------


def money(value: Decimal, currency: str, language: str) -> str:
    """``42 dollars and 50 cents``; a currency we have no name for is said by its letters."""
    speaks = phrases.language(language)
    named = speaks.currencies.get(currency.upper())
    sign = "-" if value < 0 else ""
    hundredths = round(abs(value) * 100)
    whole, rest = divmod(hundredths, 100)
    if named is None:
        return f"{sign}{_figures(abs(value), language)} {' '.join(currency.upper())}"
    if not named.hundredth[0]:
        return f"{sign}{_counted(round(abs(value)), named.name)}"
    said = [_counted(whole, named.name)] if whole or not rest else []
    said += [_counted(rest, named.hundredth)] if rest else []
    return sign + f" {speaks.both} ".join(said)


def ordinal(number: int, language: str) -> str:
    """``third``, ``21st``."""
    numbers = phrases.language(language).numbers
    return numbers.ordinals[number - 1] if 1 <= number <= len(numbers.ordinals) else numbers.nth(number)


def how_long(seconds: float, language: str) -> str:
    """``45 seconds``, ``1 hour and 30 minutes``: never more than two units, rounded to the smaller."""
    speaks = phrases.language(language)
    left = max(round(seconds), 0)
    if left >= SECONDS["hour"]:
        left = round(left / 60) * 60
    if left >= SECONDS["day"]:
        left = round(left / 3_600) * 3_600
    parts = []
    for unit, size in SECONDS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(_counted(count, speaks.units[unit]))
    return f" {speaks.both} ".join(parts) or _counted(0, speaks.units["second"])


def listing(words: Sequence[str], language: str, joint: str = "") -> str:
    """``red, green and blue``; ``joint`` instead of *and*."""
    if len(words) < 2:
        return "".join(words)
    last = words[-1]
    word = joint or phrases.language(language).both
    if phrases.base(language) == "es":
        word = _before_vowel(word, last)
    return f"{', '.join(words[:-1])} {word} {last}"


def _before_vowel(joint: str, word: str) -> str:
    """Spanish says ``e`` before *i* and ``u`` before *o*: ``padre e hijo``, ``siete u ocho``."""
    begins = word.casefold().removeprefix("h")
    if joint == "y" and begins.startswith(("i", "í")) and not begins.startswith(("ie", "ia")):
        return "e"
    return "u" if joint == "o" and (begins.startswith(("o", "ó")) or word.startswith("8")) else joint


def _counted(count: int, unit: tuple[str, str]) -> str:
    return f"{count} {unit[count != 1]}"


def _figures(value: Decimal, language: str) -> str:
    """A number with the decimal sign that the language's voices read."""
    text = f"{value.normalize():f}"
    return text.replace(".", ",") if phrases.language(language).numbers.decimal_comma else text


# --- days and times --------------------------------------------------------------------------------------------------


def day(value: date, language: str, today: date) -> str:
    """``March 3``; with its year when that is another than this one."""
    return phrases.language(language).calendar.day(value, value.year != today.year)


def clock(value: datetime | time, language: str) -> str:
    """``9 AM``, ``5:30 PM``."""
    return phrases.language(language).calendar.clock(value.hour, value.minute)


def moment(value: datetime, language: str, now: datetime) -> str:
    """A time as seen from ``now``: ``today at 5 PM``, ``tomorrow at 8 AM``, ``Monday at noon``, ``May 28 at 9 AM``.

    ``now`` is on the centre's clock.
    """
    calendar = phrases.language(language).calendar
    value, today = _local(value, now), now.date()
    days = (value.date() - today).days
    if days in {0, 1}:
        said = calendar.tomorrow if days else calendar.today
    elif 1 < days < DAYS_BY_NAME:
        said = calendar.weekdays[value.weekday()]
    else:
        said = calendar.on + day(value.date(), language, today)
    return calendar.at(said, value.hour, clock(value, language))


# --- characters one by one -------------------------------------------------------------------------------------------


def spell(text: str) -> Spelled:
    """``1 2 3``: read one by one; what is longer than ``AT_ONCE`` in groups of four or three."""
    characters = "".join(text.split())[:MAX_SPELLED]
    if E164.fullmatch(characters):
        return phone(characters)
    if len(characters) <= AT_ONCE:
        return Spelled((characters,))
    return Spelled(_groups(characters, 4 if len(characters) % 4 == 0 else 3))


def phone(number: str) -> Spelled:
    """A telephone number as people say it: ``2 0 2, 5 5 5, 0 1 4 3``; the country's code first, save for +1."""
    if not E164.fullmatch(number):
        raise _UntoldError(f'"{number[:20]}" is not a telephone number')
    figures = number[1:]
    if figures[0] == "1" and len(figures) == 11:
        return Spelled((figures[1:4], figures[4:7], figures[7:]))
    size = 1 if figures[0] in "17" else 2 if TWO_FIGURES.match(figures) else 3
    return Spelled((f"+{figures[:size]}", *_groups(figures[size:], 3)))


def _groups(characters: str, size: int) -> tuple[str, ...]:
    """Groups of a size; no character is left alone at the end."""
    cuts = list(range(0, len(characters), size))
    if len(characters) - cuts[-1] == 1 and len(cuts) > 1:
        cuts.pop()
    return tuple(characters[start:end] for start, end in zip(cuts, [*cuts[1:], len(characters)], strict=True))


# --- what the functions are given ------------------------------------------------------------------------------------


def _decimal(value: Any) -> Decimal:
    """A number, or text that is one."""
    try:
        number = Decimal(str(value)) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number) >= MAX_AMOUNT:
        raise _UntoldError(f'"{str(value)[:20]}" is not a number')
    return number


def _moment(value: Any, now: datetime) -> datetime:
    """A time, or text of ISO 8601; one without an offset is the centre's."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        raise _UntoldError("it is not a time")
    return _local(value, now) if value.tzinfo else value.replace(tzinfo=now.tzinfo)


def _local(value: datetime, now: datetime) -> datetime:
    """The time on the centre's clock.

    Where ``now`` has only an offset (inside CEL) a time with an offset of its own is on that clock already: the offset
    may be another by then.
    """
    try:
        return value.astimezone(now.tzinfo) if isinstance(now.tzinfo, ZoneInfo) or not value.utcoffset() else value
    except OverflowError:  # in the first or last hours that there are
        return value


def _clock_of(value: Any, now: datetime) -> datetime | time:
    """A time of day: a time, or text such as ``17:30``."""
    if isinstance(value, str) and len(value) <= 8:
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass
    return _moment(value, now)


def _seconds(value: Any) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(_decimal(value))


def _words(value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)):
        raise _UntoldError("it is not a list")
    return [str(one) for one in value[:MAX_LISTED] if one is not None and one != ""]


def _text(value: Any) -> str:
    """Text, or a whole number, which another system may have sent instead of digits."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        raise _UntoldError("it is not text")
    return str(value)


def _whole(value: Any) -> int:
    number = _decimal(value)
    if number != number.to_integral_value():
        raise _UntoldError(f'"{value}" is not a whole number')
    return int(number)


TELLERS: dict[str, Callable[[Sequence[Any], str, datetime], str | Spelled]] = {
    "money": lambda given, language, _: money(_decimal(given[0]), _text(given[1]), language),
    "date": lambda given, language, now: day(_moment(given[0], now).date(), language, now.date()),
    "time": lambda given, language, now: clock(_clock_of(given[0], now), language),
    "moment": lambda given, language, now: moment(_moment(given[0], now), language, now),
    "how_long": lambda given, language, _: how_long(_seconds(given[0]), language),
    "ordinal": lambda given, language, _: ordinal(_whole(given[0]), language),
    "list": lambda given, language, _: listing(_words(given[0]), language),
    "phone": lambda given, _language, _now: phone(_text(given[0])),
    "spell": lambda given, _language, _now: spell(_text(given[0])),
}
FUNCTIONS: dict[str, tuple[int, int]] = dict.fromkeys(TELLERS, (1, 1)) | {"money": (2, 2)}
