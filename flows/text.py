"""What callers hear and read: texts with ``{{ CEL }}`` in them, in one or more languages.

A *template* is one text. A *text* is a template for each language. A *prompt* is what is spoken: a list of parts, each
a text, a recording or a pause, each with its own condition. What holds no expression is made when the flow is read and
costs nothing in a call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from flows import form as forms
from flows import shapes, spoken
from flows.expressions import Expression, Undecided, evaluate
from flows.instructions import Pause, Play, Say
from flows.instructions.say import Spelled
from flows.problems import listed
from flows.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping as MappingType

    from flows.form import Form, Reading
    from flows.source import Node

MAX_SPOKEN = 3_000  # characters of one part with values in it: more than three minutes, which nobody hears to the end
FIGURES = 12  # of a decimal number: 0.1 + 0.2 is 0.3, as its author thinks
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LOOSE = re.compile(r"(?:\s*[,;:])*\s*([.,;:!?])")  # what is left of "Hello, {{ … }}." without the value
QUOTES_OR_BRACES = re.compile("['\"{]")
PART = {
    "when": shapes.Expression("It is heard only when this expression is true."),
    "text": shapes.text("What is said."),
    "language": shapes.Word("The language of a plain text, when it is another than its flow's."),
    "play": shapes.Word("The file in `prompts/<language>/` that is played."),
    "pause": shapes.Duration("Silence.", default_s=1, least_s=1, most_s=60),
    "barge_in": shapes.BARGE_IN,
}

Heard = Say | Play | Pause
WITHOUT_TEXT = Say("", "")


class Context(Protocol):
    """What rendering needs from a call: its names, its language, the time, and where to note what was unknown."""

    language: str
    now: datetime

    @property
    def scope(self) -> Any: ...

    def decide(self, condition: Expression) -> bool: ...

    def notice(self, code: str, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Template:
    """One text as its pieces: what is always there, and expressions; ``tells`` when one is a function of ours."""

    pieces: tuple[str | Expression, ...]
    tells: bool = False

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
    """One part of a prompt in one language: what is ready to be heard, or a template and how it is ``said``."""

    when: Expression | None
    heard: Heard | Template | None
    said: Say = WITHOUT_TEXT

    @property
    def written(self) -> tuple[str, str]:
        """The words that stand in it, without what its expressions give, and their language; empty for a sound."""
        if isinstance(self.heard, Template):
            pieces = (piece for piece in self.heard.pieces if isinstance(piece, str))
            return " ".join(pieces), self.said.language
        return (self.heard.text, self.heard.language) if isinstance(self.heard, Say) else ("", "")


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
            one = speak(one, part.said, context)
        if one is not None:
            heard.append(one)
    return tuple(heard)


def speak(template: Template, said: Say, context: Context) -> Say | None:
    """The template as it is spoken to this caller, the way ``said`` says; None when nothing is left of it."""
    pieces = [piece if isinstance(piece, str) else told(piece, context) for piece in template.pieces]
    spelled: tuple[str | Spelled, ...] = ()
    if template.tells and any(isinstance(piece, Spelled) for piece in pieces):
        spelled, pieces = tuple(pieces), list(map(str, pieces))
    text = " ".join("".join(cast("list[str]", pieces)).split())
    if "" in pieces:
        text = LOOSE.sub(r"\1", text)
    if len(text) > MAX_SPOKEN:
        text, spelled = text[:MAX_SPOKEN].rpartition(" ")[0] or text[:MAX_SPOKEN], ()
    return Say(text, said.language, said.voice, spelled, said.barge_in) if text else None


def told(expression: Expression, context: Context) -> str | Spelled:
    """An expression's value as it is said; a function that says values is called here, and may have it spelled."""
    if expression.told is None:
        value = value_of(expression, context)
        now = here(context) if isinstance(value, (datetime, list, tuple)) else None
        return as_text(value, context.language, now)
    given = [value_of(one, context) if isinstance(one, Expression) else one for one in expression.told.given]
    if None in given:
        return ""
    said = spoken.tell(expression.told.name, given, context.language, here(context))
    if not isinstance(said, spoken.Untold):
        return said if isinstance(said, Spelled) else as_text(said, context.language)
    context.notice("unknown-value", f"{expression.source.strip()} is left out: {said.reason}")
    return ""


