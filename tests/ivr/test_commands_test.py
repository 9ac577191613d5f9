"""``ivr flows test``: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from threading import Timer
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import pytest
from typer.testing import CliRunner

from ivr.commands.errors import CannotRun
from ivr.commands.flows import app
from ivr.settings import SAMPLE_WORKSPACE

if TYPE_CHECKING:
    from pathlib import Path

ON_CHRISTMAS = "on Christmas Eve the office closes at noon"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the sample in which one scenario differs from what callers hear."""
    folder = tmp_path / "workspace"
    shutil.copytree(SAMPLE_WORKSPACE, folder)
    change(folder / "scenarios" / "front_door.yaml", "hears: closed now", "hears: wide open")
    return folder


def change(path: Path, old: str, new: str) -> None:
    """Put one text in the place of another that is there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(*words: str) -> tuple[int, str]:
    """The exit status and what was printed; a refusal is the test's to catch."""
    found = CliRunner().invoke(app, ["test", *words])
    if isinstance(found.exception, CannotRun):
        raise found.exception
    return found.exit_code, found.output


def test_the_samples_scenarios_pass() -> None:
    """Without a folder the shipped one is played; the command says how many there are."""
    status, told = run(str(SAMPLE_WORKSPACE))

    assert status == 0
    assert told.endswith(": all passed\n")


def test_a_failure_is_told_as_a_conversation(workspace: Path) -> None:
    """And the command exits 1."""
    status, told = run(str(workspace))

    assert status == 1
    assert f"FAILED  {ON_CHRISTMAS}  (scenarios/front_door.yaml:" in told
    assert 'the caller does not hear "wide open"' in told
    assert told.endswith(": 1 failed\n")


def test_only_those_that_are_asked_for_are_played(workspace: Path) -> None:
    """By words of their name or file; none at all is a refusal."""
    status, told = run(str(workspace), "--only", "ORDERS")

    assert (status, told[:2]) == (0, "6 ")
    with pytest.raises(CannotRun, match='has "nothing like it" in its name or file'):
        run(str(workspace), "--only", "nothing like it")


def test_what_was_not_reached_is_listed_and_may_fail_the_run() -> None:
    """A bar that is met, and one that is not."""
    folder = str(SAMPLE_WORKSPACE)

    status, told = run(folder, "--coverage", "--fail-under", "90")
    few, little = run(folder, "--only", "address", "--fail-under", "90")

    assert status == 0
    assert "28 of 28 steps" in told
    assert 'support/message, way out "failed"' in told
    assert few == 1
    assert "90% are asked for" in little


def test_results_are_given_to_programs(workspace: Path) -> None:
    """One JSON document: each scenario with its conversation, and the coverage."""
    status, told = run(str(workspace), "--json")

    data = json.loads(told)
    failed = [one for one in data["scenarios"] if not one["passed"]]
    assert status == 1
    assert [one["scenario"] for one in failed] == [ON_CHRISTMAS]
    first = failed[0]["call"][0]
    assert (first["who"], first["what"], first["at"][:19]) == ("plays", "chime.wav", "flows/support.yaml:")
    assert data["coverage"]["steps"] == 28


def test_results_are_given_to_build_servers(workspace: Path, tmp_path: Path) -> None:
    """JUnit XML: a suite for each file, a failure with the conversation."""
    change(workspace / "scenarios" / "front_door.yaml", ON_CHRISTMAS, '"<&> \\u0001"')
    run(str(workspace), "--junit", str(tmp_path / "junit.xml"))

    root = fromstring((tmp_path / "junit.xml").read_bytes())  # noqa: S314 - we have just written it
    assert {suite.get("name") for suite in root} >= {"scenarios/front_door.yaml", "scenarios/orders.yaml"}
    assert root.get("failures") == "1"
    failure = root.find(".//failure")
    assert failure is not None
    assert "wide open" in (failure.get("message") or "")
    assert "FAILED  <&> ?" in (failure.text or "")


def test_mistakes_in_scenarios_are_shown_like_any_other(workspace: Path) -> None:
    """With line and caret; the scenarios without one are played all the same."""
    change(workspace / "scenarios" / "orders.yaml", "- scenario: an order that is being packed", "- scenrio: x")

    status, told = run(str(workspace))

    assert status == 1
    assert 'no option named "scenrio"; did you mean "scenario"?' in told
    assert "27 scenarios played" in told


def test_mistakes_in_scenarios_are_found_by_the_check_too(workspace: Path) -> None:
    """Whoever checks before publishing sees every mistake of the workspace."""
    change(workspace / "scenarios" / "orders.yaml", "- scenario: an order that is being packed", "- scenrio: x")

    found = CliRunner().invoke(app, ["check", str(workspace)])

    assert found.exit_code == 1
    assert found.output.startswith("scenarios/orders.yaml:")
    assert 'did you mean "scenario"?' in found.output


def test_a_workspace_with_mistakes_is_not_played(workspace: Path) -> None:
    """What is wrong with its flows is shown instead."""
    change(workspace / "flows" / "support.yaml", "failed: person", "failed: preson")

    status, told = run(str(workspace))

    assert status == 1
    assert 'no step named "preson"' in told
    assert "played" not in told


def test_a_workspace_without_scenarios_says_how_to_write_one(workspace: Path) -> None:
    """Nothing to play is not the same as all passed."""
    shutil.rmtree(workspace / "scenarios")

    with pytest.raises(CannotRun, match="has no scenarios; write one"):
        run(str(workspace))


def test_saving_a_file_plays_them_again(workspace: Path) -> None:
    """``--watch`` goes on until it is ended."""
    command = [sys.executable, "-m", "ivr", "flows", "test", str(workspace), "--watch", "--only", "Christmas"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        watchdog = Timer(60, process.kill)  # for a line that never comes
        watchdog.start()
        lines = iter(process.stdout)
        assert any("1 failed" in line for line in lines)
        change(workspace / "scenarios" / "front_door.yaml", "hears: wide open", "hears: closed now")

        assert any("all passed" in line for line in lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        watchdog.cancel()
