"""Text can be read: the contrast of every pair of colours that the pages use, computed from the style sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[3] / "ivr" / "console" / "static" / "base.css").read_text(encoding="utf-8")
READABLE = 4.5
"""WCAG 2.2, 1.4.3: the least contrast of text."""

PAIRS = [
    *[("ink", ground) for ground in ("ground", "surface", "paper", "raised", "accent-ground")],
    *[("ink-soft", ground) for ground in ("ground", "surface", "paper", "raised", "accent-ground")],
    *[("accent", ground) for ground in ("ground", "surface", "paper")],
    ("paper", "accent"),
    ("good-ink", "good"),
    ("bad-ink", "bad"),
    ("key-ink", "key"),
    ("key-soft", "key"),
    ("glass-ink", "glass"),
    ("glass-soft", "glass"),
    ("glass-accent", "glass"),
]


def colours(scheme: str) -> dict[str, str]:
    """The tokens of a scheme by name, as ``rrggbb``."""
    light, _, dark = SHEET.partition("prefers-color-scheme: dark")
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", light if scheme == "light" else dark))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(scheme: str, text: str, ground: str) -> None:
    """In both schemes."""
    tokens = colours(scheme)

    assert contrast(tokens[text], tokens[ground]) >= READABLE, (text, ground)


def test_both_schemes_name_the_same_colours() -> None:
    """A token that only one of them has would fall back to the other's."""
    assert set(colours("light")) == set(colours("dark"))
