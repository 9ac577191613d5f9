"""``ivr flows check``: what it prints, and how it ends."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from ivr.commands.errors import CannotRun
from ivr.commands.flows import app
from ivr.settings import SAMPLE_WORKSPACE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the sample with one slip in it."""
    folder = tmp_path / "workspace"
    shutil.copytree(SAMPLE_WORKSPACE, folder)
    flow = folder / "flows" / "support.yaml"
    flow.write_text(flow.read_text(encoding="utf-8").replace("failed: person", "failed: preson"), encoding="utf-8")
    return folder


def test_the_sample_has_no_problem() -> None:
    """Without a folder the shipped one is checked."""
    result = CliRunner().invoke(app, ["check"], env={"IVR_WORKSPACE": None})

    assert (result.exit_code, result.output) == (0, "no problems in 2 flows and 2 recordings\n")


def test_a_problem_is_shown_with_its_line_and_a_caret(workspace: Path) -> None:
    """And the command exits 1."""
    result = CliRunner().invoke(app, ["check", str(workspace)])

    assert result.exit_code == 1
    first, line, caret, last = result.output.splitlines()
    assert first.startswith("flows/support.yaml:")
    assert first.endswith(': no step named "preson"; did you mean "person"? [unknown-step]')
    assert line[caret.index("^") :] == "preson"
    assert last == "1 problem"


def test_the_folder_may_be_given_by_the_settings(workspace: Path) -> None:
    """``IVR_WORKSPACE`` is the one that is served."""
    result = CliRunner().invoke(app, ["check"], env={"IVR_WORKSPACE": str(workspace)})

    assert result.exit_code == 1
    assert "preson" in result.output


def test_problems_are_given_to_programs(workspace: Path) -> None:
    """As JSON, with the program's name when there is one."""
    broken = CliRunner().invoke(app, ["check", "--json", str(workspace)])
    sound = CliRunner().invoke(app, ["check", "--json", str(SAMPLE_WORKSPACE)])

    assert (broken.exit_code, sound.exit_code) == (1, 0)
    assert json.loads(broken.output)["program"] is None
    assert [problem["code"] for problem in json.loads(broken.output)["problems"]] == ["unknown-step"]
    assert len(json.loads(sound.output)["program"]) == 64
    assert json.loads(sound.output)["problems"] == []


def test_a_folder_that_is_not_there_cannot_be_checked(tmp_path: Path) -> None:
    """The command says which, and does not pretend."""
    result = CliRunner().invoke(app, ["check", str(tmp_path / "nowhere")])

    assert isinstance(result.exception, CannotRun)
    assert "nowhere is not a folder" in str(result.exception)