def here(context: Context) -> datetime:
    """The time on the centre's clock."""
    return context.now.astimezone(context.scope.center.zone)


def write(text: Text, context: Context) -> str:
    """A text as this caller reads it."""
    template = text.templates.get(context.language)
    return "" if template is None else fill(template, context)


def fill(template: Template, context: Context) -> str:
    """The template with its values; an unknown one is left out and noted."""
    return "".join([piece if isinstance(piece, str) else str(told(piece, context)) for piece in template.pieces])


def value_of(expression: Expression, context: Context) -> Any:
    """An expression's value; null, with a notice, when it is unknown."""
    value = evaluate(expression, context.scope)
    if value is None or isinstance(value, Undecided):
        reason = value.reason if isinstance(value, Undecided) else "it is null"
        context.notice("unknown-value", f"{expression.source.strip()} is left out: {reason}")
        return None
    return value


def as_text(value: Any, language: str, now: datetime | None = None) -> str:
    """A value as it is spoken: whole numbers without a point, times as seen from ``now``, lists with an *and*."""
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
    if isinstance(value, float):
        return f"{value:.{FIGURES}g}"
    if isinstance(value, datetime):
        return spoken.moment(value, language, now or value)
    if isinstance(value, timedelta):
        return spoken.how_long(value.total_seconds(), language)
    if isinstance(value, (list, tuple)):
        return spoken.listing([as_text(one, language, now) for one in value], language)
    return str(value)


# --- when a flow is read ---------------------------------------------------------------------------------------------


def read_prompt(reading: Reading, node: Node, *, barge_in: bool = True) -> Prompt:
    """A spoken thing: a text, a map of languages, one part, or a list of these.

    ``barge_in`` tells whether the caller may interrupt it when a question follows; a part may forbid it for itself.
    """
    read = [_read_part(reading, item, barge_in=barge_in) for item in forms.items(node)]
    if isinstance(node, Sequence) and not node.items:
        reading.problem(node, "at least one part is needed here", "bad-value")
    languages = reading.center.languages
    parts = {language: tuple(part[language] for part in read if language in part) for language in languages}
    return _prompt(reading, parts, node)


def _ready(parts: tuple[Part, ...]) -> tuple[Heard, ...] | None:
    if any(part.when is not None or isinstance(part.heard, Template) for part in parts):
        return None
    return tuple(part.heard for part in parts if part.heard is not None and not isinstance(part.heard, Template))


def _read_part(reading: Reading, node: Node, *, barge_in: bool) -> MappingType[str, Part]:
    """One part, by language."""
    if not (isinstance(node, Mapping) and any(key.text in PART for key, _ in node.pairs)):
        return _spoken(reading, node, Manner(None, barge_in))
    form = forms.Form(reading, node, PART)
    manner = Manner(
        reading.expression(form.value("when")), read_barge_in(form) and barge_in, _language(form) or reading.language
    )
    given = [name for name in ("text", "play", "pause") if form.value(name) is not None]
    if given == ["pause"]:
        pause = Part(manner.when, Pause(form.duration("pause")))
        return dict.fromkeys(reading.center.languages, pause)
    if given == ["text"]:
        return _spoken(reading, form.value("text"), manner)
    if given == ["play"]:
        return _played(reading, form.value("play"), manner)
    if given == ["text", "play"]:
        return recorded_or_spoken(reading, form.value("play"), form.value("text"), manner)
    message = "one of text, play or pause is needed here, or play with text for where there is no recording"
    reading.problem(node, message, "bad-value")
    return {}


class Manner(NamedTuple):
    """How a part is heard: when, whether it may be interrupted, and the language of a plain text."""

    when: Expression | None = None
    barge_in: bool = True
    language: str = ""


def read_barge_in(form: Form) -> bool:
    """``barge_in: no`` forbids the caller to interrupt what is said before or with a question."""
    return form.flag("barge_in")


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


def _spoken(reading: Reading, node: Node | None, manner: Manner, recorded: Collection[str] = ()) -> dict[str, Part]:
    """A text by language; no translation is missing where it is ``recorded``."""
    if node is None:
        return {}
    if isinstance(node, Scalar):  # heard alike by everybody, so made once
        tag, template = manner.language or reading.language, read_plain(reading, node)
        return dict.fromkeys(reading.center.languages, _said(reading, template, tag, manner))
    text = read_text(reading, node, recorded)
    return {tag: _said(reading, template, tag, manner) for tag, template in text.templates.items()}


