"""A voice that the provider does not have, or that speaks another language.

Write it as the provider does, such as ``Polly.Joanna-Neural``. Lists of voices grow: one that is new may be right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import voices
from flows.checks.known import CENTER, Known
from flows.problems import Problem, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "unknown-voice"
SEVERITY: Severity = "warning"
SHOWN = 6


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each of the centre's voices whose name is not one, or whose language is not that of its callers."""
    for reference in known.named:
        if reference.sort == "voice":
            tag = next((tag for tag, voice in program.center.voices.items() if voice == reference.name), "")
            message = _wrong(reference.name, tag)
            if message:
                yield Problem(CENTER, reference.line, reference.column, message, CODE, SEVERITY)


def _wrong(voice: str, tag: str) -> str:
    if voices.is_known(voice):
        spoken = voices.language_of(voice)
        is_alike = spoken is None or spoken.partition("-")[0] == tag.partition("-")[0]
        return "" if is_alike else f'"{voice[:60]}" speaks {spoken}, not {tag}'
    names = voices.known()
    hint = did_you_mean(voice, names) or did_you_mean(f"Polly.{voice}", names) or _of_language(tag)
    return f'the provider has no voice "{voice[:60]}"{hint}'


def _of_language(tag: str) -> str:
    fitting = [name for name, language in voices.known().items() if language == tag]
    return f"; for {tag} it has {listed(fitting[:SHOWN])}" if fitting else ""
