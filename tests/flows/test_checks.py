"""One small broken flow for each mistake, beside the exact words it is answered with.

To see what a changed message looks like everywhere, run with ``UPDATE_CASES=1`` and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flows.checks import CHECKS
from flows.problems import render
from flows.program import compile_program
from tests.flows.playing import AUDIO, CENTER

CASES = Path(__file__).parent / "cases"
CHECKS_FOLDER = Path(__file__).parents[2] / "flows" / "checks"
HANDBOOK = Path(__file__).parents[2] / "docs" / "flows.md"
GOOD_FLOW = b"flow: main\nstart: start\nsteps:\n  start: {hangup: Goodbye.}\n"


def files_of(case: Path) -> dict[str, bytes]:
    """The workspace of a case: its flow in a good centre, or its centre with a good flow."""
    text = case.read_bytes()
    if case.parent.name == "center":
        return {"center.yaml": text, "flows/main.yaml": GOOD_FLOW}
    center = CENTER.replace(b'sender: "+12025550100"\n', b"") if b"# center: no sender" in text else CENTER
    if b"# center: never open" in text:
        center = CENTER.replace(b"hours:\n", b"hours:\n  attic: {holidays: US, mon: closed}\n")
    if b"# center: no such voice" in text:
        center = CENTER.replace(b"Polly.Joanna}", b"Joana, es-US: Polly.Joanna-Neural}")
    if b"# center: other voices" in text:
        center = CENTER.replace(b"Polly.Joanna}", b"Google.en-US-Neural2-A, es-US: Polly.Mia-Neural}")
    if text.startswith(b"# beside main"):
        return {"center.yaml": center, "flows/main.yaml": GOOD_FLOW, "flows/other.yaml": text}
    return {"center.yaml": center, "flows/main.yaml": text}


def cases() -> list[Path]:
    """Each case that has a broken file."""
    return sorted([*(CASES / "broken").glob("*.yaml"), *(CASES / "center").glob("*.yaml")])


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_broken_file_is_answered_with_exactly_these_words(case: Path) -> None:
    """Every mistake is named with its place, its mend and its code."""
    files = files_of(case)
    out = case.with_suffix(".out")

    said = render(compile_program(files, AUDIO).problems, files) + "\n"

    if os.environ.get("UPDATE_CASES"):
        out.write_text(said, encoding="utf-8")
    assert said == out.read_text(encoding="utf-8")
    assert "problem" in said or "warning" in said


def test_every_check_has_its_file_its_case_and_its_line_in_the_handbook() -> None:
    """The folder, the registry, the cases and the documentation list the same checks."""
    files = {path.stem for path in CHECKS_FOLDER.glob("[a-z]*.py")} - {"known"}
    handbook = HANDBOOK.read_text(encoding="utf-8")

    assert files == {code.replace("-", "_") for code in CHECKS}
    assert {code: check.CODE for code, check in CHECKS.items()} == {code: code for code in CHECKS}
    assert [code for code in CHECKS if not (CASES / "broken" / f"{code.replace('-', '_')}.yaml").exists()] == []
    assert [code for code in CHECKS if f"`{code}`" not in handbook] == []


@pytest.mark.parametrize("code", CHECKS)
def test_a_checks_own_case_is_found_by_it_alone(code: str) -> None:
    """One mistake per case: no other check complains of the same flow."""
    found = compile_program(files_of(CASES / "broken" / f"{code.replace('-', '_')}.yaml"), AUDIO)

    assert {problem.code for problem in found.problems} == {code}


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_says_how_bad_it_is_and_how_to_mend_it(code: str) -> None:
    """In its docstring's second paragraph; and what it finds is never worse than it says."""
    found = compile_program(files_of(CASES / "broken" / f"{code.replace('-', '_')}.yaml"), AUDIO)
    mistake, _, mend = (CHECKS[code].__doc__ or "").partition("\n\n")

    assert mistake
    assert mend.strip().endswith((".", "`."))
    assert CHECKS[code].SEVERITY == "error" or {one.severity for one in found.problems} == {"warning"}


@pytest.mark.parametrize("code", CHECKS)
def test_what_comes_near_a_mistake_is_none(code: str) -> None:
    """Beside each broken flow stands a sound one, which no check complains of."""
    case = CASES / "ok" / f"{code.replace('-', '_')}.yaml"

    assert render(compile_program(files_of(case), AUDIO).problems, files_of(case)) == ""


def test_warnings_alone_do_not_keep_a_program_from_being_made() -> None:
    """Too many choices are worth a look, and no reason to stay with the old flow."""
    found = compile_program(files_of(CASES / "broken" / "too_many_choices.yaml"), AUDIO)

    assert found.program is not None
    assert [problem.severity for problem in found.problems] == ["warning"]
