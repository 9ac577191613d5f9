"""The first page for a supervisor, done as it says: its files are written, its commands run, its answers compared.

To see what a changed message looks like on the page, run with ``UPDATE_CASES=1`` and read the difference.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from typer.main import get_command
from typer.testing import CliRunner

from ivr.commands import make_cli

if TYPE_CHECKING:
    import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "first-flow.md"
BLOCK = re.compile(r"^```(yaml|console) ?([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TYPED = "› "


def done(sort: str, about: str, text: str) -> str:
    """What the block should look like, after doing what it says."""
    if sort == "yaml" and about.startswith("shown "):
        return Path(about.removeprefix("shown ")).read_text(encoding="utf-8")
    if sort == "yaml":
        path = Path(about)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return text
    command, *rest = text.splitlines()
    typed = [line.removeprefix(TYPED) for line in rest if line.startswith(TYPED)]
    words = shlex.split(command.removeprefix("$ ivr "))
    found = CliRunner().invoke(make_cli(words[0]), words, input="".join(f"{line}\n" for line in typed))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    told = re.sub(r"played in [0-9.]+ s", "played in 0.01 s", found.output)
    shown = [line.rstrip() for line in told.splitlines()]
    return "\n".join([command, *(TYPED + line for line in typed), *shown]) + "\n"


def test_the_first_page_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever types what it says sees what it shows."""
    text = PAGE.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    lived = BLOCK.sub(lambda block: f"```{block[1]} {block[2]}".rstrip() + f"\n{done(*block.groups())}```", text)

    if os.environ.get("UPDATE_CASES"):
        PAGE.write_text(lived, encoding="utf-8")
    assert lived == text


def test_every_command_that_the_pages_name_is_there() -> None:
    """``ivr flows …`` in the handbook and on the first page are commands, with these options."""
    flows = get_command(make_cli("flows")).commands["flows"]  # type: ignore[attr-defined] # a group of commands
    for page in ("flows.md", "first-flow.md"):
        written = (DOCS / page).read_text(encoding="utf-8")
        for name, rest in re.findall(r"ivr flows ([a-z]+)((?: [^`\n|]*)?)", written):
            options = {option for one in flows.commands[name].params for option in one.opts}

            assert set(re.findall(r"(?<= )--?[a-z][a-z-]*", rest)) <= {*options, "--help"}, f"{page}: {name}{rest}"
