"""The handbook tells the truth: its examples are flows without a problem, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows import scope
from flows.kinds import KINDS
from flows.program import compile_program
from flows.scenarios import play_all, read_scenarios, report, stage
from tests.flows.playing import AUDIO, CENTER, compiled, steps

IDENTIFY = steps("start: {set: {number: vars.reason}}").replace("main", "identify").encode()
HANDBOOK = Path(__file__).parents[2] / "docs" / "flows.md"
BLOCK = re.compile(r"```yaml ?(\w*)\n(.*?)```", re.DOTALL)
SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^##)", re.DOTALL | re.MULTILINE)


def blocks() -> list[tuple[str, str]]:
    """Each YAML block of the handbook and what it is: steps, center, scenarios, or a whole flow."""
    return BLOCK.findall(HANDBOOK.read_text(encoding="utf-8"))


def flow_blocks() -> list[tuple[str, str]]:
    """Those of which a program can be made."""
    return [(sort, text) for sort, text in blocks() if sort != "scenarios"]


@pytest.mark.parametrize(("sort", "text"), flow_blocks())
def test_each_example_can_be_copied(sort: str, text: str) -> None:
    """What the handbook shows is accepted as it stands."""
    flow = {"steps": steps(text), "center": steps("start: {hangup: Goodbye.}"), "": text}[sort]
    center = text.encode() if sort == "center" else CENTER

    files = {"center.yaml": center, "flows/main.yaml": flow.encode()}
    if "subflow:" in flow:
        files["flows/identify.yaml"] = IDENTIFY

    found = compile_program(files, AUDIO)

    assert [str(problem) for problem in found.problems] == []


def test_each_kind_has_its_section_with_an_example_of_it() -> None:
    """No kind without a section, no section without a kind."""
    sections = dict(SECTION.findall(HANDBOOK.read_text(encoding="utf-8")))

    assert set(sections) == set(KINDS)
    assert [kind for kind, text in sections.items() if f"\n  {kind}:" not in text] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_option_is_named_in_its_kinds_section(kind: str) -> None:
    """Every key that a step may have is told."""
    section = dict(SECTION.findall(HANDBOOK.read_text(encoding="utf-8")))[kind]

    assert [option for option in KINDS[kind].OPTIONS if option not in section] == []


def test_each_name_in_scope_is_told() -> None:
    """The handbook's table of names is the code's."""
    text = HANDBOOK.read_text(encoding="utf-8")

    assert tuple(re.findall(r"^\| `(\w+)` \|", text.split("## The kinds")[0], re.MULTILINE)) == scope.NAMES


def test_each_scenario_passes_on_the_flow_above_it() -> None:
    """What the handbook says of scenarios is played."""
    flow, played = "", 0
    for sort, text in blocks():
        if sort == "":
            flow = text
        if sort == "scenarios":
            program = compiled(flow)
            scenarios, problems = read_scenarios({"scenarios/orders.yaml": text.encode()}, {}, program)
            failed = [report(one, program) for one in play_all(scenarios, stage(program, {})) if not one.passed]
            played += len(scenarios)

            assert (problems, failed) == ((), [])

    assert played
