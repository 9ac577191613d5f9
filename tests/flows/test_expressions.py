"""Expressions: what they mention and where, what they come to, and what never happens."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.complaints import Mistake
from flows.expressions import (
    MAX_LENGTH,
    Expression,
    Undecided,
    compile_expression,
    compile_pattern,
    evaluate,
    matches,
)
from flows.plain import MAX_DEPTH, MAX_ITEMS, storable

SCOPE: dict[str, Any] = {
    "caller": "+12025550143",
    "customer": {"known": False, "tier": None, "tags": ["a", "b"]},
    "vars": {"order": "0123", "cents": 12.5, "answer": {"items": [{"price": 3}]}},
    "ewt_s": None,
    "now": datetime(2026, 3, 2, 10, tzinfo=UTC),
}


def compiled(source: str) -> Expression:
    """The expression, which has no mistake."""
    found = compile_expression(source)

    assert isinstance(found, Expression), found
    return found


def value(source: str) -> Any:
    """What an expression comes to in the scope above."""
    return evaluate(compiled(source), SCOPE)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('vars.order == "0123"', True),
        ("customer.tier == null", True),
        ('customer.tier == "gold"', False),
        ('vars["order"] == "0123"', True),
        ("vars.answer.items[0].price + 1", 4),
        ("has(vars.order) && !has(vars.other)", True),
        ("has(customer.tier)", False),
        ("vars.nothing == null", True),
        ('customer.tags.exists(t, t == "b")', True),
        ("size(customer.tags)", 2),
        ("now.getHours()", 10),
        ("vars.answer.items[0].price * 1.5", 4.5),
        ("vars.cents + 5", 17.5),
        ("5 - vars.cents", -7.5),
        ("(vars.cents + vars.answer.items[0].price) / 2", 7.75),
        ("7 / 2", 3),
        ("spell(vars.order)", "0 1 2 3"),
        ("spell(null)", None),
        ("vars.order.spell()", "0 1 2 3"),
        ("spell(1, 2)", None),
        ('caller.startsWith("+1") ? "us" : "other"', "us"),
        ('ewt_s > 120 || caller != ""', True),
        ("'''a\"b'''", 'a"b'),
        (r"'a\'b'", "a'b"),
        ('"vars.unknown"', "vars.unknown"),
    ],
)
def test_an_expression_has_its_value(source: str, expected: object) -> None:
    """Every documented name exists; what is unknown is null."""
    assert value(source) == expected


@pytest.mark.parametrize(
    "source",
    ["ewt_s > 120", "vars.nothing.deep", "1 / 0", "vars.order > 1", "customer.tags[9]", "caller.nothing", '"a" + 1'],
)
def test_what_cannot_be_decided_is_said_to_be_so(source: str) -> None:
    """Never an exception, and a reason that a person understands."""
    found = value(source)

    assert isinstance(found, Undecided)
    assert 0 < len(found.reason) < 130


@pytest.mark.parametrize(
    ("source", "message", "offset"),
    [
        ("", "an expression is missing here", 0),
        ("a = b", 'write == instead of "="', 2),
        ("a and b", 'write && instead of "and"', 2),
        ("a or b", 'write || instead of "or"', 2),
        ("not a", 'write ! instead of "not"', 0),
        ("a == “b”", "use straight quotes: \" or '", 5),
        ("a == 'b", "this quote is never closed", 5),
        ("(a", 'this "(" is never closed', 0),
        ("a ==", "the expression ends too early", 3),
        ("grüße", '"ü" has no meaning in an expression; quote a text', 2),
        ("a b", '"b" does not fit here', 2),
        ("a == .b", '"." does not fit here', 5),
        ("a.map(x, b.map(y, x))", "one all/exists/map/filter inside another is too slow; set a variable first", 11),
        ("1" * (MAX_LENGTH + 1), "an expression of 1,001 characters; the limit is 1,000", 0),
    ],
)
def test_a_mistake_is_told_in_a_supervisors_words(source: str, message: str, offset: int) -> None:
    """With the place of the character to look at."""
    assert compile_expression(source) == Mistake(message, offset)


@pytest.mark.parametrize(
    "path",
    ["caller", "now", "ewt_s", "vars.order", "vars.nothing", "vars.nothing.below", "vars.order.below", "customer.tags",
     "customer.tier", "vars.answer", "vars.answer.items", "customer", " vars.order "],
)  # fmt: skip
def test_a_path_comes_to_what_the_library_says_of_it(path: str) -> None:
    """A path alone is followed without the library; in brackets it is not: both have the same value or none."""
    alone, asked = compile_expression(path), compile_expression(f"({path})")

    assert isinstance(alone, Expression)
    assert isinstance(asked, Expression)
    assert (alone.path is None, asked.path) == (False, None)
    followed, executed = evaluate(alone, SCOPE), evaluate(asked, SCOPE)
    assert followed == executed or (isinstance(followed, Undecided) and isinstance(executed, Undecided))


@pytest.mark.parametrize(
    "source",
    ['vars.order == "0123"', "customer.tier == null", 'customer.tier != "gold"', "!customer.known", "vars.nothing > 3",
     'customer.tier == "a" || customer.tier == null', "vars.order", "vars.order < vars.order", '"a" in customer.tags',
     "customer . tier == null", "vars.order == 'the_value'", "vars.order + vars.order", "caller.order == 1"],
)  # fmt: skip
def test_a_flattened_expression_is_the_same_expression(source: str) -> None:
    """With a plain name in the place of its one path it has the same value, or none where it had none."""
    compiled = compile_expression(source)
    assert isinstance(compiled, Expression)
    asked = replace(compiled, path=None, flat=None)

    flat, whole = evaluate(compiled, SCOPE), evaluate(asked, SCOPE)
    assert flat == whole or (isinstance(flat, Undecided) and isinstance(whole, Undecided))


def test_names_are_found_where_they_stand() -> None:
    """Paths with their offsets; bound names, functions and texts are none."""
    compiled = compile_expression('has(vars.a.b) && customer.tags.all(t, t != caller) || "x.y" == now.getHours()')

    assert isinstance(compiled, Expression)
    assert [(".".join(one.path), one.offset, one.guarded) for one in compiled.mentions] == [
        ("vars.a.b", 4, True),
        ("customer.tags", 17, False),
        ("caller", 43, False),
        ("now", 63, False),
    ]
    assert [one.name for one in compiled.calls] == ["has", "all", "getHours"]


ATOMS = st.sampled_from(
    [
        "caller",
        "vars.order",
        "customer.tier",
        "now",
        "1",
        '"a.b"',
        "null",
        "x",
        "has(vars.a)",
        "size(caller)",
        "vars['a']",
    ]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["==", "&&", "+", "in", "<"]), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("!{}".format),
        inner.map(".q + {}".format),
        inner.map("[{}][0].z".format),
        inner.map("[{}]".format),
        inner.map("customer.tags.filter(t, t == {})".format),
        st.tuples(inner, inner).map(lambda two: f"{two[0]} ? {two[1]} : q.r"),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS)
def test_our_tokenizer_and_the_library_find_the_same_names(source: str) -> None:
    """The library says which names there are, we say where; a disagreement would be our bug."""
    compiled = compile_expression(source)
    if isinstance(compiled, Mistake):
        return
    ours = {mention.path[0] for mention in compiled.mentions}

    assert ours == set(cel.compile(source).variables()) - {"t", "@result", "__result__"}


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab.()[]{}'\"+-!=<>&|?: 019,\\\n\tü“", max_size=40))
def test_any_text_is_an_expression_or_a_mistake_in_its_bounds(source: str) -> None:
    """Nothing raises, whatever is typed, and the place is one inside the text."""
    compiled = compile_expression(source)

    if isinstance(compiled, Mistake):
        assert 0 <= compiled.offset <= len(source)
    else:
        evaluate(compiled, SCOPE)


@pytest.mark.parametrize(
    "source", ["1+" * 499 + "1", "a." * 499 + "a", "!" * 999 + "a", "(" * 499 + ")" * 499, "[" * 1000]
)
def test_a_long_chain_is_borne(source: str) -> None:
    """What ends the interpreter at 14,000 links is refused or worked out at the limit's length."""
    compiled = compile_expression(source)

    assert isinstance(compiled, Mistake) or evaluate(compiled, {"a": True}) is not None


