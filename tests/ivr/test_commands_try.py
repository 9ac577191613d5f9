"""``ivr flows try``: a flow played with what is typed, and kept as a scenario."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from ivr.commands.errors import CannotRun
from ivr.commands.flows import app
from ivr.settings import SAMPLE_WORKSPACE
from tests.flows.playing import CENTER
from tests.flows.scenarios.playing import FLOW

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace whose flow asks the world for everything."""
    folder = tmp_path / "workspace"
    for name, data in {"center.yaml": CENTER, "flows/main.yaml": FLOW}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    shutil.copytree(SAMPLE_WORKSPACE / "prompts", folder / "prompts")
    return folder


def tried(workspace: Path, typed: str, *words: str) -> tuple[int, str]:
    """What is printed when these lines are typed, on a Monday at ten."""
    options = ["--workspace", str(workspace), "--at", "2026-03-02 10:00", *words]
    found = CliRunner().invoke(app, ["try", *options], input=typed)
    if isinstance(found.exception, CannotRun):
        raise found.exception
    return found.exit_code, " ".join(found.output.split())  # a long line is broken where the terminal ends


def passes(workspace: Path) -> bool:
    """Do the workspace's scenarios pass."""
    return CliRunner().invoke(app, ["test", str(workspace)]).exit_code == 0


def test_keys_words_and_silence_are_typed() -> None:
    """The conversation is shown as it grows."""
    status, told = tried(SAMPLE_WORKSPACE, '1\n"where are you?\n\nhangup\n')

    assert status == 0
    assert "presses 1" in told
    assert "200 Market Street" in told
    assert "Sorry, I did not hear anything" in told
    assert "The call has ended: hung_up." in told


def test_what_other_systems_answer_is_asked_for(workspace: Path) -> None:
    """By request; a line that is no answer says what one looks like."""
    status, told = tried(workspace, '2\nshipped\n200 {"status": "on its way"}\nhangup\n')

    assert status == 0
    assert "the flow asks: GET https://shop.example.com/orders/%2B12025550143" in told
    assert "a status is needed" in told
    assert "Your order is on its way." in told


def test_an_answer_that_never_comes_fails_by_name(workspace: Path) -> None:
    """A script that ends too early exits 1."""
    status, told = tried(workspace, "2\n")

    assert status == 1
    assert "was asked, and no answer is given" in told


def test_agents_and_queues_are_played_by_who_tries(workspace: Path) -> None:
    """Any deed of a scenario may be typed."""
    status, told = tried(workspace, "1\nwaits 30s\nagent answers\nagent hangs up\n", "--customer", "tier=gold")

    assert status == 0
    assert "The call has ended: finished, handled." in told


def test_the_steps_are_shown_when_asked_for(workspace: Path) -> None:
    """With their kind, the way they were left by, and their line."""
    _, told = tried(workspace, "hangup\n", "--steps")

    assert "say main/start → next" in told
    assert "flows/main.yaml:4" in told


def test_what_was_tried_is_kept_and_passes(workspace: Path) -> None:
    """Behind the scenarios that the file has, each with a name of its own."""
    path = workspace / "scenarios" / "tried.yaml"
    answers = '2\n200 {"status": "sent"}\n2\nhangup\n'  # asked the same again, the shop answers the same

    first = tried(workspace, answers, "--save", str(path), "--customer", "first_name=Ana")
    second = tried(workspace, "1\nqueue nobody\n1\n", "--save", str(path), "--name", "nobody is there: a callback")
    third = tried(workspace, "hangup\n", "main", "--save", str(path), "--name", "nobody is there: a callback")

    assert [one[0] for one in (first, second, third)] == [0, 0, 0]
    assert all("it passes" in one[1] for one in (first, second, third))
    assert path.read_text(encoding="utf-8").count("- scenario:") == 3
    assert passes(workspace)


def test_a_card_number_is_kept_nowhere(workspace: Path) -> None:
    """Neither on the screen nor in the scenario, which passes with another number."""
    path = workspace / "scenarios" / "card.yaml"

    status, told = tried(workspace, "3\n5454545454545454\n201\n", "--save", str(path))

    assert status == 0
    assert "It is paid" in told
    assert "5454545454545454" not in told + path.read_text(encoding="utf-8")
    assert passes(workspace)


def test_what_is_given_may_come_from_a_scenario(workspace: Path, tmp_path: Path) -> None:
    """``--given`` takes the first one's."""
    path = tmp_path / "given.yaml"
    path.write_text('- scenario: x\n  given: {http: {"https://*": 404}}\n  call: []\n', encoding="utf-8")

    _, told = tried(workspace, "2\n", "--given", str(path))

    assert "There is no such order." in told


def test_the_conversation_is_given_to_programs(workspace: Path) -> None:
    """One JSON document and nothing else."""
    _, told = tried(workspace, "hangup\n", "--json")

    assert json.loads(told)["ended"] == ["hung_up"]
    assert json.loads(told)["call"][1]["what"] == "Thanks for calling Acme."


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["mian"], 'no flow named "mian"; did you mean "main"?'),
        (["+12025550199"], "is not one of the numbers of center.yaml"),
        (["--caller", "0123"], '"0123" is not a number such as'),
        (["--customer", "tiger=gold"], 'did you mean "tier"?'),
        (["--language", "fr-FR"], "one of en-US, es-US"),
        (["--given", "nowhere.yaml"], "nowhere.yaml cannot be read"),
    ],
)
def test_what_cannot_be_given_is_refused_by_name(workspace: Path, words: list[str], why: str) -> None:
    """With the same words as in a scenario."""
    with pytest.raises(CannotRun, match=why.replace("?", r"\?").replace("+", r"\+")):
        tried(workspace, "", *words)


def test_a_line_that_is_not_understood_says_what_may_be_typed(workspace: Path) -> None:
    """And nothing happens to the call."""
    _, told = tried(workspace, "bananas\nagent anwers\npresses 12\n")

    assert "not understood; type keys such as 1" in told
    assert 'did you mean "answers"?' in told
    assert "the flow takes 1 key here" in told
