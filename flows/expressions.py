"""Conditions and values: CEL, compiled once; the only file that knows the ``cel`` library.

The library knows which names an expression mentions but not where, converts whole dictionaries before it looks at them
and ends the interpreter on very long chains. So a tokenizer of ours finds every dotted path with its place, an
expression is capped before the library sees it, and at run time only the paths it mentions are handed over.

Nothing here raises for an author's mistake or a caller's data: ``compile_expression`` gives an ``Expression`` or a
``Mistake``, ``evaluate`` a value or ``Undecided``. Source of the language: cel.dev.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

# The library's package imports its own command line, and with it a terminal toolkit: a sixth of a server's start.
sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))
import cel  # noqa: E402 - see the line above

from flows import spoken  # noqa: E402 - see above

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LENGTH = 1_000  # a chain of 14,000 "1+" ends the interpreter with a segmentation fault
MAX_DEPTH = 32  # a value nested 12,000 deep does too
MAX_ITEMS = 200  # map() and filter() are quadratic: 200 items 1 ms, 4,000 items 370 ms
MAX_TEXT = 10_000  # goflow's limit for a template
MAX_VALUES = 5_000  # all of one answer of another system, however it is nested

MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
FUNCTIONS = MACROS | {
    "has", "size", "contains", "startsWith", "endsWith", "matches", "string", "int", "uint", "double", "bytes",
    "type", "dyn", "timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
    "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds", *spoken.FUNCTIONS,
}  # fmt: skip
FLAT = "the_value"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the time where a scope has none
KEYWORDS = frozenset({"true", "false", "null", "in"})
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


class Names(Protocol):
    """Where the values of names come from; null for a name that is not there."""

    def get(self, name: str, /) -> Any:
        """The value of a name."""


Path = tuple[str, ...]
Wanted = dict[str, Any]  # a tree of names: None below a name means all of it, a tree means only these


class Mention(NamedTuple):
    """A dotted path in an expression and the offset of its first character; ``guarded`` when ``has()`` asks for it."""

    path: Path
    offset: int
    guarded: bool


class Call(NamedTuple):
    """A function's name in an expression, its offset, and how many values it is given."""

    name: str
    offset: int
    given: int


class Told(NamedTuple):
    """One function around a whole expression that says a value (``flows/spoken.py``), and what it is given.

    ``given`` are expressions and, for those that mention nothing (``"USD"``), their values.
    """

    name: str
    given: tuple[Any, ...]


class Flat(NamedTuple):
    """An expression over the one value ``root.name``, which it calls ``FLAT``."""

    root: str
    name: str
    program: cel.Program


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression: what it mentions and where, so that a later pass can judge its names.

    ``numeric`` are the mentions that stand beside a number in a comparison. ``path`` is set when the expression is that
    path and nothing else, as most in texts are: it is followed here, at a tenth of the price of asking the library.
    ``flat`` is the same expression with a plain name in the place of its one path, which costs the library a third.
    ``told`` is set when one function that says a value is the outermost: a text calls it itself, so that what a voice
    should know about the value (a number to be spelled) is not lost in a plain text.
    """

    source: str
    mentions: tuple[Mention, ...]
    calls: tuple[Call, ...]
    numeric: tuple[Mention, ...]
    wanted: Wanted
    guarded: frozenset[Path]
    path: Path | None
    flat: Flat | None
    told: Told | None
    program: cel.Program


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why an expression does not compile, and the offset of the place to look at."""

    message: str
    offset: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """An expression had no value: something it needs is unknown or of another type than it says."""

    reason: str


def compile_expression(source: str) -> Expression | Mistake:
    """The expression, or the first thing that is wrong with it as an expression; names are judged elsewhere."""
    if len(source) > MAX_LENGTH:
        return Mistake(f"an expression of {len(source):,} characters; the limit is {MAX_LENGTH:,}", 0)
    if not source.strip():
        return Mistake("an expression is missing here", 0)
    tokens = _tokens(source)
    found = _Finder(tokens).find()
    if found.nested is not None:
        return Mistake("one all/exists/map/filter inside another is too slow; set a variable first", found.nested)
    if found.stray is not None:
        return Mistake('"." does not fit here', found.stray)
    try:
        program = cel.compile(source)
    except Exception as error:  # the library raises six types, of which none is documented
        return _explain(source, tokens, str(error))
    guarded = frozenset(mention.path for mention in found.mentions if mention.guarded)
    wanted = _wanted(mention.path for mention in found.mentions)
    path = found.mentions[0].path if len(found.mentions) == 1 and not found.calls else None
    if path is not None and len(tokens) != 2 * len(path) - 1:
        path = None
    return Expression(
        source=source,
        mentions=tuple(found.mentions),
        calls=tuple(found.calls),
        numeric=tuple(found.numeric),
        wanted=wanted,
        guarded=guarded,
        path=path,
        flat=_flattened(source, found),
        told=_told(source, tokens),
        program=program,
    )


