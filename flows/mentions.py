"""Where names and functions stand in an expression: a tokenizer of ours, and one walk over what it found.

The expression library knows which names an expression mentions but not where, and it would run what costs too much.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_MAP = 40  # signs and names of what map() makes of an item: its cost is the square of the items times their size
MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
KEYWORDS = frozenset({"true", "false", "null", "in"})
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})

Path = tuple[str, ...]


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


_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*)
      |(?P<text>[rRbB]{0,2}(?:'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
      |(?P<number>(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)u?)
      |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
      |(?P<sign>==|!=|<=|>=|&&|\|\||[-<>?:+*/%!.,()\[\]{}])
      |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    sort: str
    text: str
    offset: int


END = Token("end", "", 0)


def tokens_of(source: str) -> list[Token]:
    return [
        Token(match.lastgroup or "other", match.group(), match.start())
        for match in _TOKEN.finditer(source)
        if match.lastgroup != "blank"
    ]


class Finder:
    """One walk over an expression's tokens; owns what it has found so far."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.mentions: list[Mention] = []
        self.calls: list[Call] = []
        self.numeric: list[Mention] = []
        self.nested: int | None = None
        self.heavy: int | None = None  # a map() that makes too much of each item
        self.simple: set[Path] = set()
        self.stray: int | None = None
        self._brackets: list[tuple[str, str]] = []  # the function that opened each bracket, the name it binds

    def find(self) -> Finder:
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
        before = self.tokens[dot - 1] if dot else END
        if before.sort == "sign":
            return before.text not in {")", "]", "}"}
        return before.sort in {"end", "other"} or before.text == "in"

    def _mention(self, names: list[str], start: int, end: int, *, is_call: bool) -> None:
        if names[0] in {bound for _, bound in self._brackets}:
            return
        guarded = bool(self._brackets) and self._brackets[-1][0] == "has"
        mention = Mention(tuple(names), self.tokens[start].offset, guarded)
        self.mentions.append(mention)
        if any(name == "map" for name, _ in self._brackets):
            self.simple.add(mention.path)
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
        if called == "map" and self.heavy is None and self._inside(bracket) > MAX_MAP:
            self.heavy = self.tokens[bracket - 1].offset
        self._brackets.append((called, bound))

    def _inside(self, bracket: int) -> int:
        """How many tokens stand between a bracket and the one that closes it."""
        begins, ends = self.tokens[bracket].offset, parts_of(self.tokens, bracket)[-1][1]
        return sum(begins < token.offset < ends for token in self.tokens)

    def _at(self, place: int) -> Token:
        return self.tokens[place] if place < len(self.tokens) else END


def _given(tokens: list[Token], bracket: int) -> int:
    """How many values stand between a bracket and the one that closes it."""
    return len(parts_of(tokens, bracket)) if bracket + 1 < len(tokens) and tokens[bracket + 1].text != ")" else 0


def parts_of(tokens: list[Token], bracket: int) -> list[tuple[int, int]]:
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