def test_a_value_from_outside_is_cut_to_size() -> None:
    """Depth, length, odd numbers and broken characters of another system's answer cannot hurt."""
    deep: Any = "end"
    for _ in range(10_000):
        deep = [deep]
    odd = {"deep": deep, "long": list(range(5_000)), "nan": float("nan"), "bad": "\ud800", "set": {1}, "big": 2**70}

    compiled = compile_expression("size(vars.long) == 200 && vars.nan == null && vars.deep != null && vars.set == null")
    kept = storable(odd)

    assert isinstance(compiled, Expression)
    assert evaluate(compiled, {"vars": odd}) is True
    assert (len(kept["long"]), kept["nan"], kept["bad"], kept["set"]) == (MAX_ITEMS, None, "?", None)
    assert kept["big"] == float(2**70)
    assert depth_of(kept["deep"]) < MAX_DEPTH


def depth_of(value: Any) -> int:
    """How deep a list is nested."""
    return 1 + depth_of(value[0]) if isinstance(value, list) else 0


@pytest.mark.parametrize(
    "source",
    [
        "vars.words.map(w, vars.text + vars.text + vars.text).size() == 200",
        "vars.words.filter(w, w in vars.words).size() == 200",
        "vars.words.map(w, [w, w, w, w, w, w, w, w, w]).size() == 200",
        'vars.text.matches("(x{1,100}){1,90}y")',
        'vars.words.exists(w, vars.text.matches(w + "[a-z]{1,200}$"))',
    ],
)
def test_no_expression_takes_long(source: str) -> None:
    """Half a second on a slow machine is far more than any of these takes; without limits they take five."""
    scope = {"vars": {"text": "x" * 10_000, "words": [f"{number:0>50}" for number in range(200)]}}
    expression = compiled(source)

    began = time.process_time()
    evaluate(expression, scope)

    assert time.process_time() - began < 0.5


