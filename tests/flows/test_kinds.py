"""Every kind of step: what it promises in its docstring, in its walks and in the handbook."""

from __future__ import annotations

import re
import textwrap
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.kinds import KINDS
from flows.program import compile_program
from flows.source import Mapping, read
from tests.flows.playing import AUDIO, CENTER, MONDAY_MORNING, Player, compiled, event_of, steps

WALKS = Path(__file__).parent / "cases" / "walks"
IDENTIFY = steps("start: {set: {number: vars.reason, tries: '1'}}").replace("main", "identify").encode()
KINDS_FOLDER = Path(__file__).parents[2] / "flows" / "kinds"


def example_of(kind: str) -> str:
    """The example in a kind's docstring."""
    found = re.search(r"Example::\n\n((?:    .*\n|\n)+)", (KINDS[kind].__doc__ or "") + "\n")

    assert found is not None, f"flows/kinds: {kind} has no example"
    return textwrap.dedent(found[1])


def around(step: str) -> str:
    """A flow in which a step stands, and every step it leads to."""
    exits = r"(?:next|else|open|closed|holiday|failed|ok|timeout|ended|busy|no_answer|nobody|full|too_long|declined"
    exits += r'|not_asked|not_mobile|no_input|found|not_found|\dxx|\d\d\d|"[\d*]+"): ([a-z]\w*)'
    names = dict.fromkeys(re.findall(exits, step))
    others = "".join(f"  {name}: {{hangup: }}\n" for name in names if name != "start")
    before = "  start: {set: {order: '\"1\"', tries: 'null'}, next: example}\n"
    return f"flow: main\nstart: start\nsteps:\n{before}  example:\n{textwrap.indent(step, '    ')}{others}"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kinds_example_is_a_step_without_a_problem(kind: str) -> None:
    """What a docstring shows can be copied into a flow."""
    files = {"center.yaml": CENTER, "flows/main.yaml": around(example_of(kind)).encode()}
    if kind == "subflow":
        files["flows/identify.yaml"] = IDENTIFY

    found = compile_program(files, AUDIO)

    assert found.problems == ()
    assert found.program is not None
    assert found.program.flows["main"].stations["example"].kind == kind


def test_folder_registry_and_walks_agree() -> None:
    """A kind is one file, one line of the registry and one file of walks."""
    files = {path.stem.rstrip("_") for path in KINDS_FOLDER.glob("[a-z]*.py")}

    assert files == set(KINDS), "KINDS lists what the folder holds"
    assert {path.stem for path in WALKS.glob("*.yaml")} == set(KINDS)
    assert {key: kind.KEY for key, kind in KINDS.items()} == {key: key for key in KINDS}


def test_no_option_is_named_as_a_kind() -> None:
    """What a step is can be read off its keys."""
    clashes = {(key, option) for key, kind in KINDS.items() for option in kind.OPTIONS if option in KINDS}

    assert not clashes


@pytest.mark.parametrize("kind", KINDS)
def test_each_example_names_every_option_or_the_docstring_does(kind: str) -> None:
    """Nobody has to read code to learn a kind's options."""
    text = KINDS[kind].__doc__ or ""

    assert [option for option in KINDS[kind].OPTIONS if option not in text] == []


def walks() -> list[Any]:
    """Each walk of each file, named by its kind and its sentence."""
    return [
        pytest.param(walk, id=f"{path.stem}: {walk['walk']}")
        for path in sorted(WALKS.glob("*.yaml"))
        for walk in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("walk", walks())
def test_a_walk_goes_as_written(walk: dict[str, Any]) -> None:
    """Each event is answered with exactly what the walk says."""
    at = walk.get("at", MONDAY_MORNING)
    now = datetime.fromisoformat(at) if isinstance(at, str) else at
    player = Player(
        compiled(steps(walk["steps"]), **walk.get("flows", {})),
        now=now,
        caller=walk.get("caller", "+12025550143"),
        world=walk.get("world", {}),
    )

    for turn in walk["turns"]:
        heard = player.plays(event_of(turn["event"]))

        assert heard == turn.get("hears", heard)
        assert player.session.vars == turn.get("vars", player.session.vars)
        assert player.session.ended == turn.get("ended", player.session.ended)


def test_an_option_that_a_kind_does_not_have_lists_those_it_has() -> None:
    """The problem says what may stand there."""
    flow = steps("start:\n  say: Hello.\n  colour: red")

    found = compile_program({"center.yaml": CENTER, "flows/main.yaml": flow.encode()}, AUDIO)

    assert [str(problem) for problem in found.problems] == [
        'flows/main.yaml:6:5: no option named "colour"; allowed here: barge_in, next, say [unknown-key]'
    ]


def test_reading_an_example_needs_no_loader() -> None:
    """Examples are read by our own reader, not by the YAML library's."""
    node, problems = read("x", example_of("menu").encode())

    assert problems == []
    assert isinstance(node, Mapping)
