"""Opening hours: shifts, holidays, dates, and the two nights a year when the clock is moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.hours import Calendar, Special, holidays_in, next_opening, parse_days, parse_shifts, read_closure, state

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


def test_an_opening_that_the_clock_skips_is_when_it_has_skipped_it() -> None:
    """02:30 on 8 March 2026 does not exist: the doors open when the clock goes from 02:00 to 03:00."""
    early = Calendar("early", week=(((150, 600),),) * 7)

    opens = next_opening(early, NEW_YORK, at("2026-03-08 00:00"))

    assert opens == at("2026-03-08 03:00") == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    assert state(early, NEW_YORK, datetime(2026, 3, 8, 7, 0, tzinfo=UTC)) == "open"
    assert state(early, NEW_YORK, datetime(2026, 3, 8, 6, 59, tzinfo=UTC)) == "closed"


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


# ------------------------------------------------------------------------------------------ closed at once


@pytest.mark.parametrize(
    ("now", "until", "expected", "opens"),
    [
        ("2026-03-02 09:00", "2026-03-02 11:00", "closed", "2026-03-02 11:00"),
        ("2026-03-02 11:00", "2026-03-02 11:00", "open", "2026-03-02 13:00"),
        ("2026-03-02 09:00", "2026-03-02 12:45", "closed", "2026-03-02 13:00"),
        ("2026-03-02 19:00", "2026-03-02 20:00", "closed", "2026-03-04 08:00"),
        ("2026-03-02 09:00", "2026-03-04 10:00", "closed", "2026-03-04 10:00"),
        ("2026-03-03 09:00", "2026-03-04 10:00", "holiday", "2026-03-04 10:00"),
        ("2026-03-07 10:00", "2026-03-08 10:00", "closed", "2026-03-09 08:00"),
    ],
)
def test_a_closure_closes_until_its_end(now: str, until: str, expected: str, opens: str) -> None:
    """Then it opens in the middle of a shift, or with the next one; a holiday stays a holiday."""
    found = state(OFFICE, NEW_YORK, at(now), at(until)), next_opening(OFFICE, NEW_YORK, at(now), at(until))

    assert found == (expected, at(opens))


def test_a_closure_over_midnight_closes_both_evenings_shift() -> None:
    """A night shift that began before midnight is closed after it too."""
    now, until = at("2026-03-04 23:00"), at("2026-03-05 01:00")

    assert state(NIGHT, NEW_YORK, at("2026-03-05 00:30"), until) == "closed"
    assert next_opening(NIGHT, NEW_YORK, now, until) == until


def test_the_sentence_of_a_closure_is_found_by_language() -> None:
    """The first of the languages that has one."""
    now = at("2026-03-02 09:00")
    found = read_closure({"until_ms": int(now.timestamp() * 1000) + 1, "say": {"en-US": "Hello.", "es-US": 5}}, now)

    assert found is not None
    assert found.sentence(("es-US", "en-US")) == ("Hello.", "en-US")
    assert found.sentence(("es-US",)) == ("", "")
    assert read_closure({"until_ms": int(now.timestamp() * 1000), "say": {}}, now) is None


# --------------------------------------------------------------------------------------- every zone, every night

ZONES = ("UTC", "America/New_York", "Europe/Madrid", "Asia/Kolkata", "Australia/Adelaide", "Australia/Lord_Howe")
QUARTERS = st.integers(0, 95)
SWITCHES = tuple(  # the nights on which clocks are moved in one of the zones, and a quiet one
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in ((3, 8), (3, 29), (4, 4), (6, 1), (10, 3), (10, 25), (11, 1))
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any week of shifts by the quarter of an hour; some end after midnight."""
    week = []
    for _ in range(7):
        ends = sorted(draw(st.sets(QUARTERS, max_size=4)))
        week.append(tuple((15 * begins, 15 * end) for begins, end in pairwise(ends))[::2])
    if draw(st.booleans()):
        week[draw(st.integers(0, 6))] = ((22 * 60, 26 * 60),)
    return Calendar("any", tuple(week))


@settings(deadline=None, max_examples=60)
@given(calendars(), st.sampled_from(ZONES), st.sampled_from(SWITCHES), st.integers(-96, 96))
def test_the_next_opening_is_open_and_nothing_opens_before_it(
    calendar: Calendar, zone_name: str, switch: datetime, quarters: int
) -> None:
    """In zones with half hours too, and on the nights when clocks are moved.

    Only an hour that comes twice may open once more than the shifts say.
    """
    zone = ZoneInfo(zone_name)
    now = switch + timedelta(minutes=15 * quarters)
    opens = next_opening(calendar, zone, now)
    until = now + timedelta(days=9) if opens is None else opens
    moments = [now + timedelta(minutes=15 * step) for step in range(int((until - now) / timedelta(minutes=15)))]
    opened = [
        second
        for first, second in pairwise(moments)
        if state(calendar, zone, first) != "open" and state(calendar, zone, second) == "open"
    ]

    assert opens is None or state(calendar, zone, opens) == "open"
    assert [moment for moment in opened if not moment.astimezone(zone).fold] == []