def test_a_map_makes_little_of_each_item() -> None:
    """Its cost grows with the square of the items, times what is made of each: no lists, and not much text."""
    mistake = compile_expression(f"vars.l.map(x, {'+'.join(['vars.a'] * 21)})")
    undecided = evaluate(compiled("vars.l.map(x, vars.m)"), {"vars": {"l": [1, 2], "m": [3]}})

    assert mistake == Mistake("map() makes too much of each item: at most 40 names and signs", 7)
    assert undecided == Undecided("vars.m is a list or a map, which map() cannot make of each item")
    assert evaluate(compiled("vars.l.map(x, x * vars.n)"), {"vars": {"l": [1, 2], "n": 3}}) == [3, 6]


def test_times_are_kept_as_text() -> None:
    """A session is plain JSON data."""
    assert storable([datetime(2026, 1, 2, tzinfo=UTC), timedelta(minutes=2)]) == ["2026-01-02T00:00:00+00:00", 120.0]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("[0-9]{4}", "1234", True),
        ("[0-9]{4}", "12345", False),
        ("1|22", "22", True),
        ("a'b\\\\d", "a'b\\d", True),
        ("(0+)+x", "0" * 32, False),
    ],
)
def test_a_pattern_matches_all_of_a_text(pattern: str, text: str, expected: bool) -> None:
    """Anchored at both ends, and in linear time."""
    compiled = compile_pattern(pattern)
    assert compiled is not None

    began = time.perf_counter()
    assert matches(compiled, text) is expected
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize("pattern", ["(", "[", "*", "a" * 81, "(?=a)"])
def test_what_is_no_pattern_is_none(pattern: str) -> None:
    """Also what would need to look around, which takes more than linear time."""
    assert compile_pattern(pattern) is None
