"""From bytes to a tree of texts with positions; the only file that knows the YAML library.

The tree is built from the C parser's events on a stack of our own. No loader and no composer is ever called: a loader
changes ``0123`` to 83 and ``on`` to true and forgets the first of two equal keys, and the composer ends the interpreter
on 60 KB of nesting. Here every scalar stays the author's text.

Whatever YAML would lose without a word is a problem with a mend: text after `` #``, tags, anchors, a key given twice,
``{{ x }}`` without quotes. Any bytes at all give a tree or problems, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from yaml import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from flows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 1 << 20  # a flow of 300 lines has 12 KB
MAX_DEPTH = 40  # the deepest thing the language has is 8 deep; the C parser itself is safe at any depth
MAX_COLONS = 20  # slips of one sort in one file that are read past; each means reading it again
STAND_IN = "\ua789"  # for a colon that is no YAML: a letter that looks like one
MAX_EVENTS = 200_000  # 1 MiB of "[[[[" would be a million


class Scalar(NamedTuple):
    """A text. ``shift`` maps an offset in it to a column: 0 plain, 1 quoted, -1 when the source is not the text itself.

    A named tuple, as are its siblings: a flow has thousands, and a frozen dataclass takes three times as long to make.
    """

    text: str
    line: int
    column: int
    quoted: bool
    shift: int

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of the character at ``offset``; the scalar's own where the source is folded or escaped."""
        return (self.line, self.column + self.shift + offset) if self.shift >= 0 else (self.line, self.column)


class Mapping(NamedTuple):
    """Keys and values in the author's order; each key once."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """The value under ``key``; None when it is not there."""
        return next((value for name, value in self.pairs if name.text == key), None)


class Sequence(NamedTuple):
    """Items in the author's order."""

    items: tuple[Node, ...]
    line: int
    column: int


Node = Scalar | Mapping | Sequence


def read(path: str, data: bytes) -> tuple[Node | None, list[Problem]]:
    """The tree of one file and what is wrong with it; no tree when YAML itself could not be read to the end."""
    builder = _Builder(path)
    if len(data) > MAX_BYTES:
        builder.problem(1, 1, f"this file has {len(data):,} bytes; the limit is {MAX_BYTES:,}", "too-large")
        return None, builder.problems
    text = _decoded(builder, data)
    if text is None:
        return None, builder.problems
    builder.lines = text.split("\n")
    builder.has_remarks = " #" in text
    if "#:" in text:
        _look_for_lost_keys(builder)
    root = _read_on(builder, text)
    return root, list(dict.fromkeys(builder.problems))


def _read_on(builder: _Builder, text: str) -> Node | None:
    """The tree, if YAML can be read to the end; past a second colon in a line, so one slip does not hide others."""
    for _ in range(MAX_COLONS):
        try:
            return _build(builder, text)
        except yaml.MarkedYAMLError as error:
            _explain(builder, error)
            mended = _without_colon(text, error)
            if mended is None:
                return None
            text = mended
            builder.stack.clear()
        except yaml.reader.ReaderError as error:
            before = text.encode()[: error.position].decode("utf-8", "ignore")  # the library counts bytes here
            line, column = _position(before, len(before))
            builder.problem(line, column, "a control character that no text may hold; delete it", "control-character")
            return None
    return None


def _without_colon(text: str, error: yaml.MarkedYAMLError) -> str | None:
    """The text with another character where a colon stopped YAML; None when it was stopped by something else."""
    mark = error.problem_mark
    if mark is None or "mapping values are not allowed" not in (error.problem or ""):
        return None
    lines = text.split("\n")
    if mark.line >= len(lines) or not lines[mark.line].startswith(":", mark.column):
        return None
    line = lines[mark.line]
    lines[mark.line] = f"{line[: mark.column]}{STAND_IN}{line[mark.column + 1 :]}"
    return "\n".join(lines)


# --- building --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """A map or a list whose end has not been seen; ``key`` waits for its value."""

    is_map: bool
    line: int
    column: int
    flow_style: bool
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Scalar, Node]] = field(default_factory=list)
    seen: dict[str, Scalar] = field(default_factory=dict)
    key: Scalar | None = None
    lost_key: bool = False


@dataclass(slots=True)
class _Builder:
    """One file being read: where problems are collected, and the lines to look at again."""

    path: str
    lines: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    has_remarks: bool = False

    def problem(self, line: int, column: int, message: str, code: str) -> None:
        self.problems.append(Problem(self.path, line, column, message, code))


