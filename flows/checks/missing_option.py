"""A menu that tells callers to press a key which it does not have.

Add the option, or say the key that it has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flows.checks.known import each_station
from flows.problems import Problem
from flows.understanding import digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.checks.known import Known
    from flows.form import Choice
    from flows.problems import Severity
    from flows.program import Program
    from flows.text import Prompt

CODE = "missing-option"
SEVERITY: Severity = "warning"
# How each language says it; the key, in figures or as a word, follows.
PRESS = {
    "en": re.compile(r"\b(?:press|dial|push|key in) (\w+)", re.IGNORECASE),
    "es": re.compile(r"\b(?:oprima|presione|marque|pulse)(?: el)? (\w+)", re.IGNORECASE),
    "fr": re.compile(r"\b(?:tapez|composez|appuyez sur)(?: le)? (\w+)", re.IGNORECASE),
    "de": re.compile(r"\b(?:drücken|wählen) Sie(?: die)? (\w+)", re.IGNORECASE),
    "pt": re.compile(r"\b(?:pressione|digite|tecle|prima)(?: o)? (\w+)", re.IGNORECASE),
}


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each key that a menu says and no option begins with; once a menu, at the text that says it."""
    del known
    for flow, station in each_station(program):
        choices = station.facts.choices
        for prompt in station.facts.prompts if choices else ():
            key = next((key for key in _said(prompt) if not _is_there(key, choices)), None)
            if key is not None:
                there = ", ".join(choice.keys for choice in choices)
                message = f"this says to press {key}, which is no option of the menu; it has {there}"
                yield Problem(flow.path, prompt.line, prompt.column, message, CODE, SEVERITY)


def _said(prompt: Prompt) -> Iterator[str]:
    """The keys that a prompt tells callers to press, in whatever language they hear it."""
    written = {part.written for parts in prompt.parts.values() for part in parts}
    for text, language in sorted(written):  # a plain text is the same in every language
        press = PRESS.get(language.partition("-")[0])
        for found in () if press is None else press.finditer(text):
            key = found[1] if found[1].isdecimal() else digits(found[1], language)
            if key:
                yield key


def _is_there(key: str, choices: list[Choice]) -> bool:
    return any(choice.keys.startswith(key) for choice in choices)
