"""What may stand in the place of an option, declared once: ``Form`` reads by it, and an editor is told of it.

A table of options maps each name to its shape: its sort, its bounds, what holds without it, and a sentence about it. No
other list of options exists. ``schema`` gives a shape as JSON Schema (2020-12). That is never stricter than the reader:
what only the reader can judge, such as an expression or whether a queue is there, is any text to the schema.

To an editor a plain ``6`` is a number and ``yes`` may be a truth value where our reader keeps the author's text, so
that a text may be these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]
WORD: Schema = {"type": ["string", "number", "boolean"]}
UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
ON, OFF = ("yes", "true"), ("no", "false")


@dataclass(frozen=True, slots=True)
class Shape:
    """Anything at all. ``text`` is what an editor shows; ``needed`` makes it a problem to leave the option out."""

    text: str = ""
    needed: bool = field(default=False, kw_only=True)

    def schema(self) -> Schema:
        """As JSON Schema, with the sentence."""
        return self.body() | ({"description": self.text} if self.text else {})

    def body(self) -> Schema:
        """As JSON Schema, without."""
        return {}


Options = Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Word(Shape):
    """One text, such as a name."""

    def body(self) -> Schema:
        return dict(WORD)


@dataclass(frozen=True, slots=True)
class Way(Word):
    """Where the call goes on: a step of this flow, or ``flow/step``."""


@dataclass(frozen=True, slots=True)
class Expression(Word):
    """CEL."""


@dataclass(frozen=True, slots=True)
class Blank(Word):
    """One text, or nothing after the colon."""

    def body(self) -> Schema:
        return {"type": [*WORD["type"], "null"]}


@dataclass(frozen=True, slots=True)
class Named(Shape):
    """What is written alike in many places, described once under ``name`` (``flows/schema.py``)."""

    name: str = field(kw_only=True)

    def body(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}


def text(words: str, *, needed: bool = False) -> Named:
    """A text, or a map of languages to texts."""
    return Named(words, needed=needed, name="text")


def prompt(words: str, *, needed: bool = False) -> Named:
    """What is spoken: a text, a map of languages, a part, or a list of these."""
    return Named(words, needed=needed, name="prompt")


@dataclass(frozen=True, slots=True)
class Duration(Shape):
    """``20s``, ``10m``, ``2h`` or ``30d``, in whole seconds within bounds."""

    default_s: int = field(default=0, kw_only=True)
    least_s: int = field(kw_only=True)
    most_s: int = field(kw_only=True)

    def body(self) -> Schema:
        shown: Schema = {"default": written(self.default_s)} if self.default_s else {}
        return {"type": "string", "pattern": "^[0-9]{1,6}[smhd]$"} | shown


@dataclass(frozen=True, slots=True)
class Whole(Shape):
    """A whole number within bounds."""

    default: int = field(default=0, kw_only=True)
    least: int = field(kw_only=True)
    most: int = field(kw_only=True)

    def body(self) -> Schema:
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"anyOf": [number, {"type": "string", "pattern": "^-?[0-9]{1,9}$"}], "default": self.default}


@dataclass(frozen=True, slots=True)
class Percent(Shape):
    """A share such as ``50%``."""

    default: int = field(default=100, kw_only=True)
    least: int = field(default=0, kw_only=True)

    def body(self) -> Schema:
        return {"type": "string", "pattern": "^[0-9]{1,3}%$", "default": f"{self.default}%"}


@dataclass(frozen=True, slots=True)
class Flag(Shape):
    """``yes`` or ``no``."""

    default: bool = field(default=False, kw_only=True)

    def body(self) -> Schema:
        return {"enum": [*ON, *OFF, True, False], "default": (ON if self.default else OFF)[0]}


@dataclass(frozen=True, slots=True)
class Choice(Shape):
    """One of a few words; the first holds where the option is left out."""

    words: tuple[str, ...] = field(kw_only=True)

    def body(self) -> Schema:
        return {"enum": list(self.words), "default": self.words[0]}


@dataclass(frozen=True, slots=True)
class Fields(Shape):
    """A map of options, and no others."""

    options: Options = field(kw_only=True)

    def body(self) -> Schema:
        return fields(self.options)


@dataclass(frozen=True, slots=True)
class Table(Shape):
    """A map whose keys are the author's, each value alike; ``key`` is a pattern of the keys."""

    each: Shape = field(kw_only=True)
    key: str = field(default="", kw_only=True)

    def body(self) -> Schema:
        keys: Schema = {"propertyNames": {"pattern": self.key}} if self.key else {}
        return {"type": "object", "additionalProperties": self.each.schema()} | keys


@dataclass(frozen=True, slots=True)
class Rows(Shape):
    """A map of known options, and of the author's keys, like the pattern ``key``, with values alike.

    ``also`` are some of the author's keys to propose.
    """

    options: Options = field(kw_only=True)
    each: Shape = field(kw_only=True)
    key: str = field(kw_only=True)
    also: tuple[str, ...] = field(default=(), kw_only=True)

    def body(self) -> Schema:
        known = {name: self.each.schema() for name in self.also}
        known |= {name: shape.schema() for name, shape in self.options.items()}
        others = {"patternProperties": {self.key: self.each.schema()}, "additionalProperties": False}
        return {"type": "object", "properties": known} | others


@dataclass(frozen=True, slots=True)
class Items(Shape):
    """A list, or one of its items by itself."""

    each: Shape = field(kw_only=True)

    def body(self) -> Schema:
        return {"anyOf": [{"type": "array", "items": self.each.schema()}, self.each.schema()]}


@dataclass(frozen=True, slots=True)
class Either(Shape):
    """One of several shapes."""

    shapes: tuple[Shape, ...] = field(kw_only=True)

    def body(self) -> Schema:
        return {"anyOf": [shape.schema() for shape in self.shapes]}


def fields(options: Options) -> Schema:
    """The schema of a map that has these options and no others."""
    needed = [name for name, shape in options.items() if shape.needed]
    return {
        "type": "object",
        "properties": {name: shape.schema() for name, shape in options.items()},
        "additionalProperties": False,
    } | ({"required": needed} if needed else {})


def written(seconds: int) -> str:
    """A duration as an author writes it, in the largest unit that is whole."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0 and (seconds or size == 1))
    return f"{seconds // size}{unit}"


# --- options that many kinds have ---------------------------------------------------------------------------------

NEXT = Way("The step to go on at. Without it the call ends politely.")
BARGE_IN = Flag(
    "May the caller interrupt it by answering the question that follows? `no` for what must be heard.", default=True
)
NO_INPUT = prompt("What a caller who said nothing hears before being asked again.")
NO_MATCH = prompt("What is heard before asking again when the answer was not understood.")


def retries(default: int) -> Whole:
    """How often a step asks again."""
    return Whole(
        "How many more attempts the caller has before the call goes on at `failed`.", default=default, least=0, most=9
    )


def listen(default_s: int) -> Duration:
    """How long a step waits for an answer."""
    return Duration(
        "How long the caller may stay silent before that counts as no answer.",
        default_s=default_s,
        least_s=1,
        most_s=60,
    )


def sure(default: int) -> Percent:
    """How sure the recogniser has to be."""
    return Percent("How sure the recogniser has to be; below it the caller is asked, or asked again.", default=default)