def _told(source: str, tokens: list[_Token]) -> Told | None:
    """The function around the whole expression, if it is one that says a value."""
    if len(tokens) < 4 or tokens[0].text not in spoken.FUNCTIONS or tokens[1].text != "(":
        return None
    parts = _parts(tokens, 1)
    if parts[-1][1] != tokens[-1].offset:
        return None
    compiled = [compile_expression(source[begins:ends]) for begins, ends in parts]
    if any(isinstance(part, Mistake) for part in compiled):
        return None
    return Told(tokens[0].text, tuple(_settled(part) for part in compiled if isinstance(part, Expression)))


def _settled(expression: Expression) -> Any:
    """The value of an expression that has the same one in every call; else the expression itself."""
    if expression.mentions or expression.calls:
        return expression
    value = evaluate(expression, {})
    return expression if isinstance(value, Undecided) else value


def _flattened(source: str, found: _Finder) -> Flat | None:
    """The expression with a plain name in the place of its one path; None where that would be another expression.

    Only for a path of two names: the first is a map, and what is not there is null either way. Further down CEL can't
    decide what a null has inside it, while a plain name would simply be null.
    """
    paths = {mention.path for mention in found.mentions}
    path = paths.pop() if len(paths) == 1 else ()
    if len(path) != 2 or found.calls or FLAT in source:
        return None
    written = ".".join(path)
    for mention in reversed(found.mentions):
        if not source.startswith(written, mention.offset):
            return None
        source = source[: mention.offset] + FLAT + source[mention.offset + len(written) :]
    return Flat(*path, cel.compile(source))


def evaluate(expression: Expression, scope: Names) -> Any:
    """The expression's value, or ``Undecided``; ``scope`` maps every documented name to plain data."""
    if expression.path is not None:
        return _followed(scope, expression.path)
    try:
        if expression.flat is not None:
            root = scope.get(expression.flat.root)
            if isinstance(root, Mapping):
                return expression.flat.program.execute({FLAT: _handed(root.get(expression.flat.name))})
        values = _narrowed(scope, expression.wanted, expression.guarded, ())
        if expression.calls:
            return expression.program.execute(cel.Context(variables=values, functions=_functions(expression, scope)))
        return expression.program.execute(values)
    except Exception as error:  # see above; a caller's data must never end a call
        return Undecided(_reason(error))


def _followed(scope: Names, path: Path) -> Any:
    """What stands at the end of a path: what CEL would say of it, null for a name that is not there."""
    value: Any = scope
    for name in path:
        if value is not scope and not isinstance(value, Mapping):
            return Undecided(f"there is no {name[:60]}")
        value = value.get(name)
    return _handed(value)


def compile_pattern(pattern: str) -> Expression | None:
    """A regular expression that a whole text must match, in linear time (Rust's); None when it is wrong."""
    if len(pattern) > MAX_LENGTH // 2:
        return None
    quoted = "".join(f"\\U{ord(character):08x}" for character in f"^(?:{pattern})$") if len(pattern) <= 80 else ""
    compiled = compile_expression(f"text.matches('{quoted}')")
    if not quoted or isinstance(compiled, Mistake) or matches(compiled, "") is None:
        return None
    return compiled


def matches(pattern: Expression, text: str) -> bool | None:
    """Does the whole text match; None when the pattern itself is not one."""
    found = evaluate(pattern, {"text": text})
    return None if isinstance(found, Undecided) else bool(found)


