"""What scripts say of themselves is so: arguments, answers, keys."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from routing import keys
from routing.scripts import Script

LUA = resources.files("routing.lua")
FILES = sorted(one.name for one in LUA.iterdir() if one.name.endswith(".lua"))
SHARED = sorted(one.name for one in LUA.joinpath("shared").iterdir() if one.name.endswith(".lua"))
OWN = {name: LUA.joinpath(name).read_text(encoding="utf-8") for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_a_header_names_what_its_script_unpacks(name: str) -> None:
    """KEYS and ARGV, in order; the wrappers pass them in that order."""
    header = Script.load("routing.lua", name).header
    found = re.search(r"local ([\w,\s]+?) =\s+unpack\(ARGV\)", OWN[name])

    assert header.keys == ("base",)
    assert found is not None
    assert tuple(re.split(r",\s*", found[1])) == header.argv


@pytest.mark.parametrize("name", FILES)
def test_a_header_names_every_answer(name: str) -> None:
    """A tag that is returned stands in the header, and the other way round."""
    returned = re.findall(r"return \{'(\w+)'", OWN[name])

    assert set(returned) == set(Script.load("routing.lua", name).header.tags)


@pytest.mark.parametrize("name", FILES)
def test_a_script_uses_what_it_says_in_an_order_that_works(name: str) -> None:
    """A shared file is spliced in once, and after what it needs."""
    uses = Script.load("routing.lua", name).header.uses

    assert {f"{one}.lua" for one in uses} <= set(SHARED)
    assert len(set(uses)) == len(uses)


@pytest.mark.parametrize("name", [one for one in SHARED if one.endswith(".lua")])
def test_a_shared_file_only_defines(name: str) -> None:
    """A script carries only the definitions it reaches: nothing may happen between them."""
    text = LUA.joinpath("shared", name).read_text(encoding="utf-8")

    assert re.findall(r"^(?!local |--|end$|\}$)\S.*", text, re.MULTILINE) == []


def test_every_key_in_a_script_stands_in_the_table() -> None:
    """``routing/keys.py`` spells them all, and none that nobody uses."""
    texts = [*OWN.values(), *(LUA.joinpath("shared", name).read_text(encoding="utf-8") for name in SHARED)]
    spelled = {found for text in texts for found in re.findall(r"base \.\. '(\w+)", text)}
    table = set(re.findall(r"^``(\w+)[:`]", keys.__doc__ or "", re.MULTILINE))

    assert spelled | {"idle", "line", "aside"} == table


@pytest.mark.parametrize("name", ["", "Main", "a b", "a}b", "x" * 65])
def test_a_group_is_a_name(name: str) -> None:
    """Anything else could leave its slot."""
    with pytest.raises(ValueError, match="is not the name of a group"):
        keys.base(name)
