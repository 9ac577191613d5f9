"""A form is written as everybody writes it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from ivr.simulator.form import encode

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(texts, texts), max_size=6))
def test_a_form_is_what_the_standard_library_makes_of_it(parameters: list[tuple[str, str]]) -> None:
    """Byte for byte, and it reads as what was written."""
    form = encode(parameters)

    assert form == urlencode(parameters)
    assert parse_qsl(form, keep_blank_values=True) == parameters
