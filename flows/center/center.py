"""``center.yaml``: what holds for every call of the centre.

Read in the order in which one part needs another: languages and voices first, since queues have texts; skills and hours
before the queues that name them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flows.center.calendars import CALENDARS, read_calendars
from flows.center.queues import QUEUES, Queue, read_queues, read_skills
from flows.center.sentences import Sentences, read_sentences
from flows.form import NAME, Form, Reading, items
from flows.problems import did_you_mean
from flows.questions import QUESTIONS, Question, read_questions
from flows.shapes import Items, Table, Word, text
from flows.text import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.form import Facts
    from flows.hours import Calendar
    from flows.problems import Problem
    from flows.source import Node

PATH = "center.yaml"
E164 = re.compile(r"\+[1-9]\d{6,14}")
PREFIX = re.compile(r"\+[1-9]\d{0,14}")
DIALLING_CODE = re.compile(r"\+[1-9]\d{0,2}")
OPTIONS = {
    "name": Word("The centre's name.", needed=True),
    "timezone": Word("Where its clock hangs, such as `America/New_York`.", needed=True),
    "languages": Items("The languages that callers hear; the first is the default.", each=Word(), needed=True),
    "voices": Table("Each language with its voice.", each=Word()),
    "numbers": Table("Each telephone number, quoted, with its flow.", each=Word(), needed=True),
    "sender": Word("The number that text messages come from."),
    "skills": Items("What agents can do.", each=Word()),
    "hours": CALENDARS,
    "queues": QUEUES,
    "surveys": Table("Questions that several steps ask, by name.", each=QUESTIONS),
    "dialling_code": Word('What a number that a caller keys in without a code begins with, such as `"+1"`.'),
    "transfer_to": Items("How numbers may begin that an expression transfers a call to.", each=Word()),
    "sentences": Table("Your own words for built-in sentences, by name.", each=text("")),
    "fallback": Word("A queue, or flow/step: where a call goes on after a fault of ours.", needed=True),
}


@dataclass(frozen=True, slots=True)
class Center:
    """The centre's settings.

    ``languages`` has at least one, the first is the default; ``numbers`` maps E.164 to the name of a flow. ``sender``
    is the number that text messages come from, None when there is none. ``dialling_code`` is what a number that a
    caller keys in without one begins with; ``transfer_to`` are the beginnings of the numbers that an expression may
    transfer a call to. ``sentences`` are its own words for built-in ones, by language. ``fallback`` is a flow and a
    step; ``fallback_queue`` the queue when the author named one.
    """

    name: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    languages: tuple[str, ...] = ("en-US",)
    voices: MappingType[str, str] = field(default_factory=dict)
    numbers: MappingType[str, str] = field(default_factory=dict)
    sender: str | None = None
    skills: tuple[str, ...] = ()
    hours: MappingType[str, Calendar] = field(default_factory=dict)
    queues: MappingType[str, Queue] = field(default_factory=dict)
    surveys: MappingType[str, tuple[Question, ...]] = field(default_factory=dict)
    dialling_code: str | None = None
    transfer_to: tuple[str, ...] = ()
    sentences: Sentences = field(default_factory=dict)
    fallback: tuple[str, str] = ("", "")
    fallback_queue: str | None = None


def read_center(node: Node | None, audio: MappingType[str, str]) -> tuple[Center, list[Problem], Facts]:
    """The centre as far as it can be understood, what is wrong with it, and what it mentions."""
    reading = Reading(PATH, Center(), audio, "en-US")
    mapping = reading.mapping(node, "a map of the centre's settings")
    if mapping is None:
        return Center(), reading.problems, reading.facts
    form = Form(reading, mapping, OPTIONS)
    languages = _languages(form)
    spoken = Center(languages=languages, voices=_voices(form, languages))
    reading.center, reading.language = spoken, languages[0]
    fallback_queue, fallback = _fallback(form)
    center = Center(
        name=form.word("name"),
        zone=_zone(form),
        languages=languages,
        voices=spoken.voices,
        numbers=_numbers(form),
        sender=_number(form, "sender"),
        skills=read_skills(form),
        hours=read_calendars(form),
        queues=read_queues(form),
        surveys=_surveys(form),
        dialling_code=_dialling_code(form),
        transfer_to=_transfer_to(form),
        sentences=read_sentences(form),
        fallback=fallback,
        fallback_queue=fallback_queue,
    )
    return center, reading.problems, reading.facts


def _zone(form: Form) -> ZoneInfo:
    node, name = form.value("timezone"), form.word("timezone", "a time zone")
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):  # what ZoneInfo raises for an unknown name, an odd one, a folder's
        if node is not None:
            form.reading.problem(node, f'no time zone named "{name[:60]}"; such as Europe/Madrid', "unknown-timezone")
    return ZoneInfo("UTC")


def _languages(form: Form) -> tuple[str, ...]:
    node = form.value("languages")
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
        if voices[key.text]:
            form.reading.refer("voice", value, voices[key.text])
    return voices


def _numbers(form: Form) -> dict[str, str]:
    mapping = form.reading.mapping(form.value("numbers"), "a map of telephone numbers to flows")
    numbers: dict[str, str] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if not E164.fullmatch(key.text):
            form.reading.problem(key, f'"{key.text[:60]}" is not a number such as "+12025550100"', "bad-number")
        flow = form.reading.word(value, "the name of a flow")
        if flow:
            form.reading.refer("flow", value, flow)
        numbers[key.text] = flow
    return numbers


def _number(form: Form, name: str) -> str | None:
    node, number = form.value(name), form.word(name, "a telephone number")
    if node is not None and number and not E164.fullmatch(number):
        form.reading.problem(node, f'"{number[:60]}" is not a number such as "+12025550100"', "bad-number")
    return number or None


def _dialling_code(form: Form) -> str | None:
    node, code = form.value("dialling_code"), form.word("dialling_code", 'a code such as "+1"')
    if node is not None and code and not DIALLING_CODE.fullmatch(code):
        form.reading.problem(node, f'"{code[:60]}" is not the code of a country; write it as "+1"', "bad-number")
    return code or None


def _transfer_to(form: Form) -> tuple[str, ...]:
    found: list[str] = []
    for item in items(form.value("transfer_to")):
        prefix = form.reading.word(item, 'the beginning of a number, such as "+1202"')
        if prefix and not PREFIX.fullmatch(prefix):
            message = f'"{prefix[:60]}" is not the beginning of a number; write it as "+1202"'
            form.reading.problem(item, message, "bad-number")
        elif prefix:
            found.append(prefix)
    return tuple(found)


def _surveys(form: Form) -> dict[str, tuple[Question, ...]]:
    mapping = form.reading.mapping(form.value("surveys"), "a map of surveys, each a list of questions")
    found: dict[str, tuple[Question, ...]] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if not NAME.fullmatch(key.text):
            message = f'"{key.text[:60]}" cannot name a survey; use small letters, digits and _'
            form.reading.problem(key, message, "bad-name")
        found[key.text] = read_questions(form.reading, value)
    return found


def _fallback(form: Form) -> tuple[str | None, tuple[str, str]]:
    """A queue by its name, or a place as ``flow/step``."""
    node, place = form.value("fallback"), form.word("fallback", "a queue, or flow/step")
    flow, slash, step = place.partition("/")
    if node is None or not place:
        return None, ("", "")
    if not slash:
        form.reading.refer("queue", node, place)
        return place, ("", "")
    if not (flow and step):
        form.reading.problem(node, f'"{place[:60]}" is not a place; write it as flow/step', "bad-value")
    else:
        form.reading.refer("step", node, place)
    return None, (flow, step)
