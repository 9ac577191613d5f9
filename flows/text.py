"""What callers hear and read: texts with ``{{ CEL }}`` in them, in one or more languages.

A *template* is one text. A *text* is a template for each language. A *prompt* is what is spoken: a list of parts, each
a text, a recording or a pause, each with its own condition. What holds no expression is made when the flow is read and
costs nothing in a call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from flows import form as forms
from flows import phrases
from flows.expressions import Undecided, evaluate
from flows.instructions import Pause, Play, Say
from flows.problems import listed
from flows.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.expressions import Expression
    from flows.form import Form, Reading
    from flows.source import Node

MAX_SPOKEN = 3_000  # characters; Polly's limit, the lowest of the voices (twilio.com, <Say>)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
QUOTES_OR_BRACES = re.compile("['\"{]")
PART = frozenset({"when", "text", "language", "play", "pause"})

Heard = Say | Play | Pause


class Context(Protocol):
    """What rendering needs from a call: its names, its language, and where to note what was unknown."""

    language: str

    @property
    def scope(self) -> Any: ...

    def decide(self, condition: Expression) -> bool: ...

    def notice(self, code: str, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Template:
    """One text as its pieces: what is always there, and expressions."""

    pieces: tuple[str | Expression, ...]

    @property
    def static(self) -> str | None:
        """The text itself when it holds no expression."""
        texts = [piece for piece in self.pieces if isinstance(piece, str)]
        return "".join(texts) if len(texts) == len(self.pieces) else None


@dataclass(frozen=True, slots=True)
class Text:
    """A template for each of the centre's languages; ``missing`` are those the author gave none for."""

    templates: MappingType[str, Template]
    missing: tuple[str, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prompt in one language: a text to speak with a voice, or what is ready to be heard."""

    when: Expression | None
    heard: Heard | Template | None
    spoken: tuple[str, str | None] = ("", None)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Parts for each of the centre's languages; ``ready`` has the languages in which nothing is left to decide."""

    parts: MappingType[str, tuple[Part, ...]]
    ready: MappingType[str, tuple[Heard, ...]]
    line: int
    column: int


SILENT = Prompt({}, {}, 1, 1)


# --- in a call -------------------------------------------------------------------------------------------------------


def hear(prompt: Prompt, context: Context) -> tuple[Heard, ...]:
    """What this caller hears of a prompt."""
    ready = prompt.ready.get(context.language)
    if ready is not None:
        return ready
    heard: list[Heard] = []
    for part in prompt.parts.get(context.language, ()):
        if part.when is not None and not context.decide(part.when):
            continue
        one = part.heard
        if isinstance(one, Template):
            said = " ".join(fill(one, context).split())[:MAX_SPOKEN]
            one = Say(said, *part.spoken) if said else None
        if one is not None:
            heard.append(one)
    return tuple(heard)


def write(text: Text, context: Context) -> str:
    """A text as this caller reads it."""
    template = text.templates.get(context.language)
    return "" if template is None else fill(template, context)


def fill(template: Template, context: Context) -> str:
    """The template with its values; an unknown one is left out and noted."""
    language = context.language
    return "".join(
        [piece if isinstance(piece, str) else as_text(value_of(piece, context), language) for piece in template.pieces]
    )


def value_of(expression: Expression, context: Context) -> Any:
    """An expression's value; null, with a notice, when it is unknown."""
    value = evaluate(expression, context.scope)
    if value is None or isinstance(value, Undecided):
        reason = value.reason if isinstance(value, Undecided) else "it is null"
        context.notice("unknown-value", f"{expression.source.strip()} is left out: {reason}")
        return None
    return value


def as_text(value: Any, language: str) -> str:
    """A value as it is spoken: whole numbers without a point, times as a weekday and an hour, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, str):
        if value.isprintable():
            return value
        return "".join(character if character.isprintable() else " " for character in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return phrases.moment(value, language)
    if isinstance(value, (list, tuple)):
        return ", ".join(as_text(one, language) for one in value)
    return str(value)


# --- when a flow is read ---------------------------------------------------------------------------------------------


def read_prompt(reading: Reading, node: Node) -> Prompt:
    """A spoken thing: a text, a map of languages, one part, or a list of these."""
    read = [_read_part(reading, item) for item in forms.items(node)]
    if isinstance(node, Sequence) and not node.items:
        reading.problem(node, "at least one part is needed here", "bad-value")
    languages = reading.center.languages
    parts = {language: tuple(part[language] for part in read if language in part) for language in languages}
    ready = {tag: heard for tag in languages if (heard := _ready(parts[tag])) is not None}
    prompt = Prompt(parts, ready, node.line, node.column)
    reading.facts.prompts.append(prompt)
    return prompt


def _ready(parts: tuple[Part, ...]) -> tuple[Heard, ...] | None:
    if any(part.when is not None or isinstance(part.heard, Template) for part in parts):
        return None
    return tuple(part.heard for part in parts if part.heard is not None and not isinstance(part.heard, Template))


def _read_part(reading: Reading, node: Node) -> MappingType[str, Part]:
    """One part, by language."""
    if not (isinstance(node, Mapping) and any(key.text in PART for key, _ in node.pairs)):
        return _spoken(reading, node, None)
    form = forms.Form(reading, node, PART)
    when = reading.expression(form.value("when"))
    given = [name for name in ("text", "play", "pause") if form.value(name) is not None]
    if len(given) != 1:
        reading.problem(node, "one of text, play or pause is needed here", "bad-value")
        return {}
    if given == ["text"]:
        return _spoken(reading, form.value("text"), when, _language(form))
    if given == ["play"]:
        return _played(reading, form.value("play"), when)
    pause = Part(when, Pause(form.duration("pause", default_s=1, least_s=1, most_s=60)))
    return dict.fromkeys(reading.center.languages, pause)


def _language(form: Form) -> str | None:
    """The language of a plain text, when it is another than its flow's: ``Para español, oprima dos``."""
    node, tag = form.value("language"), form.word("language", "a language")
    if node is not None and tag and tag not in form.reading.center.languages:
        unknown_language(form.reading, node, tag)
        return None
    return tag or None


def unknown_language(reading: Reading, node: Node, tag: str) -> None:
    """Note a language that the centre does not speak."""
    message = f'"{tag[:60]}" is not one of the languages of center.yaml: {listed(reading.center.languages)}'
    reading.problem(node, message, "unknown-language")


def _spoken(
    reading: Reading, node: Node | None, when: Expression | None, language_of_text: str | None = None
) -> dict[str, Part]:
    if node is None:
        return {}
    if isinstance(node, Scalar):  # heard alike by everybody, so made once
        tag, template = language_of_text or reading.language, read_plain(reading, node)
        return dict.fromkeys(reading.center.languages, _said(reading, template, tag, when))
    text = read_text(reading, node)
    return {tag: _said(reading, template, tag, when) for tag, template in text.templates.items()}


def _said(reading: Reading, template: Template, tag: str, when: Expression | None) -> Part:
    """A template spoken in a language: ready to be heard when it holds no expression."""
    voice = reading.center.voices.get(tag)
    static = template.static
    if static is None:
        return Part(when, template, (tag, voice))
    said = " ".join(static.split())
    return Part(when, Say(said, tag, voice) if said else None)


def _played(reading: Reading, node: Node | None, when: Expression | None = None) -> dict[str, Part]:
    name = reading.word(node, "the name of a file in prompts/")
    if node is None or not name:
        return {}
    reading.refer("audio", node, name)
    hashes = {language: recording(reading, name, language) for language in reading.center.languages}
    return {language: Part(when, Play(audio) if audio else None) for language, audio in hashes.items()}


def recording(reading: Reading, name: str, language: str) -> str | None:
    """The hash of ``prompts/<language>/<name>``, or of ``prompts/any/<name>``, for sounds without words."""
    return reading.audio.get(f"prompts/{language}/{name}") or reading.audio.get(f"prompts/any/{name}")


def read_recordings(reading: Reading, node: Node) -> Prompt:
    """A prompt of recordings only: one name or a list of them."""
    read = [_played(reading, item) for item in forms.items(node)]
    parts = {tag: tuple(part[tag] for part in read if tag in part) for tag in reading.center.languages}
    prompt = Prompt(parts, {tag: _ready(each) or () for tag, each in parts.items()}, node.line, node.column)
    reading.facts.prompts.append(prompt)
    return prompt


def read_text(reading: Reading, node: Node) -> Text:
    """A text for all languages, or a map of languages to texts."""
    languages = reading.center.languages
    if isinstance(node, Scalar):
        templates = dict.fromkeys(languages, read_plain(reading, node))
        text = Text(templates, (), node.line, node.column)
    elif isinstance(node, Mapping):
        text = _translations(reading, node)
    else:
        reading.problem(node, "a text, or a map of languages to texts, is needed here", "bad-value")
        text = Text({}, (), node.line, node.column)
    reading.facts.texts.append(text)
    return text


def read_plain(reading: Reading, node: Scalar) -> Template:
    """A text of one language; a problem when it is blank."""
    if not node.text.strip():
        reading.problem(node, "a text is needed here", "bad-value")
    return read_template(reading, node)


def _translations(reading: Reading, node: Mapping) -> Text:
    languages = reading.center.languages
    templates: dict[str, Template] = {}
    for key, value in node.pairs:
        if key.text not in languages:
            unknown_language(reading, key, key.text)
        elif isinstance(value, Scalar) and value.text.strip():
            templates[key.text] = read_template(reading, value)
        else:
            reading.problem(value, "a text is needed here", "bad-value")
    return Text(templates, tuple(tag for tag in languages if tag not in templates), node.line, node.column)


def read_template(reading: Reading, node: Scalar) -> Template:
    """A text with ``{{ CEL }}`` in it."""
    pieces: list[str | Expression] = []
    rest = 0
    while (opens := node.text.find("{{", rest)) >= 0:
        closes = closing(node.text, opens + 2)
        if closes < 0:
            line, column = node.at(opens)
            reading.problem_at(line, column, 'this "{{" is never closed with "}}"', "bad-expression")
            break
        expression = reading.expression(node, offset=opens + 2, source=node.text[opens + 2 : closes])
        pieces += [node.text[rest:opens], *([] if expression is None else [expression])]
        rest = closes + 2
    return Template(tuple(piece for piece in (*pieces, node.text[rest:]) if piece != ""))


def closing(text: str, start: int) -> int:
    """Where the ``}}`` of an expression stands, texts inside it skipped; -1 when there is none."""
    end = text.find("}}", start)
    if end < 0 or not QUOTES_OR_BRACES.search(text, start, end):
        return end
    quote, depth, place = "", 0, start
    while place < len(text):
        character = text[place]
        if quote:
            place += character == "\\"
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        elif text.startswith("}}", place):
            return place
        place += 1
    return -1
