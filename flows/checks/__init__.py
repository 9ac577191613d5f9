"""The checks, one a file, named by the code of the problem each finds.

A check is a module with ``CODE``, ``SEVERITY`` (the worst that its problems are), ``check(program, known)``, which
gives problems, and a docstring that says what the mistake is and, in its second paragraph, how to mend it. The program
it is shown may be a draft with mistakes in it, so a check asks before it takes anything for granted. Facts from outside
the flows arrive in ``known``. Each has a broken flow in ``tests/flows/cases/broken/`` beside the exact words it is
answered with, and one in ``tests/flows/cases/ok/`` that comes near and is sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from flows.checks import (
    bad_transfer,
    endless_loop,
    missing_audio,
    missing_option,
    missing_sender,
    missing_translation,
    never_open,
    no_beep,
    no_consent,
    no_failed_exit,
    no_way_out,
    prompt_too_long,
    recursive_subflow,
    relax_raises,
    secret_in_text,
    shared_digits,
    shared_phrase,
    similar_phrases,
    text_as_number,
    too_many_choices,
    unknown_flow,
    unknown_function,
    unknown_hours,
    unknown_name,
    unknown_queue,
    unknown_skill,
    unknown_step,
    unknown_survey,
    unknown_voice,
    unreachable_step,
    unused_flow,
    wrong_arguments,
)
from flows.checks.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Problem, Severity
    from flows.program import Program

__all__ = ["CHECKS", "Check", "Known"]


class Check(Protocol):
    """What a module in this folder offers."""

    @property
    def CODE(self) -> str:  # noqa: N802 - a constant of the module
        """The code of the problems that it finds."""

    @property
    def SEVERITY(self) -> Severity:  # noqa: N802 - a constant of the module
        """The worst that they are."""

    def check(self, program: Program, known: Known) -> Iterator[Problem]:
        """Each place where the mistake is made."""


CHECKS: dict[str, Check] = {
    "bad-transfer": bad_transfer,
    "endless-loop": endless_loop,
    "missing-audio": missing_audio,
    "missing-option": missing_option,
    "missing-sender": missing_sender,
    "missing-translation": missing_translation,
    "never-open": never_open,
    "no-beep": no_beep,
    "no-consent": no_consent,
    "no-failed-exit": no_failed_exit,
    "no-way-out": no_way_out,
    "prompt-too-long": prompt_too_long,
    "recursive-subflow": recursive_subflow,
    "relax-raises": relax_raises,
    "secret-in-text": secret_in_text,
    "shared-digits": shared_digits,
    "shared-phrase": shared_phrase,
    "similar-phrases": similar_phrases,
    "text-as-number": text_as_number,
    "too-many-choices": too_many_choices,
    "unknown-flow": unknown_flow,
    "unknown-function": unknown_function,
    "unknown-hours": unknown_hours,
    "unknown-name": unknown_name,
    "unknown-queue": unknown_queue,
    "unknown-skill": unknown_skill,
    "unknown-step": unknown_step,
    "unknown-survey": unknown_survey,
    "unknown-voice": unknown_voice,
    "unreachable-step": unreachable_step,
    "unused-flow": unused_flow,
    "wrong-arguments": wrong_arguments,
}