class _GaveUp(Exception):  # noqa: N818 - it never leaves this file
    """The file is past a limit; the problem has been noted."""


def _build(builder: _Builder, text: str) -> Node | None:
    """The file's one document; problems stand for what had to be left out."""
    parser = yaml.CLoader(text)
    try:
        root = _grow(builder, parser.get_event)
    except _GaveUp:
        return None
    finally:
        parser.dispose()
    if root is None:
        builder.problem(1, 1, "this file is empty", "empty-file")
    return root


def _grow(builder: _Builder, next_event: Callable[[], Any]) -> Node | None:
    """The tree of all events, the commonest first: they are many, and most of the time of reading goes here.

    An event is Any, since the library's stubs call every mark optional and its parser gives all.
    """
    root: Node | None = None
    documents = 0
    stack = builder.stack
    for _ in range(MAX_EVENTS):
        event = next_event()
        sort = type(event)
        if sort is ScalarEvent:
            node: Node = _scalar(builder, event)
        elif sort is MappingStartEvent or sort is SequenceStartEvent:
            _open(builder, event)
            continue
        elif sort is MappingEndEvent or sort is SequenceEndEvent:
            node = _close(stack.pop())
        elif sort is yaml.AliasEvent:
            node = _alias(builder, event)
        elif sort is yaml.DocumentStartEvent:
            documents += 1
            _only_one(builder, documents, event)
            continue
        elif event is None or sort is yaml.StreamEndEvent:
            return root
        else:
            continue
        if not stack:
            root = node
            continue
        parent = stack[-1]
        if not parent.is_map:
            parent.items.append(node)
        elif parent.key is not None:
            parent.pairs.append((parent.key, node))
            parent.key = None
        elif parent.lost_key:
            parent.lost_key = False
        else:
            _key(builder, parent, node)
    builder.problem(1, 1, f"this file has more than {MAX_EVENTS:,} parts", "too-large")
    raise _GaveUp


def _scalar(builder: _Builder, event: Any) -> Scalar:
    if event.tag is not None or event.anchor is not None:
        _refuse_extras(builder, event)
    start, end, style = event.start_mark, event.end_mark, event.style
    text: str = event.value
    line, column = start.line, start.column
    if not style:
        if builder.has_remarks and text:
            _look_behind(builder, end.line, end.column)
        return Scalar(text, line + 1, column + 1, False, 0 if line == end.line else -1)
    # an escape or a doubled quote makes the text shorter than its source
    is_exact = line == end.line and end.column - column == len(text) + 2
    return Scalar(text, line + 1, column + 1, True, 1 if is_exact else -1)


def _look_behind(builder: _Builder, line: int, column: int) -> None:
    """Refuse a plain text followed by one blank and ``#``: ``press # to go`` would lose the rest of its line.

    Two blanks before a remark are what yamllint asks for too (its rule ``comments``), so a remark can be told from
    a keypad's # key.
    """
    if line < len(builder.lines) and builder.lines[line].startswith(" #", column):
        message = 'everything after " #" is lost; quote the text, or put two blanks before a remark'
        builder.problem(line + 1, column + 2, message, "text-lost")


def _look_for_lost_keys(builder: _Builder) -> None:
    """``#: operator`` among a menu's options is a remark to YAML."""
    for number, line in enumerate(builder.lines, 1):
        if line.lstrip().startswith("#:"):
            column = line.index("#") + 1
            builder.problem(number, column, 'this line is a remark and would be lost; quote the key: "#"', "text-lost")


def _refuse_extras(builder: _Builder, event: Any) -> None:
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    tag = getattr(event, "tag", None)
    if tag is not None and tag != "!":
        builder.problem(line, column, f'"{tag[:40]}" is a YAML tag, which flows do not have; quote the text', "tag")
    elif tag == "!":
        builder.problem(line, column, 'a "!" here begins a YAML tag; quote the text', "tag")
    if event.anchor is not None:
        message = f'"&{event.anchor[:40]}" is a YAML anchor, which flows do not have; quote the text'
        builder.problem(line, column, message, "anchor")


def _open(builder: _Builder, event: Any) -> None:
    if event.tag is not None or event.anchor is not None:
        _refuse_extras(builder, event)
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    if len(builder.stack) >= MAX_DEPTH:
        builder.problem(line, column, f"nested more than {MAX_DEPTH} deep", "too-deep")
        raise _GaveUp
    is_map = type(event) is MappingStartEvent
    builder.stack.append(_Open(is_map, line, column, bool(event.flow_style)))


