"""How a scenario's addresses stand for requests."""

from __future__ import annotations

import pytest

from flows.scenarios.answers import fits

URL = "https://shop.example.com/orders/7?x=1"


@pytest.mark.parametrize(
    ("pattern", "is_meant"),
    [
        (URL, True),
        (f"GET {URL}", True),
        (f"POST {URL}", False),
        ("https://shop.example.com/orders/*", True),
        ("https://shop.example.com/*/7*", True),
        ("https://*/orders/*?x=1", True),
        ("*://*", True),
        ("https://shop.example.com/orders", False),
        ("https://shop.example.com/orders/*7", False),
        ("https://shop.example.com/orders/7?x=1*1", False),
        ("*7*7*", False),
        (f"{URL}*", True),
    ],
)
def test_a_star_stands_for_anything(pattern: str, is_meant: bool) -> None:
    """And every other character for itself."""
    assert fits(pattern, "GET", URL) is is_meant


def test_no_pattern_takes_long() -> None:
    """Thirty stars on a long address are looked at once."""
    assert not fits("https://" + "*a" * 30 + "b", "GET", "https://" + "a" * 20_000)
