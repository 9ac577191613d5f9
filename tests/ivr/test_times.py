"""Times as people type them: read by the centre's wall clock, refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.times import UnclearTimeError, parse_until

NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("14:00", "2026-03-02 10:00", "2026-03-02 14:00"),
        (" 9:30 ", "2026-03-02 08:00", "2026-03-02 09:30"),
        ("today 14:00", "2026-03-02 10:00", "2026-03-02 14:00"),
        ("tomorrow 08:00", "2026-03-02 22:00", "2026-03-03 08:00"),
        ("24:00", "2026-03-02 22:00", "2026-03-03 00:00"),
        ("2026-03-04 02:00", "2026-03-02 22:00", "2026-03-04 02:00"),
        ("2026-03-04T02:00", "2026-03-02 22:00", "2026-03-04 02:00"),
        ("2h", "2026-03-02 22:30", "2026-03-03 00:30"),
        ("90m", "2026-03-02 10:00", "2026-03-02 11:30"),
        ("31d", "2026-03-01 10:00", "2026-04-01 11:00"),
        ("12:00", "2026-03-08 01:00", "2026-03-08 12:00"),
        ("tomorrow 09:00", "2026-10-31 12:00", "2026-11-01 09:00"),
    ],
)
def test_a_time_is_meant_by_the_wall(text: str, now: str, expected: str) -> None:
    """Today unless another day is named; a duration is as long as it is, also when clocks are moved."""
    assert parse_until(text, at(now), NEW_YORK) == at(expected)


def test_a_zone_may_be_half_an_hour_off() -> None:
    """14:00 in Kolkata is half past eight in the morning, UTC."""
    found = parse_until("14:00", at("2026-03-02 10:00", KOLKATA), KOLKATA)

    assert found == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_of_a_time_that_comes_twice_the_later_is_meant() -> None:
    """On 1 November 2026 01:30 comes twice; a closure must not end an hour too soon."""
    assert parse_until("01:30", at("2026-11-01 00:30"), NEW_YORK) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "now", "said"),
    [
        ("09:00", "2026-03-02 10:00", "that is over, it is 2026-03-02 10:00 in America/New_York"),
        ("10:00", "2026-03-02 10:00", "that is over"),
        ("02:00", "2026-03-02 22:00", 'for another day write the date, such as 14:00, "tomorrow 08:00"'),
        ("2025-03-04 10:00", "2026-03-02 10:00", "that is over"),
        ("02:30", "2026-03-08 00:00", "clocks skip 02:30 on 2026-03-08; write 03:30"),
        ("2026-04-03 10:00", "2026-03-02 10:00", "more than 31 days away"),
        ("32d", "2026-03-02 10:00", "more than 31 days away"),
        ("2026-02-30 10:00", "2026-02-02 10:00", "2026-02-30 is no date"),
        ("25:00", "2026-03-02 10:00", "no clock shows 25:00"),
        ("14:60", "2026-03-02 10:00", "no clock shows 14:60"),
        ("24:30", "2026-03-02 10:00", "no clock shows 24:30"),
        ("9999-12-31 24:00", "2026-03-02 10:00", "beyond the calendar"),
        ("9999d", "2026-03-02 10:00", "more than 31 days away"),
        ("0m", "2026-03-02 10:00", "that is over"),
        ("", "2026-03-02 10:00", "that is not a time"),
        ("noon", "2026-03-02 10:00", "that is not a time"),
        ("1400", "2026-03-02 10:00", "that is not a time"),
        ("²:00", "2026-03-02 10:00", "that is not a time"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_write(text: str, now: str, said: str) -> None:
    """The past, a time that clocks skip, a day that is not there, and everything else."""
    with pytest.raises(UnclearTimeError) as refused:
        parse_until(text, at(now), NEW_YORK)

    assert said in str(refused.value)