def _close(opened: _Open) -> Node:
    if opened.is_map:
        return Mapping(tuple(opened.pairs), opened.line, opened.column)
    return Sequence(tuple(opened.items), opened.line, opened.column)


def _alias(builder: _Builder, event: Any) -> Scalar:
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    builder.problem(line, column, f'"*{event.anchor[:40]}" is a YAML alias; quote it', "alias")
    return Scalar("", line, column, quoted=False, shift=-1)


def _only_one(builder: _Builder, documents: int, event: Any) -> None:
    if documents > 1:
        line = event.start_mark.line + 1
        builder.problem(line, 1, 'a second document begins here ("---"); a file holds one', "two-documents")
        raise _GaveUp


def _key(builder: _Builder, parent: _Open, node: Node) -> None:
    """Take ``node`` as the next key, unless no key can be like this; then its value goes too."""
    parent.lost_key = True
    if not isinstance(node, Scalar):
        is_double = isinstance(node, Mapping) and parent.flow_style
        mend = 'quote a text that begins with "{{"' if is_double else "a key is a word, not a map or a list"
        line, column = (parent.line, parent.column) if is_double else (node.line, node.column)
        builder.problem(line, column, mend, "braces" if is_double else "bad-key")
    elif node.text in parent.seen:
        first = parent.seen[node.text]
        message = f'"{node.text[:60]}" is given twice; first at {first.line}:{first.column}'
        builder.problem(node.line, node.column, message, "duplicate-key")
    else:
        parent.seen[node.text] = node
        parent.key = node
        parent.lost_key = False


# --- what the library says, in our words -------------------------------------------------------------------------


def _decoded(builder: _Builder, data: bytes) -> str | None:
    """The file's text; None, with a problem, when it is not UTF-8 or is empty."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _position(data[: error.start].decode("utf-8", "replace"), error.start)
        builder.problem(line, column, f"byte 0x{data[error.start]:02x} is not UTF-8; save as UTF-8", "not-utf-8")
        return None
    return text.replace("\r\n", "\n")


def _position(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _explain(builder: _Builder, error: yaml.MarkedYAMLError) -> None:
    """One problem with a mend; YAML stops at the first, so there is one such problem a file."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    said = builder.lines[line - 1] if line <= len(builder.lines) else ""
    context, problem = error.context or "", error.problem or "not YAML"
    is_at_end = not any(one.strip() for one in (said[column - 1 :], *builder.lines[line:]))
    if is_at_end and builder.stack and builder.stack[-1].flow_style:
        opened = builder.stack[-1]
        builder.problem(opened.line, opened.column, "this bracket is never closed", "bad-yaml")
        return
    mend = _mend(context, problem, said, column)
    if error.context_mark is not None and _starts_there(context):
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
    builder.problem(line, column, mend, "bad-yaml")


def _starts_there(context: str) -> bool:
    """Does the mistake show where the construct begins (an open quote), rather than where YAML gave up?"""
    return "quoted scalar" in context or "alias" in context or "anchor" in context


def _mend(context: str, problem: str, said: str, column: int) -> str:
    """The library's complaint as a sentence that says what to do."""
    rest = said[column - 1 :]
    if "mapping values are not allowed" in problem:
        return 'a second colon: quote a text that holds ": "'
    if "alias" in context:
        return 'a text or key that begins with "*" must be quoted: "*"'
    if "anchor" in context:
        return 'a text that begins with "&" must be quoted'
    if "quoted scalar" in context:
        return "this quote is never closed"
    if "flow mapping" in context and "{{" in said:
        return 'quote a text that begins with "{{"'
    if "flow" in context:
        return 'inside { } and [ ]: a comma or a closing bracket is missing; quote a text that holds "? : [ ] { } ,"'
    if rest.startswith("\t") or "\t" in said[: max(column - 1, 0)]:
        return "a tab; indent with blanks"
    if rest[:1] in {"@", "`", "%"}:
        return f'a text that begins with "{rest[0]}" must be quoted'
    if "could not find expected ':'" in problem:
        return 'a key needs a colon: "key: value"'
    if "block mapping" in context or "block collection" in context:
        return "this line does not fit the indentation of the lines above it"
    return f"not YAML: {problem}"
