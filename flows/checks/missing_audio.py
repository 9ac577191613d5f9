"""A recording that is not there in every language.

Put the file into ``prompts/<language>/``, or into ``prompts/any/``, or give a ``text`` for whoever has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.checks.known import Known, each_facts
from flows.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.problems import Severity
    from flows.program import Program

CODE = "missing-audio"
SEVERITY: Severity = "error"


def check(program: Program, known: Known) -> Iterator[Problem]:
    """Each recording that callers of some language would not hear."""
    names = {path.rpartition("/")[2] for path in known.audio}
    for path, facts in each_facts(program, known):
        for reference in facts.references:
            if reference.sort != "audio" or f"prompts/any/{reference.name}" in known.audio:
                continue
            languages = program.center.languages
            missing = [tag for tag in languages if f"prompts/{tag}/{reference.name}" not in known.audio]
            if missing:
                hint = did_you_mean(reference.name, names - {reference.name})
                folders = " and ".join(f"prompts/{tag}/" for tag in missing)
                message = f'no recording "{reference.name[:60]}" in {folders}{hint}'
                yield Problem(path, reference.line, reference.column, message, CODE)
