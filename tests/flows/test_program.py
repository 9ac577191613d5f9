"""Compiling a workspace: what names a program, and what keeps one from being made."""

from __future__ import annotations

import pytest

from flows.problems import Problem, did_you_mean, in_order, render
from flows.program import MAX_FILES, compile_program
from tests.flows.playing import CENTER

FLOW = b"flow: main\nstart: start\nsteps:\n  start: {hangup: Goodbye.}\n"
FILES = {"center.yaml": CENTER, "flows/main.yaml": FLOW}


def codes(files: dict[str, bytes]) -> list[str]:
    """The codes of a workspace's problems."""
    return [problem.code for problem in compile_program(files, {}).problems]


def test_a_program_is_named_by_what_it_was_made_from() -> None:
    """The same files have the same name in any order; any other byte, path or recording has another."""
    audio = {"prompts/any/a.wav": "0" * 64, "prompts/any/b.wav": "1" * 64}
    first = compile_program(FILES, audio).program
    again = compile_program(dict(reversed(FILES.items())), dict(reversed(audio.items()))).program
    others = [
        compile_program(FILES | {"flows/main.yaml": FLOW + b"\n"}, audio).program,
        compile_program({"center.yaml": CENTER, "flows/other.yaml": FLOW}, audio).program,
        compile_program(FILES, {"prompts/any/a.wav": "0" * 64}).program,
    ]

    assert first is not None
    assert again is not None
    assert again.id == first.id
    assert len(first.id) == 64
    assert len({first.id, *(other.id for other in others if other is not None)}) == 4


def test_files_that_are_no_part_of_a_program_change_nothing() -> None:
    """Notes, scenarios and drafts beside the flows are left alone."""
    plain = compile_program(FILES, {}).program
    beside = compile_program(
        FILES | {"README.md": b"\xff", "scenarios/a.yaml": b": :", "flows/old/a.yaml": b": :"}, {}
    ).program

    assert plain is not None
    assert beside is not None
    assert plain.id == beside.id


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ["no-center"]),
        ({"flows/main.yaml": FLOW}, ["no-center"]),
        ({"center.yaml": CENTER}, ["unknown-flow", "unknown-flow"]),
        (FILES | {"flows/twice.yaml": FLOW}, ["duplicate-flow"]),
        (FILES | {"flows/list.yaml": b"- a\n- b\n"}, ["bad-value"]),
        (FILES | {"center.yaml": b"- a\n"}, ["bad-value"]),
        (FILES | {"flows/other.yml": FLOW}, ["misnamed-file"]),
        ({f"flows/{number}.yaml": FLOW for number in range(MAX_FILES + 1)}, ["too-large"]),
    ],
)
def test_what_is_not_a_workspace_is_a_problem(files: dict[str, bytes], expected: list[str]) -> None:
    """And never an exception."""
    assert codes(files) == expected


def test_one_flow_that_cannot_be_read_does_not_hide_the_others() -> None:
    """All problems of all files are told at once, sorted by place."""
    files = FILES | {
        "flows/a.yaml": b"flow: a\nstart: x\nsteps: [",
        "flows/b.yaml": FLOW.replace(b"main", b"b") + b"  x: 1\n",
    }

    found = compile_program(files, {}).problems

    assert [(problem.path, problem.line) for problem in found] == [("flows/a.yaml", 3), ("flows/b.yaml", 5)]


def test_problems_are_printed_with_their_line_and_a_caret() -> None:
    """Sorted, each once, counted at the end; a tab or a missing source does not break the picture."""
    problems = [
        Problem("b.yaml", 2, 3, "second", "code-b"),
        Problem("a.yaml", 1, 2, "first", "code-a", "warning"),
        Problem("b.yaml", 2, 3, "second", "code-b"),
        Problem("gone.yaml", 9, 1, "third", "code-c"),
    ]

    assert render(problems, {"a.yaml": b"\tab", "b.yaml": b"one\ntwo"}) == (
        "a.yaml:1:2: warning: first [code-a]\n    1 |  ab\n      |  ^\n"
        "b.yaml:2:3: second [code-b]\n    2 | two\n      |   ^\n"
        "gone.yaml:9:1: third [code-c]\n3 problems, 1 of them a warning"
    )
    assert len(in_order(problems)) == 3
    assert render([]) == ""


def test_the_nearest_word_is_offered_when_it_is_near() -> None:
    """A slip of the finger is recognised, another word is not."""
    assert did_you_mean("slaes", ["sales", "support"]) == '; did you mean "sales"?'
    assert did_you_mean("entirely", ["sales", "support"]) == ""
