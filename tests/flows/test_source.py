"""Reading YAML: every byte string is a tree or problems, and nothing is lost or changed on the way."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.complaints import Mistake
from flows.expressions import compile_expression, evaluate
from flows.program import compile_program
from flows.source import MAX_BYTES, MAX_DEPTH, MAX_EVENTS, Mapping, Node, Scalar, Sequence, read
from ivr.settings import SAMPLE_WORKSPACE
from ivr.workspace import read_workspace
from tests.flows.playing import CENTER

GOOD = "flow: main\nstart: start\nsteps:\n  start: {hangup: Goodbye.}\n"
SAMPLE = {path: data.decode() for path, data in read_workspace(SAMPLE_WORKSPACE).files.items()}


def plain(node: Node | None) -> object:
    """A tree as dictionaries, lists and texts."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text if node is not None else None


def said(data: bytes) -> list[str]:
    """The problems of a file as ``line:column [code]``."""
    return [f"{one.line}:{one.column} [{one.code}]" for one in read("x.yaml", data)[1]]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("on: off", {"on": "off"}),
        ("extension: 0123", {"extension": "0123"}),
        ("time: 12:30", {"time": "12:30"}),
        ("a: NO\nb: ~\nc: 1.0\nd: 1e3\ne: 0x1f", {"a": "NO", "b": "~", "c": "1.0", "d": "1e3", "e": "0x1f"}),
        ("<<: {a: b}", {"<<": {"a": "b"}}),
        ("a: [x, {y: z}, 'it''s']", {"a": ["x", {"y": "z"}, "it's"]}),
        ("a: >-\n  two\n  lines", {"a": "two lines"}),
        ("a: b  # a remark", {"a": "b"}),
        ('a: "b" # a remark', {"a": "b"}),
        ("\ufeffa: b\r\nc: d", {"a": "b", "c": "d"}),
        ("%YAML 1.2\n---\na: b", {"a": "b"}),
        ("a:", {"a": ""}),
        ("just a text", "just a text"),
    ],
)
def test_every_value_is_the_authors_text(text: str, tree: object) -> None:
    """YAML 1.1's surprises do not happen."""
    node, problems = read("x.yaml", text.encode())

    assert (plain(node), problems) == (tree, [])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ["1:1 [empty-file]"]),
        (b"# only a remark\n", ["1:1 [empty-file]"]),
        (b"a: b\nc: \xff", ["2:4 [not-utf-8]"]),
        ("ü: ü\x07".encode(), ["1:5 [control-character]"]),
        (b"a: \x00", ["1:4 [control-character]"]),
        (b"a: b\n---\nc: d", ["2:1 [two-documents]"]),
        (b"a: !x b", ["1:4 [tag]"]),
        (b"a: ! b", ["1:4 [tag]"]),
        (b"a: !!str b", ["1:4 [tag]"]),
        (b"a: !m {b: c}", ["1:4 [tag]"]),
        (b"a: &x b\nc: *x", ["1:4 [anchor]", "2:4 [alias]"]),
        (b"a: &x {b: *x}", ["1:4 [anchor]", "1:11 [alias]"]),
        (b"*a : b", ["1:1 [alias]"]),
        (b"? {a: b}\n: c", ["1:3 [bad-key]"]),
        (b"a: 1\nb: 2\na: 3", ["3:1 [duplicate-key]"]),
        (b"a: 1\n'a': 2", ["2:1 [duplicate-key]"]),
        (b"a: {{ x }}", ["1:4 [braces]"]),
        (b"a: press # to go", ["1:10 [text-lost]"]),
        (b"a:\n  #: b\n  1: c", ["2:3 [text-lost]"]),
        (b"a: 'b", ["1:4 [bad-yaml]"]),
        (b"a: [b", ["1:4 [bad-yaml]"]),
        (b"a:\n\tb: c", ["2:1 [bad-yaml]"]),
        (b"a: b: c", ["1:5 [bad-yaml]"]),
        (b"[" * (MAX_DEPTH + 1), [f"1:{MAX_DEPTH + 1} [too-deep]"]),
        (b"[" * 600_000, [f"1:{MAX_DEPTH + 1} [too-deep]"]),
        (b"- a\n" * MAX_EVENTS, ["1:1 [too-large]"]),
        (b" " * (MAX_BYTES + 1), ["1:1 [too-large]"]),
    ],
)
def test_what_cannot_be_read_or_would_be_lost_is_a_problem(data: bytes, expected: list[str]) -> None:
    """Each with the place to look at; lines and columns count from 1, in characters."""
    assert said(data) == expected


def test_a_mark_points_into_a_text() -> None:
    """A column inside a plain or quoted text is exact; a folded or escaped one points at its beginning."""
    node, _ = read("x.yaml", b"a: plain\nb: 'quoted'\nc: 'it''s'\nd: >-\n  folded")
    assert isinstance(node, Mapping)
    scalars = [value for _, value in node.pairs if isinstance(value, Scalar)]

    assert [scalar.at(2) for scalar in scalars] == [(1, 6), (2, 7), (3, 4), (4, 4)]


YAML_LIKE = st.text(alphabet="ab01:-[]{}#&*!|>'\"%@`,? \n\t\r\x00\u2028ü😀", max_size=60)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=60), YAML_LIKE.map(str.encode)))
def test_any_bytes_are_a_tree_or_problems(data: bytes) -> None:
    """Nothing raises, and every problem is at a place that a person can go to."""
    node, problems = read("x.yaml", data)

    assert node is not None or problems
    assert all(one.line >= 1 and one.column >= 1 for one in problems)


