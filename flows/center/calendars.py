"""``hours`` of ``center.yaml``: calendars of opening hours, by name."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from flows import hours
from flows.form import words
from flows.hours import Calendar, Special
from flows.shapes import Blank, Items, Rows, Table, Word

if TYPE_CHECKING:
    from flows.form import Form, Reading
    from flows.source import Mapping, Node, Scalar

DAY = Blank("Hours such as `08:00-12:30, 13:00-18:00`, `closed` or `holiday`.")
OPTIONS = {
    "holidays": Items("The country whose holidays count, such as `US` or `US-NY`, or a list.", each=Word()),
    "dates": Table("Days that differ, each written `2026-12-24`.", each=DAY),
}
ANY_DAY = f"({'|'.join(hours.DAYS)})"
DAYS = rf"^\s*{ANY_DAY}(\s*[-,]\s*{ANY_DAY})*\s*$"
CALENDARS = Table(
    "Calendars of opening hours, by name.",
    each=Rows("Days such as `mon-fri`, each with its hours.", options=OPTIONS, each=DAY, key=DAYS, also=hours.DAYS),
)
HOLIDAYS_SEEN_IN = 2026  # a year in which every country of the library has holidays, to know its code by


def read_calendars(form: Form) -> dict[str, Calendar]:
    """The ``hours`` of the centre, by name."""
    mapping = form.reading.mapping(form.value("hours"), "a map of calendars")
    found: dict[str, Calendar] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        so_far = len(form.reading.problems)
        days = form.reading.mapping(value, "a map of days to hours")
        if days is not None:
            found[key.text] = _calendar(form.reading, key.text, days)
        if len(form.reading.problems) == so_far:  # of one with mistakes no check can say more
            form.reading.refer("calendar", key, key.text)
    return found


def _calendar(reading: Reading, name: str, node: Mapping) -> Calendar:
    week: list[tuple[hours.Shift, ...]] = [()] * 7
    given: dict[int, Scalar] = {}
    holidays: tuple[str, ...] = ()
    dates: dict[date, Special] = {}
    for key, value in node.pairs:
        if key.text == "holidays":
            holidays = _holidays(reading, value)
        elif key.text == "dates":
            dates = _dates(reading, value)
        else:
            _take_days(reading, (key, value), week, given)
    return Calendar(name, tuple(week), holidays, dates)


def _take_days(
    reading: Reading, pair: tuple[Scalar, Node], week: list[tuple[hours.Shift, ...]], given: dict[int, Scalar]
) -> None:
    key, value = pair
    days = hours.parse_days(key.text)
    if days is None:
        allowed = ", ".join((*hours.DAYS, *OPTIONS))
        message = f'"{key.text[:60]}" is not a day; write mon, mon-fri or "mon, wed", or one of {allowed}'
        reading.problem(key, message, "unknown-key")
        return
    special = _special(reading, value)
    for day in days:
        if day in given:
            first = given[day]
            message = f"{hours.DAYS[day]} is given twice; first at {first.line}:{first.column}"
            reading.problem(key, message, "duplicate-day")
        given[day] = key
        week[day] = special.shifts


def _special(reading: Reading, node: Node) -> Special:
    given = reading.word(node, "hours such as 08:00-12:30, 13:00-18:00")
    if given in {"closed", "holiday", ""}:
        return Special((), holiday=given == "holiday")
    shifts = hours.parse_shifts(given)
    if shifts is None:
        message = f'"{given[:60]}" are not hours; write 08:00-12:30, 13:00-18:00 or closed'
        reading.problem(node, message, "bad-hours")
    return Special(shifts or ())


def _holidays(reading: Reading, node: Node) -> tuple[str, ...]:
    codes = words(reading, node, "a country such as US")
    for code in codes:
        if not re.fullmatch(r"[A-Z]{2,3}(-[A-Z0-9]{1,3})?", code) or not hours.holidays_in(code, HOLIDAYS_SEEN_IN):
            reading.problem(node, f'no holidays known for "{code[:60]}"; write a country such as US', "unknown-country")
    return codes


def _dates(reading: Reading, node: Node) -> dict[date, Special]:
    mapping = reading.mapping(node, "a map of dates to hours")
    dates: dict[date, Special] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        try:
            day = date.fromisoformat(key.text)
        except ValueError:
            reading.problem(key, f'"{key.text[:60]}" is not a date; write it as 2026-12-24', "bad-date")
            continue
        dates[day] = _special(reading, value)
    return dates
