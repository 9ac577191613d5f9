"""Coverage: which steps and ways out were reached, by the line on which they are written."""

from __future__ import annotations

from flows.scenarios import coverage_of, play, read_scenarios, stage
from flows.scenarios.tell import told_coverage
from tests.flows.playing import compiled

FLOW = """\
flow: main
start: start
steps:
  start:
    hours: office
    open: ask
    closed: bye
  ask:
    menu: To hear this again, press 1. To end the call, press 2.
    options: {1: ask, 2: bye}
    failed: bye
  bye: {hangup: Goodbye.}
"""


def told(call: str) -> list[str]:
    """What is told of the flow's coverage by one scenario."""
    program = compiled(FLOW)
    scenarios, problems = read_scenarios({"scenarios/a.yaml": f"- scenario: a\n  call: {call}\n".encode()}, {}, program)
    assert problems == ()
    watched = stage(program, {})
    assert play(scenarios[0], watched).passed
    return told_coverage(coverage_of(program, watched.trace)).splitlines()


def test_what_no_scenario_reached_is_listed_with_its_line() -> None:
    """A holiday leads where ``closed`` does, so it is that way out and no other."""
    assert told("[{presses: 1}]") == [
        "2 of 3 steps and 2 of 5 ways out reached: 50%",
        '  not reached: flows/main.yaml:7 main/start, way out "closed"',
        '  not reached: flows/main.yaml:10 main/ask, way out "2"',
        '  not reached: flows/main.yaml:11 main/ask, way out "failed"',
        "  not reached: flows/main.yaml:12 main/bye",
    ]


def test_a_step_that_is_passed_counts() -> None:
    """Also one that never waits and says nothing."""
    assert told("[{presses: 2}]")[0] == "3 of 3 steps and 2 of 5 ways out reached: 62%"
