"""Opening hours: a week of shifts, holidays, and dates of their own.

Times are what the clock on the centre's wall shows, so a day with a change to summer time is as long as it is. A shift
may end after midnight (``22:00-02:00``); it belongs to the day it begins on.

A *closure* closes a calendar at once and ends by itself (``ivr hours close``). It is no part of the program: whoever
asks gives the time until which the calendar is closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

State = Literal["open", "closed", "holiday"]
Shift = tuple[int, int]  # minutes from the day's midnight: begins, ends; past 1440 is the day after

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
LOOK_AHEAD_DAYS = 400  # a calendar that does not open within a year does not open
LATEST_MS = 253_402_300_799_000  # the last second of the year 9999, where the library's calendar ends

_SHIFT = re.compile(r"(\d{2}):(\d{2})\s*-\s*(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Special:
    """A date that differs from its weekday: other shifts, or none; ``holiday`` when it is announced as one."""

    shifts: tuple[Shift, ...]
    holiday: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """``week`` holds the shifts of Monday to Sunday, ``holidays`` country codes (``US``, ``US-NY``), ``dates`` wins."""

    name: str
    week: tuple[tuple[Shift, ...], ...] = ((),) * 7
    holidays: tuple[str, ...] = ()
    dates: Mapping[date, Special] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed by hand ``until`` a moment; ``say`` maps languages to what callers are told, and may be empty."""

    until: datetime
    say: Mapping[str, str]

    def sentence(self, languages: Iterable[str]) -> tuple[str, str]:
        """What is told in the first of some languages that has a text, and that language; empty when none has."""
        return next(((self.say[tag], tag) for tag in languages if tag in self.say), ("", ""))


def read_closure(data: Mapping[str, Any], now: datetime) -> Closure | None:
    """The closure that ``{"until_ms": int, "say": {language: text}}`` stands for, while it is in force at ``now``."""
    until_ms, say = data.get("until_ms"), data.get("say")
    if not isinstance(until_ms, int) or not now.timestamp() * 1000 < until_ms <= LATEST_MS:
        return None
    texts = say.items() if isinstance(say, dict) else ()
    told = {str(tag): text for tag, text in texts if isinstance(text, str)}
    return Closure(datetime.fromtimestamp(until_ms / 1000, UTC), told)


def state(calendar: Calendar, zone: ZoneInfo, now: datetime, closed_until: datetime | None = None) -> State:
    """``open``, ``closed`` or ``holiday`` at an aware moment; a shift that began yesterday outlasts midnight.

    Before ``closed_until`` what would be open is closed; a holiday stays one.
    """
    wall = now.astimezone(zone)
    today, minute = wall.date(), wall.hour * 60 + wall.minute
    if _is_in_shift(calendar, today, minute):
        return "closed" if closed_until is not None and now < closed_until else "open"
    return "holiday" if is_holiday(calendar, today) else "closed"


def next_opening(
    calendar: Calendar, zone: ZoneInfo, now: datetime, closed_until: datetime | None = None
) -> datetime | None:
    """When the calendar opens next after ``now``, in UTC; None when that is not within 400 days.

    It opens when a shift begins, or when a closure ends in the middle of one.
    """
    if closed_until is not None and now < closed_until:
        now = closed_until
        if state(calendar, zone, now) == "open":
            return now.astimezone(UTC)
    today = now.astimezone(zone).date()
    for days in range(LOOK_AHEAD_DAYS):
        for begins, _ in shifts_on(calendar, today + timedelta(days=days)):
            opens = _moment(today + timedelta(days=days), begins, zone)
            if opens > now:
                return opens
    return None


def _is_in_shift(calendar: Calendar, today: date, minute: int) -> bool:
    yesterday = today - timedelta(days=1)
    if any(begins <= minute + DAY_MINUTES < ends for begins, ends in shifts_on(calendar, yesterday)):
        return True
    return any(begins <= minute < ends for begins, ends in shifts_on(calendar, today))


def shifts_on(calendar: Calendar, day: date) -> tuple[Shift, ...]:
    """The shifts that begin on a date, in order."""
    special = calendar.dates.get(day)
    if special is not None:
        return special.shifts
    return () if is_holiday(calendar, day) else calendar.week[day.weekday()]


def parse_shifts(text: str) -> tuple[Shift, ...] | None:
    """``08:00-12:30, 13:00-18:00`` in order and apart from one another; None when it is not like that."""
    shifts = tuple(_shifts(text))
    if not shifts or None in shifts:
        return None
    whole = tuple(sorted(shift for shift in shifts if shift is not None))
    apart = all(left[1] <= right[0] for left, right in pairwise(whole))
    return whole if apart else None


def parse_days(text: str) -> tuple[int, ...] | None:
    """``mon-fri``, ``sat``, ``mon, wed`` as weekdays from 0, Monday; None when it is not like that."""
    days: list[int] = []
    for part in text.split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            return None
        start, end = DAYS.index(first), DAYS.index(last or first)
        days.extend((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(days)


@lru_cache(maxsize=256)
def holidays_in(code: str, year: int) -> frozenset[date] | None:
    """A country's public holidays in a year, by the ``holidays`` library; None for a code it does not know."""
    import holidays  # takes a third of a second, and most calendars have none

    country, _, region = code.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:
        return None


def is_holiday(calendar: Calendar, day: date) -> bool:
    """Is a date a holiday: said to be one, or one of the countries' that is not given hours of its own."""
    special = calendar.dates.get(day)
    if special is not None:
        return special.holiday
    return any(day in (holidays_in(code, day.year) or ()) for code in calendar.holidays)


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The wall time in UTC; for one that the change to summer time skips, when the clock has skipped it."""
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    moment = wall.astimezone(UTC)
    while moment.astimezone(zone).replace(tzinfo=None) > wall.replace(tzinfo=None):
        before = moment - timedelta(minutes=1)
        if before.astimezone(zone).replace(tzinfo=None) < wall.replace(tzinfo=None):
            break
        moment = before
    return moment


def _shifts(text: str) -> Iterator[Shift | None]:
    for part in text.split(","):
        match = _SHIFT.fullmatch(part.strip())
        yield _shift(*(int(group) for group in match.groups())) if match else None


def _shift(begin_hour: int, begin_minute: int, end_hour: int, end_minute: int) -> Shift | None:
    begins, ends = begin_hour * 60 + begin_minute, end_hour * 60 + end_minute
    if begin_minute > 59 or end_minute > 59 or begins >= DAY_MINUTES or ends > DAY_MINUTES or begins == ends:
        return None
    return begins, ends if ends > begins else ends + DAY_MINUTES
