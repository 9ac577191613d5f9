"""Places in an answer: what is kept of it is enough, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.bodies import Place, found, pruned

NAMES = st.sampled_from(["a", "b", "0", "1", "2"])
PLACES = st.lists(st.lists(NAMES, min_size=1, max_size=4).map(tuple), max_size=5).map(tuple)
DATA = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(DATA, PLACES)
def test_what_a_step_saves_is_still_there(body: Any, places: tuple[Place, ...]) -> None:
    """Each place holds in what was kept what it holds in the whole answer."""
    kept = pruned(body, places)

    assert [found(kept, place) for place in places] == [found(body, place) for place in places]


@pytest.mark.parametrize(
    ("body", "places", "kept"),
    [
        ({"a": 1, "card": "4111"}, (("a",),), {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, (("a", "b"),), {"a": {"b": 1}}),
        ([{"n": 1, "x": 2}, {"n": 3, "x": 4}], (("1", "n"),), [None, {"n": 3}]),
        ({"a": 1}, (), {}),
        (["a"], (), []),
        ("text", (("a",),), None),
        ({"a": "text"}, (("a", "b"),), {"a": None}),
    ],
)
def test_nothing_else_is_kept(body: Any, places: tuple[Place, ...], kept: Any) -> None:
    """An answer may hold more about a caller than the flow asks for."""
    assert pruned(body, places) == kept
