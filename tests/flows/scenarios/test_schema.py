"""The editor's help knows what the reader knows: no scenario that plays is underlined."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.test_schema import refused

CASES = Path(__file__).parents[1] / "cases" / "scenarios"


@pytest.mark.parametrize("name", ["passes", "differs"])
def test_every_scenario_that_is_read_is_accepted_by_the_schema(name: str) -> None:
    """As our reader has it, and as an editor does."""
    assert refused("scenarios/main.yaml", (CASES / f"{name}.yaml").read_bytes()) == []


@pytest.mark.parametrize(
    "text",
    [
        "- {scenario: a, call: [], end: finished}",
        "- {scenario: a, call: [{heres: x}]}",
        "- {scenario: a, call: [{agent: anwers}]}",
        "- {scenario: a, given: {custmer: {}}, call: []}",
        "- {call: []}",
    ],
)
def test_what_the_reader_refuses_by_its_form_the_schema_refuses_too(text: str) -> None:
    """Unknown words, and what is missing."""
    assert refused("scenarios/main.yaml", text.encode())
