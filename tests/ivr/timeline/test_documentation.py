"""``docs/timeline.md``, held to what it documents."""

from __future__ import annotations

import re
from pathlib import Path

from ivr.timeline.customers import OWN_FIELDS
from ivr.timeline.events import ATTRIBUTES, CHANNELS
from ivr.timeline.types import TYPES

PAGE = (Path(__file__).parents[3] / "docs" / "timeline.md").read_text(encoding="utf-8")


def test_every_type_is_documented_as_it_is() -> None:
    """With what happened and its data; and none that is not there."""
    rows = dict(re.findall(r"^\| `(\w+\.\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
    told = {
        name: f"{kind.description} | " + (", ".join(f"`{field}` {sort}" for field, sort in kind.shape.items()) or "—")
        for name, kind in TYPES.items()
    }

    assert rows == told


def test_attributes_channels_and_columns_are_documented() -> None:
    """Each by its name."""
    named = set(re.findall(r"`(\w+)`", PAGE))

    assert ATTRIBUTES - {"datacontenttype", "dataschema"} <= named
    assert set(CHANNELS) <= named
    assert {*OWN_FIELDS, "tags", "external_id"} <= named
