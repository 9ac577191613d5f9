"""Reading what a ``collect`` step collects: one of ``digits``, ``date``, ``money`` and ``words``, with its options."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from flows import form as forms
from flows.entries import ORDERS, Amount, Bound, Day, Digits, Words
from flows.expressions import compile_pattern
from flows.shapes import Choice, Either, Fields, Word
from flows.source import Mapping, Scalar

if TYPE_CHECKING:
    from flows.entries import Entry
    from flows.expressions import Expression
    from flows.form import Form, Reading
    from flows.source import Node

SORTS = ("digits", "date", "money", "words")
ONLY_WITH = {
    "pattern": "digits", "check": "digits", "finish": "digits", "sensitive": "digits",
    "order": "date", "hints": "words",
}  # fmt: skip
SPAN = Choice(words=("any", "past", "future"))
BOUNDS = {
    "since": Word("The first day that will do: 2026-12-31, today or today-30d."),
    "until": Word("The last day that will do: 2026-12-31, today or today+30d."),
}
OPTIONS = {
    "digits": Word("How many digits: a length such as `6`, or a range such as `4-8`."),
    "pattern": Word("A regular expression that all of the digits must match."),
    "check": Choice("`luhn` wants a right check digit, as cards have.", words=("luhn",)),
    "date": Either("A real day.", shapes=(SPAN, Fields(options=BOUNDS))),
    "order": Choice("How a day is keyed in; else as in the caller's language.", words=tuple(ORDERS)),
    "money": Word("An amount: `any`, or a range such as `5-500`."),
    "words": Choice("Whatever the caller says.", words=("any",)),
}
MAX_DIGITS = 32  # an account number; nobody keys in more
MOST_MONEY = Decimal("999999999.99")  # nine digits before the point
DIGITS = re.compile(r"([0-9]{1,2})(?:-([0-9]{1,2}))?")
RANGE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,2})?)-([0-9]{1,9}(?:\.[0-9]{1,2})?)")
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TODAY = re.compile(r"today([+-][0-9]{1,5})?(?(1)d)")
TODAY_BOUND = Bound()


def read_entry(form: Form) -> Entry:
    """The one thing that is collected; digits when none is named."""
    given = [name for name in SORTS if form.value(name) is not None]
    sort = given[0] if given else "digits"
    for name in given[1:]:
        message = f'a step collects one thing, and this collects "{sort}" already; make it a step of its own'
        form.reading.problem(form.keys[name], message, "bad-value")
    for name, needed in ONLY_WITH.items():
        if name in form.keys and needed != sort:
            form.reading.problem(form.keys[name], f'"{name}:" goes with "{needed}:" only', "bad-value")
    if sort == "date":
        return _date(form)
    if sort == "money":
        return _money(form)
    return _words(form) if sort == "words" else _digits(form)


def _digits(form: Form) -> Digits:
    luhn = form.value("check") is not None and form.choice("check") == "luhn"
    least, most = _lengths(form)
    return Digits(least, most, _pattern(form), luhn)


def _lengths(form: Form) -> tuple[int, int]:
    node = form.value("digits")
    if node is None:
        return 1, MAX_DIGITS
    match = DIGITS.fullmatch(node.text) if isinstance(node, Scalar) else None
    least, most = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if 1 <= least <= most <= MAX_DIGITS:
        return least, most
    form.reading.problem(node, f"a length such as 6 or 4-8 is needed here, at most {MAX_DIGITS}", "bad-value")
    return 1, MAX_DIGITS


def _pattern(form: Form) -> Expression | None:
    node, pattern = form.value("pattern"), form.word("pattern", "a regular expression")
    if node is None or not pattern:
        return None
    compiled = compile_pattern(pattern)
    if compiled is None:
        form.reading.problem(node, f'"{pattern[:60]}" is not a regular expression', "bad-pattern")
    return compiled


def _date(form: Form) -> Day:
    node = form.value("date")
    order = "" if form.value("order") is None else form.choice("order")
    if isinstance(node, Mapping):
        bounds = forms.Form(form.reading, node, BOUNDS)
        since, until = (_bound(form.reading, bounds.value(name)) for name in ("since", "until"))
        if since and until and since.day and until.day and since.day > until.day:
            form.reading.problem(node, '"since" is after "until", so no day would do', "bad-value")
        return Day(since, until, order)
    span = form.choice("date", SPAN)
    since = TODAY_BOUND if span == "future" else None
    return Day(since, TODAY_BOUND if span == "past" else None, order)


def _bound(reading: Reading, node: Node | None) -> Bound | None:
    if node is None:
        return None
    given = node.text if isinstance(node, Scalar) else ""
    match = TODAY.fullmatch(given)
    if match is not None:
        return Bound(days=int(match[1] or 0))
    if ISO_DAY.fullmatch(given):
        with suppress(ValueError):
            return Bound(date.fromisoformat(given))
    reading.problem(node, "a day such as 2026-12-31, today or today+30d is needed here", "bad-value")
    return None


def _money(form: Form) -> Amount:
    node = form.value("money")
    given = node.text if isinstance(node, Scalar) else ""
    match = RANGE.fullmatch(given)
    least, most = (Decimal(match[1]), Decimal(match[2])) if match else (Decimal(0), MOST_MONEY)
    if node is not None and given != "any" and (match is None or least > most):
        form.reading.problem(node, "any, or a range such as 5-500 or 0.50-99.99, is needed here", "bad-value")
    return Amount(least, most)


def _words(form: Form) -> Words:
    form.choice("words")
    return Words()