def _said(reading: Reading, template: Template, tag: str, manner: Manner) -> Part:
    """A template spoken in a language: ready to be heard when it holds no expression."""
    static = template.static
    said = "" if static is None else " ".join(static.split())
    say = Say(said, tag, reading.center.voices.get(tag), barge_in=manner.barge_in)
    if static is None:
        return Part(manner.when, template, say)
    return Part(manner.when, say if said else None)


def _played(reading: Reading, node: Node | None, manner: Manner) -> dict[str, Part]:
    name = reading.word(node, "the name of a file in prompts/")
    if node is None or not name:
        return {}
    reading.refer("audio", node, name)
    return {
        language: Part(manner.when, Play(audio, barge_in=manner.barge_in) if audio else None)
        for language in reading.center.languages
        for audio in [recording(reading, name, language)]
    }


def recorded_or_spoken(reading: Reading, play: Node | None, text: Node | None, manner: Manner) -> dict[str, Part]:
    """The recording in the languages that have it, the text in the others; what is missing may come later."""
    name = reading.word(play, "the name of a file in prompts/")
    found = {language: recording(reading, name, language) for language in reading.center.languages}
    played = {
        language: Part(manner.when, Play(audio, barge_in=manner.barge_in))
        for language, audio in found.items()
        if audio is not None
    }
    return _spoken(reading, text, manner, played) | played


def recording(reading: Reading, name: str, language: str) -> str | None:
    """The hash of ``prompts/<language>/<name>``, or of ``prompts/any/<name>``, for sounds without words."""
    return reading.audio.get(f"prompts/{language}/{name}") or reading.audio.get(f"prompts/any/{name}")


def read_recordings(reading: Reading, node: Node, text: Node | None = None, *, barge_in: bool = True) -> Prompt:
    """A prompt of recordings: one name or a list of them; one with a text is spoken where there is no recording."""
    manner = Manner(None, barge_in)
    if text is None:
        read = [_played(reading, item, manner) for item in forms.items(node)]
    else:
        read = [recorded_or_spoken(reading, node, text, manner)]
    parts = {tag: tuple(part[tag] for part in read if tag in part) for tag in reading.center.languages}
    return _prompt(reading, parts, node)


def _prompt(reading: Reading, parts: dict[str, tuple[Part, ...]], node: Node) -> Prompt:
    ready = {tag: heard for tag, each in parts.items() if (heard := _ready(each)) is not None}
    prompt = Prompt(parts, ready, node.line, node.column)
    reading.facts.prompts.append(prompt)
    return prompt


def read_text(reading: Reading, node: Node, without: Collection[str] = ()) -> Text:
    """A text for all languages, or a map of languages to texts; none is needed in the languages ``without`` one."""
    languages = reading.center.languages
    if isinstance(node, Scalar):
        templates = dict.fromkeys(languages, read_plain(reading, node))
        text = Text(templates, (), node.line, node.column)
    elif isinstance(node, Mapping):
        text = _translations(reading, node, without)
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


def _translations(reading: Reading, node: Mapping, without: Collection[str]) -> Text:
    languages = reading.center.languages
    templates: dict[str, Template] = {}
    for key, value in node.pairs:
        if key.text not in languages:
            unknown_language(reading, key, key.text)
        elif isinstance(value, Scalar) and value.text.strip():
            templates[key.text] = read_template(reading, value)
        else:
            reading.problem(value, "a text is needed here", "bad-value")
    missing = tuple(tag for tag in languages if tag not in templates and tag not in without)
    return Text(templates, missing, node.line, node.column)


def read_template(reading: Reading, node: Scalar) -> Template:
    """A text with ``{{ CEL }}`` in it."""
    if "{{" not in node.text:  # as most texts
        return Template((node.text,) if node.text else ())
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
    kept = tuple(piece for piece in (*pieces, node.text[rest:]) if piece != "")
    return Template(kept, tells=any(not isinstance(piece, str) and piece.told is not None for piece in kept))


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
