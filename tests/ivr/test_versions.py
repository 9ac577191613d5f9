"""Versions: numbered, named, raced for, rolled back, kept while anybody can need them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ivr import keys, versions
from ivr.clock import Clock
from ivr.programs import Programs, Published
from ivr.sealing import Vault
from ivr.versions import KEPT_MS, Act, Live, Overtaken, Unnamed, Version, Versions, before_live, changes, choose
from ivr.workspace import Workspace
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from routing.redis import Redis


class Hands(Clock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def now_ms(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def kept(redis: Redis, clock: Hands) -> Versions:
    """The versions of one centre."""
    return Versions(redis, clock)


async def put(kept: Versions, name: str, **act: str) -> Live | Overtaken:
    """Publish a version whose program is called ``name``."""
    return await kept.publish(name, {"center.yaml": name}, {}, Act("ana", f"this is {name}", **act))  # type: ignore[arg-type] # words of an act


async def test_each_new_program_gets_the_next_number_and_keeps_it(kept: Versions) -> None:
    """Publishing what was live once makes it live again, and no new version."""
    done = [await put(kept, name) for name in ("aaaa1", "bbbb2", "cccc3", "aaaa1", "aaaa1")]
    found = await kept.all()

    assert done == [Live(1, "none"), Live(2, "aaaa1"), Live(3, "bbbb2"), Live(1, "cccc3"), Live(1, "aaaa1")]
    assert [(one.name, one.program, one.live) for one in found] == [
        ("v3", "cccc3", False),
        ("v2", "bbbb2", False),
        ("v1", "aaaa1", True),
    ]
    assert (found[0].author, found[0].message, found[0].published_ms) == ("ana", "this is cccc3", 1_000_000)


async def test_what_was_published_never_changes(kept: Versions) -> None:
    """Its source, author and message stay those of the first time."""
    await put(kept, "aaaa1")
    await kept.publish("aaaa1", {"center.yaml": "other"}, {"x": "y"}, Act("luis", "again"))

    assert await kept.source("aaaa1") == {"center.yaml": "aaaa1"}
    assert await kept.audio("aaaa1") == {}
    assert [(one.author, one.message) for one in await kept.all()] == [("ana", "this is aaaa1")]


async def test_everything_that_went_live_is_written_down(kept: Versions) -> None:
    """Who, what, why, which and instead of which; what changed nothing is not."""
    await put(kept, "aaaa1")
    await put(kept, "bbbb2")
    await kept.bring_back("aaaa1", Act("luis", "callers got lost", "rolled back"))
    await put(kept, "aaaa1")

    entries = [(one.by, one.did, one.number, one.program, one.message, one.replaced) for one in await kept.audit()]
    assert entries == [
        ("luis", "rolled back", 1, "aaaa1", "callers got lost", "bbbb2"),
        ("ana", "published", 2, "bbbb2", "this is bbbb2", "aaaa1"),
        ("ana", "published", 1, "aaaa1", "this is aaaa1", "none"),
    ]


async def test_two_who_publish_at_once_lose_nothing(redis: Redis, clock: Hands) -> None:
    """Both versions are there, with numbers of their own, and the last one is live."""
    many = [Versions(redis, clock) for _process in range(8)]
    done = await asyncio.gather(*(put(one, f"program{number}") for number, one in enumerate(many)))
    found = await many[0].all()

    assert sorted(one.number for one in done if isinstance(one, Live)) == list(range(1, 9))
    assert len(found) == len(await many[0].audit()) == 8
    assert sum(one.live for one in found) == 1


async def test_two_who_expect_the_same_do_not_overwrite_each_other(redis: Redis, kept: Versions) -> None:
    """One of them is told what is live now, and its version is not there."""
    await put(kept, "aaaa1")
    before = await kept.all()
    first, second = await asyncio.gather(put(kept, "bbbb2", if_live="aaaa1"), put(kept, "cccc3", if_live="aaaa1"))
    won, lost = (first, second) if isinstance(first, Live) else (second, first)

    assert isinstance(won, Live)
    assert isinstance(lost, Overtaken)
    assert len(await kept.all()) == len(before) + 1
    assert (await redis.execute("GET", keys.PROGRAM_LIVE)).decode() == lost.live


async def test_nothing_may_be_what_has_to_be_live(kept: Versions) -> None:
    """For who publishes first."""
    assert await put(kept, "aaaa1", if_live="none") == Live(1, "none")
    assert await put(kept, "bbbb2", if_live="none") == Overtaken("aaaa1")


async def test_a_version_that_is_gone_cannot_come_back(redis: Redis, kept: Versions) -> None:
    """And nothing changes."""
    await put(kept, "aaaa1")

    assert await kept.bring_back("bbbb2", Act("ana", "")) is None
    assert await redis.execute("GET", keys.PROGRAM_LIVE) == b"aaaa1"


async def test_versions_are_dropped_when_nobody_can_need_them(
    kept: Versions, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest stay, what is live stays, and what was live while a call may still be on it."""
    monkeypatch.setattr(versions, "MOST_KEPT", 3)
    for number in range(6):
        await put(kept, f"program{number}")
    all_of_them = len(await kept.all())
    await kept.bring_back("program0", Act("ana", "", "rolled back"))
    clock.ms += KEPT_MS + 1
    await kept.bring_back("program0", Act("ana", ""))  # live already, so nothing is dropped
    unchanged = len(await kept.all())
    await put(kept, "program6")
    left = [one.name for one in await kept.all()]

    assert (all_of_them, unchanged) == (6, 6)
    assert left == ["v7", "v6", "v5", "v1"], "v1 was live a moment ago"
    assert await kept.source("program2") is None


