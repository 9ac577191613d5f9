"""What an editor is told of a workspace's files: JSON Schema (2020-12), made of the shapes that the reader reads by.

Nothing is written down twice: a kind's keys, defaults and sentences are its ``VALUE`` and ``OPTIONS``, and what an
editor shows of the kind itself is its docstring. What the schema refuses the reader refuses too; the reader sees more.
"""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import TYPE_CHECKING

from flows import flow, text
from flows.center import center
from flows.kinds import KINDS
from flows.scenarios import read
from flows.shapes import WORD, Fields, Items, fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.kinds import Kind
    from flows.shapes import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def of_center() -> Schema:
    """Of ``center.yaml``."""
    return _document("center.yaml: what holds for every call", fields(center.OPTIONS))


def of_flow() -> Schema:
    """Of ``flows/*.yaml``."""
    return _document("A call flow", fields(flow.OPTIONS))


def of_scenarios() -> Schema:
    """Of ``scenarios/*.yaml``."""
    return _document("Scenarios: what should happen in a call", Items(each=Fields(options=read.OPTIONS)).body())


SCHEMAS: dict[str, Callable[[], Schema]] = {"center": of_center, "flow": of_flow, "scenarios": of_scenarios}


def _document(title: str, body: Schema) -> Schema:
    """A whole schema: with the definitions that it refers to, and those that they do."""
    used: dict[str, Schema] = {}
    waiting = _references(body)
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = DEFINITIONS[name]()
            waiting |= _references(used[name])
    return {"$schema": DIALECT, "title": title, **body} | ({"$defs": dict(sorted(used.items()))} if used else {})


def _references(part: object) -> set[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(part, dict):
        own = {part["$ref"].rpartition("/")[2]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_references, part.values()))
    return set[str]().union(*map(_references, part)) if isinstance(part, list) else set()


def _text() -> Schema:
    by_language = {"type": "object", "propertyNames": {"pattern": f"^{text.LANGUAGE.pattern}$"}}
    return {"anyOf": [WORD, by_language | {"additionalProperties": WORD}]}


def _prompt() -> Schema:
    one = {"anyOf": [{"$ref": "#/$defs/text"}, {"$ref": "#/$defs/part"}]}
    return {"anyOf": [{"$ref": "#/$defs/text"}, {"$ref": "#/$defs/part"}, {"type": "array", "items": one}]}


def _step() -> Schema:
    """A step of any kind: its one kind decides which other keys it may have."""
    return {
        "type": "object",
        "properties": {key: told(kind) for key, kind in KINDS.items()},
        "anyOf": [{"required": [key]} for key in KINDS],
        "allOf": [{"if": {"required": [key]}, "then": fields(flow.KEYS[key])} for key in KINDS],
    }


def told(kind: Kind) -> Schema:
    """What an editor shows of a kind: the first sentence of its docstring, or all of it where it knows Markdown."""
    doc = cleandoc(kind.__doc__ or "")
    whole = re.sub(r"^Example::\n\n((?:    .*\n|\n)+)", _fenced, doc + "\n", flags=re.MULTILINE)
    return {
        "description": doc.split("\n\n")[0].replace("``", ""),
        "markdownDescription": whole.replace("``", "`").strip(),
    }


def _fenced(example: re.Match[str]) -> str:
    code = "\n".join(line.removeprefix("    ") for line in example[1].strip("\n").split("\n"))
    return f"~~~yaml\n{code}\n~~~\n\n"


DEFINITIONS: dict[str, Callable[[], Schema]] = {
    "text": _text,
    "part": lambda: fields(text.PART),
    "prompt": _prompt,
    "step": _step,
}