@settings(max_examples=100, deadline=None)
@given(YAML_LIKE)
def test_what_is_read_is_what_the_library_composes(text: str) -> None:
    """Where there is no problem, our tree and the library's own node graph hold the same texts."""
    node, problems = read("x.yaml", text.encode())
    if problems or "\r" in text:
        return

    assert plain(node) == composed(yaml.compose(text, Loader=yaml.CSafeLoader))


def composed(node: object) -> object:
    """The library's node graph as dictionaries, lists and texts."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: composed(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [composed(item) for item in node.value]
    assert isinstance(node, yaml.ScalarNode)
    return node.value


WORDS = st.sampled_from(
    [
        "flow",
        "start",
        "steps",
        "say",
        "menu",
        "options",
        "next",
        "failed",
        "collect",
        "into",
        "digits",
        "set",
        "branch",
        "when",
        "else",
        "hours",
        "http",
        "sms",
        "note",
        "hangup",
        "play",
        "pause",
        "main",
        "{{",
        "}}",
        "caller",
        "vars.x",
        "1",
        "2s",
        "text",
        "en-US",
        "phrases",
        "json",
        "save",
        "http://x.y/",
        ":",
        "-",
        "[",
        "]",
        "{",
        "}",
        ",",
        "?",
        "'",
        '"',
        "|",
        ">",
        "#",
        "*",
        "&",
        "!",
    ]
)
SIGNS = st.sampled_from(["(", ")", "==", "&&", ".", "?", "0", "'"])
FLOW_LIKE = st.lists(st.one_of(WORDS, st.sampled_from([" ", "\n", "\n  ", "\n    ", ": ", "- "])), max_size=60)


@settings(max_examples=150, deadline=None)
@given(FLOW_LIKE.map("".join))
def test_any_flow_is_a_program_or_problems(text: str) -> None:
    """However wrong a workspace is, compiling it never raises."""
    found = compile_program({"center.yaml": CENTER, "flows/main.yaml": text.encode()}, {})

    assert found.program is not None or found.problems


@settings(max_examples=75, deadline=None)
@given(FLOW_LIKE.map("".join))
def test_any_step_is_a_program_or_problems(text: str) -> None:
    """The same for the inside of a step, where most of the reading is done."""
    for kind in ("say", "menu", "collect", "http", "set", "branch", "queue", "survey", "subflow", "transfer"):
        step = f"flow: main\nstart: a\nsteps:\n  a:\n    {kind}: {text}"
        found = compile_program({"center.yaml": CENTER, "flows/main.yaml": step.encode()}, {})

        assert found.program is not None or found.problems


@settings(max_examples=75, deadline=None)
@given(FLOW_LIKE.map("".join))
def test_any_menu_is_a_program_or_problems(text: str) -> None:
    """Options, keys and phrases are maps of the author's own, so they are read by themselves."""
    menu = f"flow: main\nstart: start\nsteps:\n  start:\n    menu: x\n    options:\n      1: {text}\n    failed: start"
    found = compile_program({"center.yaml": CENTER, "flows/main.yaml": menu.encode()}, {})

    assert found.program is not None or found.problems


@settings(max_examples=75, deadline=None)
@given(st.sampled_from(["hours", "queues", "numbers", "surveys", "sentences", "fallback"]), FLOW_LIKE.map("".join))
def test_any_center_is_a_program_or_problems(key: str, text: str) -> None:
    """And for what holds for every call."""
    center = f"name: A\ntimezone: UTC\nlanguages: [en-US]\nnumbers: {{}}\n{key}: {text}"
    found = compile_program({"center.yaml": center.encode(), "flows/main.yaml": GOOD.encode()}, {})

    assert found.program is not None or found.problems


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SAMPLE)), st.data())
def test_a_slip_anywhere_in_a_workspace_is_a_program_or_problems(path: str, data: st.DataObject) -> None:
    """Some characters of a real workspace are replaced by others, as a slip of the hand does."""
    text = SAMPLE[path]
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.sampled_from([0, 1, 2, 20]))
    put = data.draw(st.one_of(WORDS, st.text(max_size=3), st.just("")))
    changed = text[:start] + put + text[start + length :]

    found = compile_program({**{name: one.encode() for name, one in SAMPLE.items()}, path: changed.encode()}, {})

    assert found.program is not None or found.problems


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(WORDS, st.sampled_from(["(", ")", "==", "&&", ".", "?", "0", "'"])), max_size=40).map(" ".join)
)
def test_any_expression_compiles_or_is_a_mistake(text: str) -> None:
    """What an author writes as a condition."""
    compiled = compile_expression(text)

    assert isinstance(compiled, Mistake) or evaluate(compiled, {"vars": {"x": 1}, "caller": "+1"}) is not NotImplemented


def test_a_flow_without_its_name_is_a_problem() -> None:
    """Also where other steps go into subflows: it is nobody's."""
    found = compile_program(
        {"center.yaml": CENTER, "flows/main.yaml": b"start: start\nsteps:\n  start: {pause: 2s}\n"}, {}
    )

    assert "missing-key" in {problem.code for problem in found.problems}