async def test_a_centre_whose_versions_are_dropped_goes_on_counting(
    kept: Versions, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number is never given twice."""
    monkeypatch.setattr(versions, "MOST_KEPT", 1)
    for number in range(4):
        clock.ms += KEPT_MS + 1
        await put(kept, f"program{number}")

    assert await put(kept, "another") == Live(5, "program3")


FOUND = [
    Version(number, program, "", "", 0, number == 12)
    for number, program in [(13, "beef01"), (12, "beef02"), (7, "12ab34")]
]


@pytest.mark.parametrize(
    ("name", "number"),
    [("v12", 12), ("12", 12), ("live", 12), ("beef01", 13), ("BEEF01", 13), ("12ab", 7), ("12ab34", 7)],
)
def test_a_version_is_named_by_its_number_or_the_beginning_of_its_hash(name: str, number: int) -> None:
    """Whatever is unambiguous."""
    chosen = choose(FOUND, name)

    assert isinstance(chosen, Version)
    assert chosen.number == number


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("beef", '"beef" begins 2 versions: v13, v12'),
        ("v8", 'no version named "v8"; there are v7 to v13'),
        ("bee", 'no version named "bee"; there are v7 to v13'),
        ("", 'no version named ""; there are v7 to v13'),
    ],
)
def test_what_names_none_or_several_is_refused_with_what_there_is(name: str, why: str) -> None:
    """Nobody rolls back to a version by chance."""
    assert choose(FOUND, name) == Unnamed(why)


def test_the_version_before_is_the_next_lower_number() -> None:
    """Twice back is two versions back, never forth again."""
    first = before_live(FOUND)

    assert isinstance(first, Version)
    assert first.number == 7
    assert before_live([Version(7, "x", "", "", 0, live=True)]) == Unnamed("there is no version before v7")
    assert isinstance(before_live([]), Unnamed)


def test_changes_are_told_by_the_names_of_flows() -> None:
    """As supervisors call them."""
    before = {"center.yaml": "a", "flows/main.yaml": "b", "flows/old.yaml": "c"}

    assert changes(before, {**before, "flows/main.yaml": "x"}) == "main changed"
    assert changes(before, {"center.yaml": "x", "flows/main.yaml": "b", "flows/new.yaml": "d"}) == (
        "center.yaml changed, new added, old removed"
    )
    assert changes(before, before) == "nothing changed"


async def test_a_version_comes_back_compiled_from_its_own_source(redis: Redis, clock: Hands) -> None:
    """With the files it was published from, whatever the workspace holds by now."""
    programs, ids = Programs(redis, clock, Vault({}, ())), []
    for greeting in ("Hello", "Good morning"):
        files = {path: text.replace("Hello", greeting).encode() for path, text in small_workspace().items()}
        outcome = await programs.publish(Workspace(files, {}, {}), author="ana", message="")
        assert isinstance(outcome, Published)
        ids.append(outcome.program.id)
    another = Programs(redis, clock, Vault({}, ()))
    back = await another.bring_back(ids[0], Act("ana", "", "rolled back"))

    assert isinstance(back, Published)
    assert (back.program.id, back.number, back.replaced) == (ids[0], 1, ids[1])
    assert another.live is back.program