# --- finding names ---------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*)
      |(?P<text>[rRbB]{0,2}(?:'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
      |(?P<number>(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)u?)
      |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
      |(?P<sign>==|!=|<=|>=|&&|\|\||[-<>?:+*/%!.,()\[\]{}])
      |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    sort: str
    text: str
    offset: int


_END = _Token("end", "", 0)


def _tokens(source: str) -> list[_Token]:
    return [
        _Token(match.lastgroup or "other", match.group(), match.start())
        for match in _TOKEN.finditer(source)
        if match.lastgroup != "blank"
    ]


class _Finder:
    """One walk over an expression's tokens; owns what it has found so far."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.mentions: list[Mention] = []
        self.calls: list[Call] = []
        self.numeric: list[Mention] = []
        self.nested: int | None = None
        self.stray: int | None = None
        self._brackets: list[tuple[str, str]] = []  # the function that opened each bracket, the name it binds

    def find(self) -> _Finder:
        place = 0
        while place < len(self.tokens):
            token = self.tokens[place]
            if token.sort == "name" and token.text not in KEYWORDS:
                place = self._path(place)
                continue
            if token.text in {"(", "[", "{"} and token.sort == "sign":
                self._brackets.append(("", ""))
            elif token.text in {")", "]", "}"} and token.sort == "sign" and self._brackets:
                self._brackets.pop()
            elif token.text == "." and self.stray is None and self._stands_alone(place):
                self.stray = token.offset
            place += 1
        return self

    def _path(self, start: int) -> int:
        """Take one dotted path, and the call at its end if it is one; the place after it."""
        names, place = [self.tokens[start].text], start + 1
        while self._at(place).text == "." and self._at(place + 1).sort == "name":
            names.append(self._at(place + 1).text)
            place += 2
        is_call = self._at(place).text == "("
        called = names.pop() if is_call else ""
        if names and not (start > 0 and self.tokens[start - 1].text == "."):
            self._mention(names, start, place, is_call=is_call)
        if not is_call:
            return place
        self._call(called, place)
        return place + 1

    def _stands_alone(self, dot: int) -> bool:
        """Is there no value before the dot: ``.name`` asks for a name outside every scope, and there is none."""
        before = self.tokens[dot - 1] if dot else _END
        if before.sort == "sign":
            return before.text not in {")", "]", "}"}
        return before.sort in {"end", "other"} or before.text == "in"

    def _mention(self, names: list[str], start: int, end: int, *, is_call: bool) -> None:
        if names[0] in {bound for _, bound in self._brackets}:
            return
        guarded = bool(self._brackets) and self._brackets[-1][0] == "has"
        mention = Mention(tuple(names), self.tokens[start].offset, guarded)
        self.mentions.append(mention)
        if not is_call and self._beside_number(start, end):
            self.numeric.append(mention)

    def _beside_number(self, start: int, end: int) -> bool:
        """``path == 1``, ``1 == path``, ``path < -1``, ``path in [1, 2]``."""
        sign, after = self._at(end), self._at(end + 1)
        if after.text == "-" or (sign.text == "in" and after.text == "["):
            after = self._at(end + 2)
        if (sign.text in COMPARISONS or sign.text == "in") and after.sort == "number":
            return True
        return start > 1 and self.tokens[start - 1].text in COMPARISONS and self.tokens[start - 2].sort == "number"

    def _call(self, called: str, bracket: int) -> None:
        """Open a call's bracket; a macro binds the name that comes first in it."""
        before = bracket > 1 and self.tokens[bracket - 2].text == "."  # x.date() is date(x)
        self.calls.append(Call(called, self.tokens[bracket - 1].offset, _given(self.tokens, bracket) + before))
        bound = ""
        if called in MACROS and self._at(bracket + 1).sort == "name" and self._at(bracket + 2).text == ",":
            bound = self._at(bracket + 1).text
            if self.nested is None and any(name in MACROS for name, _ in self._brackets):
                self.nested = self.tokens[bracket - 1].offset
        self._brackets.append((called, bound))

    def _at(self, place: int) -> _Token:
        return self.tokens[place] if place < len(self.tokens) else _END


def _given(tokens: list[_Token], bracket: int) -> int:
    """How many values stand between a bracket and the one that closes it."""
    return len(_parts(tokens, bracket)) if bracket + 1 < len(tokens) and tokens[bracket + 1].text != ")" else 0


def _parts(tokens: list[_Token], bracket: int) -> list[tuple[int, int]]:
    """Offsets of the values between a bracket and the one that closes it; the end of the last is where it closes."""
    depth, begins, parts = 0, tokens[bracket].offset + 1, []
    for token in tokens[bracket:]:
        if token.sort == "sign":
            depth += (token.text in {"(", "[", "{"}) - (token.text in {")", "]", "}"})
        if depth == 0 or (depth == 1 and token.text == ","):
            parts.append((begins, token.offset))
            begins = token.offset + 1
        if depth == 0:
            break
    return parts


def _wanted(paths: Iterable[Path]) -> Wanted:
    """A tree of all the paths, where the shorter of two is what is handed over."""
    tree: Wanted = {}
    for path in paths:
        branch = tree
        for name in path[:-1]:
            below = branch.setdefault(name, {})
            if below is None:
                break
            branch = below
        else:
            branch[path[-1]] = None
    return tree


# --- values in and out -----------------------------------------------------------------------------------------------


def _narrowed(scope: Names, wanted: Wanted, guarded: frozenset[Path], path: Path) -> dict[str, Any]:
    """Only what is mentioned; unknown is null, or left out where ``has()`` asks."""
    values: dict[str, Any] = {}
    for name, below in wanted.items():
        value = scope.get(name)
        if value is None and guarded and (*path, name) in guarded:
            continue
        if below is not None and isinstance(value, Mapping):
            values[name] = _narrowed(value, below, guarded, (*path, name) if guarded else path)
        else:
            values[name] = _handed(value)
    return values


def _handed(value: Any) -> Any:
    """The value as the library gets it; nearly all are simple, or texts as they should be."""
    sort = type(value)
    if sort in _SIMPLE or (sort is str and len(value) <= MAX_TEXT and value.isascii()):
        return value
    return plain(value)


_SIMPLE = frozenset({type(None), bool, int, datetime})


def plain(value: Any) -> Any:
    """The value as data that CEL and JSON can both hold, within the limits above; the rest is cut off or null.

    Texts lose lone surrogates, numbers that are not finite become null. Times stay times.
    """
    return _plain(value, MAX_DEPTH, [MAX_VALUES])


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if value is None or isinstance(value, (bool, int, datetime, timedelta)):
        return value
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if depth <= 0 or left[0] <= 0:
        return None
    if isinstance(value, (list, tuple)):
        return [_plain(one, depth - 1, left) for one in value[:MAX_ITEMS]]
    if isinstance(value, Mapping):
        return {_clean(str(name)): _plain(one, depth - 1, left) for name, one in list(value.items())[:MAX_ITEMS]}
    return None


def storable(value: Any) -> Any:
    """``plain``, with times as ISO 8601 text and durations as seconds: what a session keeps."""
    return _storable(plain(value))


def _storable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return float(value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {name: _storable(one) for name, one in value.items()}
    return value


def written(value: Any) -> str | None:
    """A value as a person writes it down, exactly: text as it is, ``3``, ``2.5``, ``true``; None for all others."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else None


def _clean(text: str) -> str:
    text = text[:MAX_TEXT]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _functions(expression: Expression, scope: Names) -> dict[str, Callable[..., Any]]:
    """The functions that an expression calls and the library does not have, in the language of the call."""
    return {call.name: _teller(call.name, scope) for call in expression.calls if call.name in spoken.FUNCTIONS}


def _teller(name: str, scope: Names) -> Callable[..., Any]:
    """One function as the library calls it. It never raises, since the library would print that: null is no text."""

    def tell(*given: Any) -> str | None:
        call = scope.get("call")
        now = scope.get("now")
        language = call.get("language") if isinstance(call, Mapping) else None
        said = spoken.tell(name, given, language or "", now if isinstance(now, datetime) else EPOCH)
        return None if isinstance(said, spoken.Untold) else str(said)

    return tell


# --- what the library says, in our words -----------------------------------------------------------------------------

_WORDS = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!", "True": "true", "False": "false"}
_SIGNS = {"=": "==", "&": "&&", "|": "||"}
_SMART_QUOTES = frozenset("“”„‟‘’‚‛«»`´")


def _explain(source: str, tokens: list[_Token], said: str) -> Mistake:
    """The library's complaint as a sentence a supervisor understands."""
    for token in tokens:
        if token.text in _SMART_QUOTES:
            return Mistake("use straight quotes: \" or '", token.offset)
        if token.text in _SIGNS:
            return Mistake(f'write {_SIGNS[token.text]} instead of "{token.text}"', token.offset)
        if token.text in _WORDS:
            return Mistake(f'write {_WORDS[token.text]} instead of "{token.text}"', token.offset)
        if token.text in {'"', "'"}:
            return Mistake("this quote is never closed", token.offset)
        if token.sort == "other":
            return Mistake(f'"{token.text}" has no meaning in an expression; quote a text', token.offset)
    return _explain_place(source, tokens, said)


def _explain_place(source: str, tokens: list[_Token], said: str) -> Mistake:
    unclosed = _unclosed(tokens)
    if unclosed is not None:
        return Mistake(f'this "{unclosed.text}" is never closed', unclosed.offset)
    place = re.search(r"<input>:(\d+):(\d+)", said)
    offset = _offset(source, int(place[1]), int(place[2])) if place else 0
    if offset >= len(source.rstrip()):
        return Mistake("the expression ends too early", max(len(source.rstrip()) - 1, 0))
    token = next((one for one in tokens if one.offset + len(one.text) > offset), _END)
    return Mistake(f'"{token.text}" does not fit here', token.offset)


def _unclosed(tokens: list[_Token]) -> _Token | None:
    closes = {")": "(", "]": "[", "}": "{"}
    opened: list[_Token] = []
    for token in tokens:
        if token.sort == "sign" and token.text in closes.values():
            opened.append(token)
        elif token.sort == "sign" and token.text in closes and opened and opened[-1].text == closes[token.text]:
            opened.pop()
    return opened[-1] if opened else None


def _offset(source: str, line: int, column: int) -> int:
    lines = source.split("\n")
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1


def _reason(error: Exception) -> str:
    """What to tell the flow's author; the library's own text is for programmers."""
    if isinstance(error, KeyError):
        return f"there is no {str(error)[:60]}"
    if isinstance(error, TypeError):
        return "a value is unknown, or of another type than it is compared with"
    if isinstance(error, ZeroDivisionError):
        return "a division by zero"
    return str(error).split(".", maxsplit=1)[0][:120]
