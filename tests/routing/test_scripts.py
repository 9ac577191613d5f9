"""Scripts as files, and their headers as contracts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from routing.scripts import Header, Script, parse_header, splice

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OFFER = """\
-- offer: pair one waiting contact with one ready agent, or change nothing.
--
-- MOVES contact waiting -> offered,
--       agent ready -> reserved
-- KEYS  contact     hash  state, offer_id
--       waiting     zset  contact_id by rank
--                         (lower is served sooner)
-- ARGV  now_ms      integer
--       offer_id    text
-- RETURNS  {'offered', expires_ms}
--          {'contact_not_waiting', state}  somebody was faster,
--                                          or {it} left
--          {'gone'}
local contact, waiting = unpack(KEYS)
-- KEYS  not_a_key
return {'gone'}
"""


def test_a_header_says_what_a_script_takes_and_gives() -> None:
    """Names in order, each answer with its tag; what is indented deeper is prose."""
    assert parse_header(OFFER) == Header(
        moves="contact waiting -> offered, agent ready -> reserved",
        keys=("contact", "waiting"),
        argv=("now_ms", "offer_id"),
        returns=(("offered", "expires_ms"), ("contact_not_waiting", "state"), ("gone",)),
    )
    assert parse_header(OFFER).tags == ("offered", "contact_not_waiting", "gone")


def test_a_script_without_a_header_is_still_a_script() -> None:
    """It has no contract, and says so by empty names."""
    assert parse_header("return 1") == Header()


def test_a_script_is_read_from_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name is the file's, its hash the one Redis computes over the same bytes."""
    folder = tmp_path / "a_package_of_scripts"
    folder.mkdir()
    (folder / "offer.lua").write_text(OFFER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    script = Script.load("a_package_of_scripts", "offer.lua")

    assert (script.name, script.text, script.header.keys) == ("offer", OFFER, ("contact", "waiting"))
    assert script.sha == hashlib.sha1(OFFER.encode(), usedforsecurity=False).hexdigest()


def test_a_script_carries_only_what_it_reaches() -> None:
    """Also by way of others; a name in a remark, or a field of the same name, is no use of it."""
    shared = (
        "-- far: of use to near.\nlocal function far() return 1 end\n-- near\nlocal function near() return far() end\n"
        "local function unused() return near() end\nlocal one, two = '1', 2\n"
    )
    own = "local base = unpack(KEYS)\nlocal contact = {} -- unused\nreturn {near()..one, contact.unused}\n"
    text = splice(own, [shared])

    assert "function far" in text
    assert "function near" in text
    assert "local one, two" in text
    assert "function unused" not in text
