"""Playing scenarios: what is given is what the flow finds, what differs is said in a sentence at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.problems import render
from flows.scenarios import Scenario, play, read_scenarios, report, stage
from tests.flows.playing import AUDIO
from tests.flows.scenarios.playing import PROGRAM, played

CASES = Path(__file__).parents[1] / "cases" / "scenarios"
STAGE = stage(PROGRAM, AUDIO)


def scenarios(name: str) -> tuple[Scenario, ...]:
    """The scenarios of one file of cases."""
    files = {f"scenarios/{name}.yaml": (CASES / f"{name}.yaml").read_bytes()}
    found, problems = read_scenarios(files, AUDIO, PROGRAM)

    assert not problems, render(problems, files)
    return found


@pytest.mark.parametrize("scenario", scenarios("passes"), ids=lambda one: one.name)
def test_what_a_scenario_says_is_what_happens(scenario: Scenario) -> None:
    """Everything that may be given, done and expected."""
    found = play(scenario, STAGE)

    assert found.passed, report(found, PROGRAM)


@pytest.mark.parametrize("scenario", scenarios("differs"), ids=lambda one: f"line {one.line}")
def test_what_differs_is_told_by_name(scenario: Scenario) -> None:
    """The sentence says what was expected, and how it stands instead."""
    found = play(scenario, STAGE)

    assert scenario.name in found.why


def test_a_failure_is_a_conversation_up_to_the_line_that_differs() -> None:
    """With the lines of the flow and of the scenario that each part of it came from."""
    found = played(
        "- scenario: a caller asks\n  call:\n    - presses: 0\n    - says: billing\n    - queued: operator\n"
    )

    told = [line.rstrip() for line in report(found, PROGRAM).splitlines()]
    assert told[0] == "FAILED  a caller asks  (scenarios/main.yaml:1)"
    assert [" ".join(line.split()) for line in told[1:]] == [
        "plays chime.wav flows/main.yaml:4",
        "hears Thanks for calling Acme. flows/main.yaml:4",
        "hears For billing, press 1 or say billing. For an order, press 2. flows/main.yaml:10",
        "caller presses 0 scenarios/main.yaml:3",
        "hears Sorry, that is not one of the choices. flows/main.yaml:10",
        "hears For billing, press 1 or say billing. For an order, press 2. flows/main.yaml:10",
        'caller says "billing" scenarios/main.yaml:4',
        "· joins the queue billing flows/main.yaml:52",
        "hears Please hold the line. Somebody will be with you as soon as possible. flows/main.yaml:52",
        "plays music flows/main.yaml:52",
        "here → the caller waits in billing, not in operator scenarios/main.yaml:5",
    ]


def test_sealed_keys_are_never_told() -> None:
    """A card number stands in the scenario alone, not in what is told of the call."""
    found = played("- scenario: a card\n  call: [{presses: 3}, {presses: '4242424242424242'}]\n")

    assert "4242" not in report(found, PROGRAM)
    assert "(16 keys, sealed)" in report(found, PROGRAM)
    assert "4242" not in str(found.call.session)
