"""Times as people type them at the command line, read by the clock on the centre's wall."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# Longer belongs into center.yaml, where everybody sees it, and a slip in the year must not close a centre for one.
MOST_DAYS = 31
FORMS = 'such as 14:00, "tomorrow 08:00", "2026-12-24 12:00" or 2h'

_AFTER = re.compile(r"(\d{1,4})(m|h|d)")
_WALL = re.compile(r"(?:(today|tomorrow|\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class UnclearTimeError(Exception):
    """The text is no time, or none that can be meant; the message says why and what to write."""


def parse_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that something which begins ``now`` lasts until, in UTC; at most ``MOST_DAYS`` away.

    ``14:00`` is today's, ``24:00`` the midnight that ends a day. A time that comes twice in the night when clocks go
    back is the later one. Raises UnclearTimeError for the past, for a time that clocks skip, and for anything else.
    """
    now = now.astimezone(UTC)  # a sum of a local time and a duration would be by the wall
    ends = _read(text.strip(), now, zone)
    if ends <= now:
        raise UnclearTimeError(f"that is over, it is {_shown(now, zone)}; for another day write the date, {FORMS}")
    if ends > now + timedelta(days=MOST_DAYS):
        raise UnclearTimeError(f"that is more than {MOST_DAYS} days away; write it under dates: in center.yaml")
    return ends


def _read(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    after = _AFTER.fullmatch(text)
    if after:
        return now + timedelta(**{_UNITS[after[2]]: int(after[1])})
    wall = _WALL.fullmatch(text)
    if wall is None:
        raise UnclearTimeError(f"that is not a time; write one {FORMS}")
    day, hour, minute = _day(wall[1], now.astimezone(zone).date()), int(wall[2]), int(wall[3])
    is_midnight = (hour, minute) == (24, 0)
    if minute > 59 or (hour > 23 and not is_midnight):
        raise UnclearTimeError(f"no clock shows {wall[2]}:{wall[3]}; write a time {FORMS}")
    try:
        return _moment(datetime.combine(day, time(hour % 24, minute)) + timedelta(days=is_midnight), zone)
    except OverflowError:
        raise UnclearTimeError(f"that is beyond the calendar; write a time {FORMS}") from None


def _day(word: str | None, today: date) -> date:
    if word in {None, "today", "tomorrow"}:
        return today + timedelta(days=word == "tomorrow")
    try:
        return date.fromisoformat(word or "")
    except ValueError:
        raise UnclearTimeError(f"{word} is no date; write a time {FORMS}") from None


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The wall time in UTC; the later of two, and refused where clocks skip it."""
    moment = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        later = wall.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)
        raise UnclearTimeError(f"clocks skip {wall:%H:%M} on {wall:%Y-%m-%d}; write {later:%H:%M}")
    return moment


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} in {zone.key}"
