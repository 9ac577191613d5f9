"""A map of languages in which one of the centre's languages is missing.

Add the text in that language, or take the language out of center.yaml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "missing-translation"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each text that some callers would hear nothing of."""
    for path, facts in each_facts(program, known):
        for text in facts.texts:
            if text.missing and text.templates:
                message = f"no text for {', '.join(text.missing)}"
                yield Problem(path, text.line, text.column, message, CODE)
