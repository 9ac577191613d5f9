"""What a person types while trying a flow: one thing a line, as ``ivr call`` takes it, or as a scenario writes it.

==================== ==========================================================
``1``, ``12345#``    keys
``"my bill"``        words; the quotation mark at the end may be left out
an empty line        silence, as is ``wait``
``hangup``           the caller hangs up
``agent answers``    any deed of a scenario, with or without its colon
==================== ==========================================================
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flows import source
from flows.form import Reading
from flows.scenarios.doing import DEEDS
from flows.scenarios.moves import Move, read_move
from flows.scenarios.write import press, scalar

if TYPE_CHECKING:
    from flows.scenarios import Call

KEYS = re.compile(r"[0-9*#]+")
SILENCE = {"", "wait", "silent", "stays silent"}
GOODBYE = {"hangup", "hang up", "hangs up"}
HELP = 'keys such as 1 or 12345#, "words", Enter for silence, hangup, or one of: agent answers, agent hangs up, '
HELP += "records 10s, waits 30s, transferred busy, queue overflow, server fails"


def deed(typed: str, call: Call) -> str:
    """The line as a scenario writes it; for keys that are sealed with others in their place."""
    typed = typed.strip()
    if typed in SILENCE:
        return "stays silent"
    if typed in GOODBYE:
        return "hangs up"
    if KEYS.fullmatch(typed):
        return press(call, typed)
    if typed[0] in {'"', "'", "\u201c"}:
        return f"says: {scalar(typed[1:].rstrip(typed[0] + chr(0x201D)).strip())}"
    word, _, rest = typed.partition(" ")
    if word in DEEDS:
        return f"{word}: {rest.strip()}"
    if word == "transferred":
        return f"transferred: {{outcome: {rest.strip()}}}"
    return typed


def move(written: str, call: Call) -> Move | str:
    """What is to be done; or why the line is not understood."""
    node, problems = source.read("", written.encode())
    reading = Reading("", call.stage.program.center, {}, call.session.language)
    found = read_move(reading, node) if node is not None else None
    problems += reading.problems
    if found is None or problems:
        return problems[0].message if problems and found is not None else f"not understood; type {HELP}"
    return found
