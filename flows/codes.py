"""Every code that a problem may carry, with what it means and how to mend it.

Most are a check's (``flows/checks``), which says so in its docstring; the others are found while files are read, and
are listed here. Codes are stable: people search for them, and code review keeps what it was told about them.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

from flows.checks import CHECKS

if TYPE_CHECKING:
    from collections.abc import Mapping

# --- found while files are read
READING: Mapping[str, str] = {
    "alias": "A text begins with `*`, which YAML takes for an alias. Quote it.",
    "anchor": "A text begins with `&`, which YAML takes for an anchor. Quote it.",
    "bad-date": "A date is needed here. Write it as 2026-12-24.",
    "bad-expression": "An expression could not be read. The problem points at the character.",
    "bad-hours": "Opening hours could not be read. Write 08:00-12:30, 13:00-18:00, or closed.",
    "bad-key": "This is no key of the telephone, or no key of a map. Keys are 0 to 9, * and #, both of them quoted.",
    "bad-move": "A line of a scenario could not be read. Write it as the problem says.",
    "bad-name": "A name has small letters, digits and _, and begins with a letter.",
    "bad-number": 'A telephone number is written with its country\'s code, and quoted: "+12025550100".',
    "bad-pattern": "A regular expression could not be read.",
    "bad-promise": "The queue does not promise this. Choose one that it does, or add it to its `callbacks`.",
    "bad-url": "An address begins with https:// and a host that is written out.",
    "bad-value": "The value does not fit here. The problem says what does.",
    "bad-yaml": "The file is not YAML from here on. Most often a text has to be quoted, or a line is indented wrongly.",
    "braces": "A text that begins with `{{` must be quoted, or YAML takes it for a map.",
    "control-character": "A character that nobody can see and no text may hold. Delete it.",
    "duplicate-day": "A calendar names a day twice. Keep one.",
    "duplicate-flow": "Two files define a flow of the same name. Rename one of them, in its `flow:`.",
    "duplicate-key": "A key is given twice, and YAML would forget the first. Keep one.",
    "duplicate-scenario": "Two scenarios have the same name. Rename one of them.",
    "empty-file": "The file holds nothing. Fill it, or delete it.",
    "misnamed-file": "The name of a file ends in .yaml; others are not read. Rename it.",
    "missing-key": "An option that has to be there is missing. Add it.",
    "missing-secret": "A setting is missing: the value of a secret, or the key for sensitive values. Set it in `.env`.",
    "no-center": "The workspace has no center.yaml. Give the folder that holds it, or write one.",
    "no-kind": "A step says nothing that it does. Give it one kind, such as `say`.",
    "not-registered": (
        "Routing keeps no more different requirements apart in one group. "
        "Ask for fewer skills and levels, or use another group."
    ),
    "not-utf-8": "The file is in another encoding. Save it as UTF-8.",
    "tag": "A text begins with `!`, which YAML takes for a tag. Quote it.",
    "text-lost": "YAML would lose this text as a remark. Quote it, or put two blanks before a real remark.",
    "too-deep": "Maps and lists are nested more deeply than anything in the language. Look for a bracket too many.",
    "too-large": "The file or the workspace is past a limit. Is it the right folder?",
    "two-documents": "A line `---` begins a second document. A file holds one; make it a file of its own.",
    "two-kinds": "A step is two things. Make one of them a step of its own, and lead from the first to it.",
    "unknown-calendar": "center.yaml has no calendar of this name.",
    "unknown-country": "No holidays are known for this country. Write a code such as US or US-NY.",
    "unknown-key": "There is no option of this name here. The problem lists those there are.",
    "unknown-language": "The centre does not speak this language. Add it to `languages`, or take it out.",
    "unknown-move": "A scenario has no line of this name. The problem lists those there are.",
    "unknown-number": "center.yaml has no such number.",
    "unknown-sentence": "There is no built-in sentence of this name.",
    "unknown-timezone": "There is no time zone of this name. Write one such as Europe/Madrid.",
}


def codes() -> dict[str, str]:
    """Every code with its help, sorted."""
    found = {code: cleandoc(f"{check.__doc__}") for code, check in CHECKS.items()}
    return dict(sorted({**READING, **found}.items()))
