"""The scenarios of the shipped workspace pass, and reach nearly all of it."""

from __future__ import annotations

from flows.program import compile_program
from flows.scenarios import coverage_of, play_all, read_scenarios, report, stage
from ivr.settings import SAMPLE_WORKSPACE
from ivr.workspace import read_workspace


def test_the_samples_scenarios_pass_and_reach_nine_tenths_of_it() -> None:
    """They are what a supervisor copies from, so they are held to what we ask of others."""
    workspace = read_workspace(SAMPLE_WORKSPACE)
    program = compile_program(workspace.files, workspace.audio).program
    assert program is not None
    scenarios, problems = read_scenarios(workspace.scenarios, workspace.audio, program)
    assert problems == ()
    watched = stage(program, workspace.audio)

    failed = [report(one, program) for one in play_all(scenarios, watched) if not one.passed]

    assert failed == []
    coverage = coverage_of(program, watched.trace)
    assert coverage.missed_steps == 0
    assert coverage.percent >= 90, "\n".join(map(str, coverage.missed))


def test_a_scenario_is_no_part_of_the_program() -> None:
    """Writing one changes nothing for callers."""
    workspace = read_workspace(SAMPLE_WORKSPACE)
    bare = compile_program(workspace.files, workspace.audio).program
    both = compile_program({**workspace.files, **workspace.scenarios}, workspace.audio).program

    assert bare is not None
    assert both is not None
    assert bare.id == both.id
