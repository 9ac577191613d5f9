"""Opening hours: shifts, holidays, dates, and the two nights a year when the clock is moved."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from flows.hours import Calendar, Special, holidays_in, next_opening, parse_days, parse_shifts, state

NEW_YORK = ZoneInfo("America/New_York")
SPLIT = ((480, 750), (780, 1080))  # 08:00-12:30, 13:00-18:00
OFFICE = Calendar(
    "office",
    week=(SPLIT, SPLIT, SPLIT, SPLIT, SPLIT, ((540, 780),), ()),
    holidays=("US",),
    dates={
        date(2026, 12, 24): Special(((480, 720),)),
        date(2026, 12, 31): Special(()),
        date(2026, 3, 3): Special((), holiday=True),
        date(2026, 7, 4): Special(((600, 660),)),
    },
)
NIGHT = Calendar("night", week=(((1320, 1560),),) * 7)  # 22:00-02:00 every day


def at(text: str) -> datetime:
    """A moment on New York's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02 07:59", "closed"),
        ("2026-03-02 08:00", "open"),
        ("2026-03-02 12:29", "open"),
        ("2026-03-02 12:30", "closed"),
        ("2026-03-02 13:00", "open"),
        ("2026-03-02 18:00", "closed"),
        ("2026-03-07 12:00", "open"),
        ("2026-03-08 12:00", "closed"),
        ("2026-03-03 12:00", "holiday"),
        ("2026-11-26 12:00", "holiday"),
        ("2026-12-24 09:00", "open"),
        ("2026-12-24 13:00", "closed"),
        ("2026-12-31 09:00", "closed"),
        ("2026-07-04 10:30", "open"),
    ],
)
def test_the_office_is(moment: str, expected: str) -> None:
    """A shift's first minute is open, its last is closed; a date of its own wins over a holiday."""
    assert state(OFFICE, NEW_YORK, at(moment)) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02 07:00", "2026-03-02 08:00"),
        ("2026-03-02 08:00", "2026-03-02 13:00"),
        ("2026-03-02 12:45", "2026-03-02 13:00"),
        ("2026-03-02 19:00", "2026-03-04 08:00"),
        ("2026-03-06 19:00", "2026-03-07 09:00"),
        ("2026-03-07 14:00", "2026-03-09 08:00"),
        ("2026-11-25 19:00", "2026-11-27 08:00"),
        ("2026-12-24 13:00", "2026-12-26 09:00"),
    ],
)
def test_the_office_opens_next(moment: str, expected: str) -> None:
    """Over nights, weekends, holidays, and the change to summer time on 8 March."""
    assert next_opening(OFFICE, NEW_YORK, at(moment)) == at(expected)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("21:59", "closed"),
        ("22:00", "open"),
        ("23:59", "open"),
        ("00:00", "open"),
        ("01:59", "open"),
        ("02:00", "closed"),
    ],
)
def test_a_shift_may_end_after_midnight(moment: str, expected: str) -> None:
    """It belongs to the evening on which it began."""
    assert state(NIGHT, NEW_YORK, at(f"2026-03-04 {moment}")) == expected


def test_an_hour_that_is_there_twice_is_open_twice() -> None:
    """On 1 November 2026 the clock shows 01:30 two times; the shift goes by the wall."""
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6))

    assert (state(NIGHT, NEW_YORK, first), state(NIGHT, NEW_YORK, second)) == ("open", "open")
    assert state(NIGHT, NEW_YORK, datetime(2026, 11, 1, 7, 0, tzinfo=UTC)) == "closed"


def test_an_opening_that_the_clock_skips_is_an_hour_later_on_the_wall() -> None:
    """02:30 on 8 March 2026 does not exist: the doors open when the clock shows 03:30."""
    early = Calendar("early", week=(((150, 600),),) * 7)

    opens = next_opening(early, NEW_YORK, at("2026-03-08 00:00"))

    assert opens == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_what_never_opens_never_opens() -> None:
    """No opening within a year is none."""
    assert next_opening(Calendar("never"), NEW_YORK, at("2026-03-02 12:00")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00-12:30, 13:00-18:00", SPLIT),
        ("13:00-18:00,08:00-12:30", SPLIT),
        ("22:00-02:00", ((1320, 1560),)),
        ("00:00-24:00", ((0, 1440),)),
        ("08:00-12:00, 11:00-13:00", None),
        ("8-12", None),
        ("24:00-01:00", None),
        ("08:00-08:00", None),
        ("08:60-09:00", None),
        ("08:00-25:00", None),
        ("", None),
        ("always", None),
    ],
)
def test_shifts_are_read(text: str, expected: object) -> None:
    """In order and apart from one another, or not at all."""
    assert parse_shifts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon", (0,)),
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat-mon", (5, 6, 0)),
        ("mon, wed", (0, 2)),
        ("Mon", None),
        ("mon-", None),
        ("montag", None),
        ("", None),
    ],
)
def test_days_are_read(text: str, expected: object) -> None:
    """A day, a range over the weekend too, or a list."""
    assert parse_days(text) == expected


def test_holidays_are_a_countrys_or_a_regions() -> None:
    """By the library's calendar; an unknown code is none."""
    assert date(2026, 7, 4) in (holidays_in("US", 2026) or ())
    assert date(2026, 1, 6) in (holidays_in("DE-BY", 2026) or ())
    assert holidays_in("XX", 2026) is None
    assert holidays_in("US-XX", 2026) is None
