"""SARIF: what code review reads; held to the constraints of the standard's schema that matter."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.checks import CHECKS
from flows.codes import codes
from flows.problems import Problem
from flows.program import compile_program
from ivr.commands.flows import app
from ivr.sarif import FINGERPRINT, as_sarif
from ivr.settings import SAMPLE_WORKSPACE
from ivr.workspace import read_workspace

LEVELS = {"none", "note", "warning", "error"}  # section 3.27.10


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the sample with two slips in it."""
    folder = tmp_path / "a workspace"
    shutil.copytree(SAMPLE_WORKSPACE, folder)
    flow = folder / "flows" / "support.yaml"
    text = flow.read_text(encoding="utf-8").replace("failed: person", "failed: preson").replace("next: main", "next: m")
    flow.write_text(text, encoding="utf-8")
    return folder


def test_a_log_is_as_the_standard_has_it(workspace: Path) -> None:
    """Version, one run, rules with help, and results that point at them, at files and at places counted from 1."""
    found = read_workspace(workspace)
    problems = compile_program(found.files, found.audio).problems
    log = as_sarif(problems, found.files)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "Cordboard")
    assert json.loads(json.dumps(log)) == log
    assert len({rule["id"] for rule in rules}) == len(rules) == len(codes())
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    assert {rule["defaultConfiguration"]["level"] for rule in rules} <= LEVELS
    assert len(run["results"]) == len(problems) > 1
    for result in run["results"]:
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS
        assert result["message"]["text"]
        assert place["artifactLocation"]["uri"] == "flows/support.yaml"
        assert min(place["region"].values()) >= 1


def test_a_fingerprint_outlives_lines_above_it_and_is_never_given_twice() -> None:
    """Code review keeps what it was told of a problem; the same slip twice in equal lines is two problems."""
    problems = [Problem("flows/a.yaml", line, 3, 'no step named "x"', "unknown-step") for line in (2, 3)]
    moved = [Problem("flows/a.yaml", line, 3, 'no step named "x"', "unknown-step") for line in (4, 5)]

    def prints(found: list[Problem], text: bytes) -> list[str]:
        results = as_sarif(found, {"flows/a.yaml": text})["runs"][0]["results"]
        return [result["partialFingerprints"][FINGERPRINT] for result in results]

    before = prints(problems, b"a\n  next: x\n  next: x\n")

    assert len(set(before)) == 2
    assert prints(moved, b"a\n\n\n  next: x\n  next: x\n") == before


def test_the_command_names_files_as_the_repository_does(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the folder in which it runs, blanks written as addresses have them; exit 1 as ever."""
    monkeypatch.chdir(workspace.parent)
    result = CliRunner().invoke(app, ["check", "--sarif", workspace.name])
    places = [one["locations"][0]["physicalLocation"] for one in json.loads(result.output)["runs"][0]["results"]]

    assert result.exit_code == 1
    assert {place["artifactLocation"]["uri"] for place in places} == {"a%20workspace/flows/support.yaml"}


def test_every_code_is_listed_with_its_help() -> None:
    """``docs/problems.md`` and the rules of code review have the same codes, severities and sentences."""
    page = (Path(__file__).parents[2] / "docs" / "problems.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in page.splitlines() if row.startswith("| `")]
    listed = {code.strip("| `"): (severity, help_.rstrip(" |")) for code, severity, help_ in rows}
    expected = {
        code: (CHECKS[code].SEVERITY if code in CHECKS else "error", " ".join(text.replace("``", "`").split()))
        for code, text in codes().items()
    }

    assert listed == expected
