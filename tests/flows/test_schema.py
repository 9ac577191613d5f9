"""The schema and the reader: what one accepts the other does, and neither takes a key that it does not know.

A file is held to the schema twice: as our reader sees it, every value a text, and as an editor does, by YAML's own
types.
"""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.center.center import OPTIONS as CENTER_OPTIONS
from flows.flow import KEYS
from flows.kinds import KINDS
from flows.program import compile_program
from flows.schema import DIALECT, SCHEMAS
from flows.source import Mapping, Scalar, read
from ivr.settings import SAMPLE_WORKSPACE
from tests.flows.playing import AUDIO, CENTER
from tests.flows.test_any_option import VALUES
from tests.flows.test_checks import CASES, files_of
from tests.flows.test_handbook import blocks
from tests.flows.test_kinds import IDENTIFY, around, example_of

if TYPE_CHECKING:
    from pathlib import Path

MADE = {name: make() for name, make in SCHEMAS.items()}
ANNOTATIONS = {"$schema", "title", "description", "markdownDescription", "default", "$defs", "if"}
EXACT: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "integer": (int,), "number": (int, float),
}  # fmt: skip


class Judge:
    """What a schema says of a value: the part of JSON Schema that ours use. A keyword without a method is refused."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root

    def wrong(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Everything in which a value is not as a schema says; the annotations say nothing of it."""
        rules = (word for word in schema if word not in ANNOTATIONS)
        return list(chain(*(getattr(self, f"judge_{word.strip('$')}")(schema, value) for word in rules)))

    def judge_ref(self, schema: dict[str, Any], value: Any) -> list[str]:
        return self.wrong(self.root["$defs"][schema["$ref"].rpartition("/")[2]], value)

    def judge_type(self, schema: dict[str, Any], value: Any) -> list[str]:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        return [] if any(type(value) in EXACT[one] for one in types) else ["the type"]

    def judge_enum(self, schema: dict[str, Any], value: Any) -> list[str]:
        same = any(type(each) is type(value) and each == value for each in schema["enum"])
        return [] if same else [f"none of {schema['enum']}"]

    def judge_pattern(self, schema: dict[str, Any], value: Any) -> list[str]:
        fits = not isinstance(value, str) or re.search(schema["pattern"], value)
        return [] if fits else [f"not like {schema['pattern']}"]

    def judge_minimum(self, schema: dict[str, Any], value: Any) -> list[str]:
        return ["too low"] if isinstance(value, (int, float)) and value < schema["minimum"] else []

    def judge_maximum(self, schema: dict[str, Any], value: Any) -> list[str]:
        return ["too high"] if isinstance(value, (int, float)) and value > schema["maximum"] else []

    def judge_required(self, schema: dict[str, Any], value: Any) -> list[str]:
        if not isinstance(value, dict):
            return []
        return [f"{key!r} is missing" for key in schema["required"] if key not in value]

    def judge_properties(self, schema: dict[str, Any], value: Any) -> list[str]:
        pairs = [(rule, value[key]) for key, rule in schema["properties"].items() if key in as_map(value)]
        return list(chain(*(self.wrong(rule, each) for rule, each in pairs)))

    def judge_patternProperties(self, schema: dict[str, Any], value: Any) -> list[str]:  # noqa: N802 - the keyword's name
        rules = schema["patternProperties"].items()
        pairs = [
            (rule, each) for pattern, rule in rules for key, each in as_map(value).items() if re.search(pattern, key)
        ]
        return list(chain(*(self.wrong(rule, each) for rule, each in pairs)))

    def judge_additionalProperties(self, schema: dict[str, Any], value: Any) -> list[str]:  # noqa: N802 - as above
        patterns, known = schema.get("patternProperties", {}), schema.get("properties", {})
        rest = [key for key in as_map(value) if key not in known and not any(re.search(one, key) for one in patterns)]
        rule = schema["additionalProperties"]
        if rule is False:
            return [f"no key {key!r}" for key in rest]
        return list(chain(*(self.wrong(rule, value[key]) for key in rest)))

    def judge_propertyNames(self, schema: dict[str, Any], value: Any) -> list[str]:  # noqa: N802 - as above
        return list(chain(*(self.wrong(schema["propertyNames"], key) for key in as_map(value))))

    def judge_items(self, schema: dict[str, Any], value: Any) -> list[str]:
        items = value if isinstance(value, list) else []
        return list(chain(*(self.wrong(schema["items"], item) for item in items)))

    def judge_anyOf(self, schema: dict[str, Any], value: Any) -> list[str]:  # noqa: N802 - as above
        forms = [self.wrong(one, value) for one in schema["anyOf"]]
        return [] if [] in forms else ["none of the forms", *forms[-1]]

    def judge_allOf(self, schema: dict[str, Any], value: Any) -> list[str]:  # noqa: N802 - as above
        return list(chain(*(self.wrong(one, value) for one in schema["allOf"])))

    def judge_then(self, schema: dict[str, Any], value: Any) -> list[str]:
        return [] if self.wrong(schema["if"], value) else self.wrong(schema["then"], value)


