"""What is wrong with an expression, in a supervisor's words; the library's own are for programmers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.mentions import END

if TYPE_CHECKING:
    from flows.mentions import Token

_WORDS = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!", "True": "true", "False": "false"}
_SIGNS = {"=": "==", "&": "&&", "|": "||"}
_SMART_QUOTES = frozenset("“”„‟‘’‚‛«»`´")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why an expression does not compile, and the offset of the place to look at."""

    message: str
    offset: int


def explain(source: str, tokens: list[Token], said: str) -> Mistake:
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


def _explain_place(source: str, tokens: list[Token], said: str) -> Mistake:
    unclosed = _unclosed(tokens)
    if unclosed is not None:
        return Mistake(f'this "{unclosed.text}" is never closed', unclosed.offset)
    place = re.search(r"<input>:(\d+):(\d+)", said)
    offset = _offset(source, int(place[1]), int(place[2])) if place else 0
    if offset >= len(source.rstrip()):
        return Mistake("the expression ends too early", max(len(source.rstrip()) - 1, 0))
    token = next((one for one in tokens if one.offset + len(one.text) > offset), END)
    return Mistake(f'"{token.text}" does not fit here', token.offset)


def _unclosed(tokens: list[Token]) -> Token | None:
    closes = {")": "(", "]": "[", "}": "{"}
    opened: list[Token] = []
    for token in tokens:
        if token.sort == "sign" and token.text in closes.values():
            opened.append(token)
        elif token.sort == "sign" and token.text in closes and opened and opened[-1].text == closes[token.text]:
            opened.pop()
    return opened[-1] if opened else None


def _offset(source: str, line: int, column: int) -> int:
    lines = source.split("\n")
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1


def reason(error: Exception) -> str:
    """What to tell the flow's author; the library's own text is for programmers."""
    if isinstance(error, KeyError):
        return f"there is no {str(error)[:60]}"
    if isinstance(error, TypeError):
        return "a value is unknown, or of another type than it is compared with"
    if isinstance(error, ZeroDivisionError):
        return "a division by zero"
    return str(error).split(".", maxsplit=1)[0][:120]
