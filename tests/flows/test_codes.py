"""Codes of problems: each that the source can give is listed, and none that it cannot."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from flows.checks import CHECKS
from flows.codes import READING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "flows").rglob("*.py"), ROOT / "ivr" / "programs.py", ROOT / "ivr" / "registering.py"]
NOTES = {"problem", "problem_at", "Problem"}
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+|alias|anchor|braces|tag")


def given(path: Path) -> Iterator[str]:
    """The codes that stand in the calls that note a problem."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and (getattr(call.func, "attr", "") or getattr(call.func, "id", "")) in NOTES:
            for part in (inner for argument in call.args for inner in ast.walk(argument)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
                    yield part.value


def test_the_list_of_codes_is_that_of_the_source() -> None:
    """A problem nobody can look up is half a problem; a code nobody gives is a lie."""
    found = {code for path in SOURCES for code in given(path)} - set(CHECKS)
    by_name = {"unknown-calendar", "unknown-queue"} & (set(READING) | set(CHECKS))  # f"unknown-{what}" of scenarios

    assert sorted(found - set(READING)) == []
    assert sorted(set(READING) - found - by_name) == []
    assert set(READING) & set(CHECKS) == set()
