"""``center.yaml``: what holds for every call of the centre."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flows import hours
from flows.form import Form, Reading, items, words
from flows.hours import Calendar, Special
from flows.problems import did_you_mean
from flows.text import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.form import Reference
    from flows.problems import Problem
    from flows.source import Mapping, Node, Scalar

PATH = "center.yaml"
E164 = re.compile(r"\+[1-9]\d{6,14}")
OPTIONS = ("name", "timezone", "languages", "voices", "numbers", "sender", "hours", "fallback")
CALENDAR_OPTIONS = ("holidays", "dates")
HOLIDAYS_SEEN_IN = 2026  # a year in which every country of the library has holidays, to know its code by


@dataclass(frozen=True, slots=True)
class Center:
    """The centre's settings.

    ``languages`` has at least one, the first is the default; ``numbers`` maps E.164 to the name of a flow.

    ``sender`` is the number that text messages come from, None when there is none; ``fallback`` is a flow and a step.
    """

    name: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    languages: tuple[str, ...] = ("en-US",)
    voices: MappingType[str, str] = field(default_factory=dict)
    numbers: MappingType[str, str] = field(default_factory=dict)
    sender: str | None = None
    hours: MappingType[str, Calendar] = field(default_factory=dict)
    fallback: tuple[str, str] = ("", "")


def read_center(node: Node | None) -> tuple[Center, list[Problem], list[Reference]]:
    """The centre as far as it can be understood, what is wrong with it, and the flows and steps it names."""
    reading = Reading(PATH, Center(), {}, "en-US")
    mapping = reading.mapping(node, "a map of the centre's settings")
    if mapping is None:
        return Center(), reading.problems, []
    form = Form(reading, mapping, OPTIONS)
    form.need("name")
    center = Center(
        name=form.word("name"),
        zone=_zone(form),
        languages=(languages := _languages(form)),
        voices=_voices(form, languages),
        numbers=_numbers(form),
        sender=_sender(form),
        hours=_calendars(form),
        fallback=_fallback(form),
    )
    return center, reading.problems, reading.facts.references


def _zone(form: Form) -> ZoneInfo:
    node, name = form.need("timezone"), form.word("timezone", "a time zone")
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):  # what ZoneInfo raises for an unknown name, an odd one, a folder's
        if node is not None:
            form.reading.problem(node, f'no time zone named "{name[:60]}"; such as Europe/Madrid', "unknown-timezone")
    return ZoneInfo("UTC")


def _languages(form: Form) -> tuple[str, ...]:
    node = form.need("languages")
    found: list[str] = []
    for item in items(node):
        tag = form.reading.word(item, "a language such as en-US")
        if tag and not LANGUAGE.fullmatch(tag):
            form.reading.problem(item, f'"{tag[:60]}" is not a language; write it as en-US', "bad-value")
        elif tag in found:
            form.reading.problem(item, f'"{tag}" is listed twice', "bad-value")
        elif tag:
            found.append(tag)
    if node is not None and not found:
        form.reading.problem(node, "at least one language is needed here", "bad-value")
    return tuple(found) or ("en-US",)


def _voices(form: Form, languages: tuple[str, ...]) -> dict[str, str]:
    mapping = form.reading.mapping(form.value("voices"), "a map of languages to voices")
    voices: dict[str, str] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if key.text not in languages:
            hint = did_you_mean(key.text, languages)
            form.reading.problem(key, f'"{key.text[:60]}" is not among languages{hint}', "unknown-language")
        voices[key.text] = form.reading.word(value, "a voice")
    return voices


def _numbers(form: Form) -> dict[str, str]:
    mapping = form.reading.mapping(form.need("numbers"), "a map of telephone numbers to flows")
    numbers: dict[str, str] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if not E164.fullmatch(key.text):
            form.reading.problem(key, f'"{key.text[:60]}" is not a number such as "+12025550100"', "bad-number")
        flow = form.reading.word(value, "the name of a flow")
        if flow:
            form.reading.refer("flow", value, flow)
        numbers[key.text] = flow
    return numbers


def _sender(form: Form) -> str | None:
    node, number = form.value("sender"), form.word("sender", "a telephone number")
    if node is not None and number and not E164.fullmatch(number):
        form.reading.problem(node, f'"{number[:60]}" is not a number such as "+12025550100"', "bad-number")
    return number or None


def _fallback(form: Form) -> tuple[str, str]:
    node, place = form.need("fallback"), form.word("fallback", "flow/step")
    flow, _, step = place.partition("/")
    if node is not None and place and not (flow and step):
        form.reading.problem(node, f'"{place[:60]}" is not a place; write it as flow/step', "bad-value")
    elif node is not None and place:
        form.reading.refer("step", node, place)
    return flow, step


def _calendars(form: Form) -> dict[str, Calendar]:
    mapping = form.reading.mapping(form.value("hours"), "a map of calendars")
    found: dict[str, Calendar] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        days = form.reading.mapping(value, "a map of days to hours")
        if days is not None:
            found[key.text] = _calendar(form.reading, key.text, days)
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
        allowed = ", ".join((*hours.DAYS, *CALENDAR_OPTIONS))
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