def as_map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_texts(node: Any) -> Any:
    """A tree as our reader has it."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Mapping):
        return {key.text: as_texts(value) for key, value in node.pairs}
    return [as_texts(item) for item in node.items]


def as_typed(text: bytes) -> Any:
    """As an editor has it: YAML 1.2's numbers, truth values and nothing; every key is a text."""

    def scalar(node: yaml.ScalarNode) -> Any:
        if node.style:
            return node.value
        if node.value in {"", "~", "null"}:
            return None
        if node.value in {"true", "false"}:
            return node.value == "true"
        number = re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", node.value)
        return (float if "." in node.value else int)(node.value) if number else node.value

    def plain(node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {key.value: plain(value) for key, value in node.value}
        return [plain(one) for one in node.value] if isinstance(node, yaml.SequenceNode) else scalar(node)

    return plain(yaml.compose(text, Loader=yaml.CSafeLoader))


def refused(path: str, text: bytes) -> list[str]:
    """What the schema of its path refuses in a file, read in either way."""
    schema = MADE["center" if path == "center.yaml" else "flow" if path.startswith("flows/") else "scenarios"]
    node, problems = read(path, text)
    assert node is not None, problems
    judge = Judge(schema)
    return [*judge.wrong(schema, as_texts(node)), *judge.wrong(schema, as_typed(text))]


def accepted(files: dict[str, bytes]) -> bool:
    """Does the reader find nothing wrong but what only a check can see?"""
    return compile_program(files, AUDIO).program is not None


def sound() -> list[Any]:
    """Every workspace that the tests call sound: examples, the handbook's blocks, cases, the sample."""
    found: dict[str, dict[str, bytes]] = {
        f"example of {kind}": {"center.yaml": CENTER, "flows/main.yaml": around(example_of(kind)).encode()}
        | ({"flows/identify.yaml": IDENTIFY} if kind == "subflow" else {})
        for kind in KINDS
    }
    for folder in ("broken", "ok", "center"):
        found |= {f"{folder}/{case.stem}": files_of(case) for case in sorted((CASES / folder).glob("*.yaml"))}
    return [pytest.param(files, id=name) for name, files in found.items() if accepted(files)]


@pytest.mark.parametrize("files", sound())
def test_the_schema_accepts_what_the_reader_accepts(files: dict[str, bytes]) -> None:
    """An editor never underlines what is right."""
    assert {path: refused(path, text) for path, text in files.items() if refused(path, text)} == {}


@pytest.mark.parametrize(("sort", "text"), [block for block in blocks() if block[0] in {"steps", "center", ""}])
def test_the_schema_accepts_the_handbook(sort: str, text: str) -> None:
    """Each of its examples."""
    if sort == "steps":
        text = "flow: main\nstart: start\nsteps:\n" + "".join(f"  {line}\n" for line in text.splitlines())

    assert refused("center.yaml" if sort == "center" else "flows/main.yaml", text.encode()) == []


@pytest.mark.parametrize("path", sorted(SAMPLE_WORKSPACE.rglob("*.yaml")), ids=lambda path: path.name)
def test_the_sample_says_which_schema_it_goes_by_and_goes_by_it(path: Path) -> None:
    """A newcomer's editor completes at once; the schemas beside it are those that the command writes."""
    name = path.relative_to(SAMPLE_WORKSPACE).as_posix()
    schema = "center" if name == "center.yaml" else {"flows": "flow", "scenarios": "scenarios"}[path.parent.name]
    hint = f"# yaml-language-server: $schema={'' if schema == 'center' else '../'}.schemas/{schema}.json\n"
    written = json.loads((SAMPLE_WORKSPACE / ".schemas" / f"{schema}.json").read_text(encoding="utf-8"))

    assert path.read_text(encoding="utf-8").startswith(hint)
    assert written == MADE[schema], "run ivr flows schema flows/examples/support"
    assert refused(name, path.read_bytes()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_a_kind_does_not_have_is_refused_by_both(kind: str) -> None:
    """And so is one that is missing, or a second kind."""
    step = yaml.safe_load(example_of(kind))
    other = "say" if kind != "say" else "pause"
    for changed in ({**step, "colour": "red"}, {**step, other: "2s"}, {key: step[key] for key in step if key != kind}):
        text = around(yaml.safe_dump(changed, sort_keys=False, width=10_000)).encode()
        codes = {one.code for one in compile_program({"center.yaml": CENTER, "flows/main.yaml": text}, AUDIO).problems}

        assert codes & {"unknown-key", "two-kinds", "no-kind"}
        assert refused("flows/main.yaml", text) != []


@pytest.mark.parametrize("kind", KINDS)
def test_a_needed_option_is_needed_by_both(kind: str) -> None:
    """What is left out is told by the editor too."""
    step = yaml.safe_load(example_of(kind))
    for name in (name for name, shape in KEYS[kind].items() if shape.needed):
        text = around(yaml.safe_dump({key: step[key] for key in step if key != name}, width=10_000)).encode()
        problems = compile_program({"center.yaml": CENTER, "flows/main.yaml": text}, AUDIO).problems

        assert any(one.code == "missing-key" and f'"{name}:"' in one.message for one in problems)
        assert any("is missing" in one for one in refused("flows/main.yaml", text))


@pytest.mark.parametrize("option", ["colour", *(name for name, shape in CENTER_OPTIONS.items() if shape.needed)])
def test_center_is_held_to_the_same_keys_by_both(option: str) -> None:
    """One key too many, or one needed too few."""
    center = yaml.safe_load(CENTER)
    changed = center | {option: "red"} if option == "colour" else {key: center[key] for key in center if key != option}
    text = yaml.safe_dump(changed, sort_keys=False).encode()
    found = compile_program({"center.yaml": text}, {})

    assert {"unknown-key", "missing-key"} & {one.code for one in found.problems}
    assert refused("center.yaml", text) != []


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_whatever_the_reader_accepts_the_schema_accepts(kind: str, data: st.DataObject) -> None:
    """Any value in the place of any option."""
    step = yaml.safe_load(example_of(kind))
    name = data.draw(st.sampled_from([kind, *KINDS[kind].OPTIONS]))
    text = around(yaml.safe_dump(step | {name: data.draw(VALUES)}, allow_unicode=True, width=10_000)).encode()
    files = {"center.yaml": CENTER, "flows/main.yaml": text}
    if kind == "subflow":
        files["flows/identify.yaml"] = IDENTIFY

    if accepted(files):
        assert refused("flows/main.yaml", text) == []


def test_every_option_has_a_sentence_and_every_kind_its_page() -> None:
    """What an editor shows when somebody points at a key."""
    step = MADE["flow"]["$defs"]["step"]
    silent = [f"{kind}.{name}" for kind in KINDS for name, shape in KEYS[kind].items() if not shape.text]

    assert silent == []
    assert [name for name, shape in CENTER_OPTIONS.items() if not shape.text] == []
    assert set(step["properties"]) == set(KINDS)
    assert all(f"{kind}:" in step["properties"][kind]["markdownDescription"] for kind in KINDS)
    assert all(schema["$schema"] == DIALECT for schema in MADE.values())
