"""Conditions and values: CEL, compiled once; the only file that knows the ``cel`` library.

The library knows which names an expression mentions but not where, converts whole dictionaries before it looks at them
and ends the interpreter on very long chains. So a tokenizer of ours finds every dotted path with its place
(``flows/mentions.py``), an expression is capped before the library sees it, and at run time only the paths it mentions
are handed over, within limits (``flows/plain.py``).

Nothing here raises for an author's mistake or a caller's data: ``compile_expression`` gives an ``Expression`` or a
``Mistake``, ``evaluate`` a value or ``Undecided``. Source of the language: cel.dev.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

# The library's package imports its own command line, and with it a terminal toolkit: a sixth of a server's start.
sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))
import cel  # noqa: E402 - see the line above

from flows import spoken  # noqa: E402 - see above
from flows.complaints import Mistake, explain, reason  # noqa: E402 - see above
from flows.mentions import END, MACROS, MAX_MAP, Call, Finder, Mention, Path, parts_of, tokens_of  # noqa: E402 - see above
from flows.plain import decimals, handed, shortened  # noqa: E402 - see above

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.mentions import Token

MAX_LENGTH = 1_000  # a chain of 14,000 "1+" ends the interpreter with a segmentation fault

COSTLY = MACROS | {"matches"}
FUNCTIONS = MACROS | {
    "has", "size", "contains", "startsWith", "endsWith", "matches", "string", "int", "uint", "double", "bytes",
    "type", "dyn", "timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
    "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds", *spoken.FUNCTIONS,
}  # fmt: skip
ARITHMETIC = frozenset("+-*/")
FLAT = "the_value"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the time where a scope has none


class Names(Protocol):
    """Where the values of names come from; null for a name that is not there."""

    def get(self, name: str, /) -> Any:
        """The value of a name."""


Wanted = dict[str, Any]  # a tree of names: None below a name means all of it, a tree means only these


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
    ``costly`` tells that it goes through lists or matches texts; ``simple`` are the paths whose values may then be no
    lists or maps, since each item would get a copy.
    ``told`` is set when one function that says a value is the outermost: a text calls it itself, so that what a voice
    should know about the value (a number to be spelled) is not lost in a plain text. ``in_decimals`` is the same
    arithmetic with all whole numbers as decimals: CEL adds no 5 to 12.50, and people do.
    """

    source: str
    mentions: tuple[Mention, ...]
    calls: tuple[Call, ...]
    numeric: tuple[Mention, ...]
    wanted: Wanted
    guarded: frozenset[Path]
    costly: bool
    simple: frozenset[Path]
    path: Path | None
    flat: Flat | None
    told: Told | None
    program: cel.Program
    in_decimals: cel.Program | None


@dataclass(frozen=True, slots=True)
class Undecided:
    """An expression had no value: something it needs is unknown or of another type than it says."""

    reason: str


# Flows say the same again and again, and a workspace is read at each save: a fifth of all reading was compiling.
@lru_cache(maxsize=4_096)
def compile_expression(source: str) -> Expression | Mistake:
    """The expression, or the first thing that is wrong with it as an expression; names are judged elsewhere."""
    if len(source) > MAX_LENGTH:
        return Mistake(f"an expression of {len(source):,} characters; the limit is {MAX_LENGTH:,}", 0)
    if not source.strip():
        return Mistake("an expression is missing here", 0)
    tokens = tokens_of(source)
    found = Finder(tokens).find()
    if found.nested is not None:
        return Mistake("one all/exists/map/filter inside another is too slow; set a variable first", found.nested)
    if found.heavy is not None:
        return Mistake(f"map() makes too much of each item: at most {MAX_MAP} names and signs", found.heavy)
    if found.stray is not None:
        return Mistake('"." does not fit here', found.stray)
    try:
        program = cel.compile(source)
    except Exception as error:  # the library raises six types, of which none is documented
        return explain(source, tokens, str(error))
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
        costly=any(call.name in COSTLY for call in found.calls),
        simple=frozenset(found.simple),
        path=path,
        flat=_flattened(source, found),
        told=_told(source, tokens),
        program=program,
        in_decimals=_in_decimals(source, tokens),
    )


def _told(source: str, tokens: list[Token]) -> Told | None:
    """The function around the whole expression, if it is one that says a value."""
    if len(tokens) < 4 or tokens[0].text not in spoken.FUNCTIONS or tokens[1].text != "(":
        return None
    parts = parts_of(tokens, 1)
    if parts[-1][1] != tokens[-1].offset:
        return None
    compiled = [compile_expression(source[begins:ends]) for begins, ends in parts]
    if any(isinstance(part, Mistake) for part in compiled):
        return None
    return Told(tokens[0].text, tuple(_settled(part) for part in compiled if isinstance(part, Expression)))


def _in_decimals(source: str, tokens: list[Token]) -> cel.Program | None:
    """The expression with its whole numbers written as decimals; None where nothing is worked out."""
    if not any(token.sort == "sign" and token.text in ARITHMETIC for token in tokens):
        return None
    tokens = [END, *tokens]
    for before, token in reversed(list(pairwise(tokens))):
        if token.sort == "number" and token.text.isdecimal() and before.text != "[":  # that may be an index
            end = token.offset + len(token.text)
            source = f"{source[:end]}.0{source[end:]}"
    return cel.compile(source)


def _settled(expression: Expression) -> Any:
    """The value of an expression that has the same one in every call; else the expression itself."""
    if expression.mentions or expression.calls:
        return expression
    value = evaluate(expression, {})
    return expression if isinstance(value, Undecided) else value


def _flattened(source: str, found: Finder) -> Flat | None:
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
                return expression.flat.program.execute({FLAT: handed(root.get(expression.flat.name))})
        values = _narrowed(scope, expression.wanted, expression.guarded, ())
        if expression.costly:
            lists = [path for path in expression.simple if isinstance(_followed(values, path), (list, dict))]
            if lists:
                return Undecided(f"{'.'.join(lists[0])} is a list or a map, which map() cannot make of each item")
            values = shortened(values)
        if expression.calls:
            return expression.program.execute(cel.Context(variables=values, functions=_functions(expression, scope)))
        return expression.program.execute(values)
    except Exception as error:  # see above; a caller's data must never end a call
        if isinstance(error, TypeError) and expression.in_decimals is not None:
            return _with_decimals(expression.in_decimals, expression, scope)
        return Undecided(reason(error))


def _with_decimals(program: cel.Program, expression: Expression, scope: Names) -> Any:
    """The value when every number is a decimal: whole and decimal numbers stood side by side."""
    try:
        values = decimals(_narrowed(scope, expression.wanted, expression.guarded, ()))
        if expression.costly:
            return Undecided("whole and decimal numbers do not mix where a list is gone through")
        return program.execute(cel.Context(variables=values, functions=_functions(expression, scope)))
    except Exception as error:  # as above
        return Undecided(reason(error))


def _followed(scope: Names, path: Path) -> Any:
    """What stands at the end of a path: what CEL would say of it, null for a name that is not there."""
    value: Any = scope
    for name in path:
        if value is not scope and not isinstance(value, Mapping):
            return Undecided(f"there is no {name[:60]}")
        value = value.get(name)
    return handed(value)


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


# --- values for the library ------------------------------------------------------------------------------------------


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
            values[name] = handed(value)
    return values


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
