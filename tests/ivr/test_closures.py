"""Closing at once: in force in every process with the next call that asks, ending by itself, written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ivr import keys
from ivr.closures import Closures
from tests.support.engine import keys_without_ttl
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from routing.redis import Redis
    from tests.support.house import House
    from tests.support.posting import Poster

HOURS = """
hours:
  office: {mon-sun: 00:00-24:00}
  night: {}
"""
OPEN_OR_NOT = """
flow: main
start: office
steps:
  office: {hours: office, open: ask, closed: end}
  ask: {menu: "Press 1 to see.", options: {1: office}, failed: operator}
  operator: {say: Please ring us tomorrow., next: end}
  end: {hangup: "Closed until {{ hours.office.opens }}."}
"""


@pytest.fixture
async def answering(house: House) -> House:
    """A house with opening hours, open day and night."""
    files = small_workspace()
    await house.publish({"center.yaml": files["center.yaml"] + HOURS, "flows/main.yaml": OPEN_OR_NOT})
    return house


def closures(house: House) -> Closures:
    """What ``ivr hours`` works with."""
    return Closures(house.redis, house.clock)


async def close(house: House, minutes: int, say: str = "") -> None:
    told = {"en-US": say} if say else {}
    until_ms = house.clock.now_ms() + minutes * 60_000
    await closures(house).close("office", until_ms=until_ms, say=told, by="ana")


async def test_a_caller_meets_a_closure_with_its_sentence(answering: House, poster: Poster) -> None:
    """Open for one call, closed for the next, and for a call that comes to the step again."""
    before = await poster.voice()
    await close(answering, 60, "We have a power cut.")
    meanwhile = await poster.turn(1, Digits="1")
    after = await poster.call("CA2").voice()

    assert "Press 1 to see." in before.text
    assert ">We have a power cut.</Say>" in meanwhile.text
    assert "Closed until today at " in meanwhile.text
    assert "<Hangup/>" in after.text


@pytest.mark.parametrize(
    "bug",
    [
        "{http: 'http://127.0.0.1/', ok: end, failed: bug}",
        f"{{hangup: {'A document longer than the provider reads. ' * 2_000}}}",
    ],
    ids=["more questions than a turn may ask", "more to say than a document holds"],
)
async def test_after_a_bug_the_fallback_goes_by_the_closure_too(house: House, poster: Poster, bug: str) -> None:
    """What the fallback has to know is asked in the same turn, whatever ended the one before."""
    files = small_workspace()
    center = files["center.yaml"].replace("fallback: main/operator", "fallback: main/office") + HOURS
    flow = OPEN_OR_NOT.replace("start: office", "start: bug") + f"  bug: {bug}\n"
    await house.publish({"center.yaml": center, "flows/main.yaml": flow})
    await close(house, 60, "We have a power cut.")

    told = (await poster.voice()).text

    assert told.index("something went wrong") < told.index(">We have a power cut.</Say>") < told.index("<Hangup/>")


async def test_it_is_in_force_in_another_process_at_once(answering: House, poster: Poster) -> None:
    """Nobody has to be told: the next call reads it."""
    other = await answering.open(public_url=answering.server.base_url)
    other.base_url = answering.server.base_url
    await close(answering, 60, "We have a power cut.")

    assert "We have a power cut." in (await poster.at(other).voice()).text


async def test_it_ends_by_itself(answering: House, poster: Poster) -> None:
    """At its end the calendar goes by its own hours, though nobody opened it."""
    await close(answering, 60)
    await answering.time.advance(3_599)
    last = await poster.voice()
    await answering.time.advance(1)
    first = await poster.call("CA2").voice()

    assert "Closed until" in last.text
    assert "Press 1 to see." in first.text
    assert await closures(answering).of(["office"]) == {}


async def test_it_is_opened_again_by_hand(answering: House, poster: Poster) -> None:
    """At once too; a second opening changes nothing, and is not written down."""
    await close(answering, 60)
    first = await closures(answering).open("office", by="luis")
    again = await closures(answering).open("office", by="luis")

    assert "Press 1 to see." in (await poster.voice()).text
    assert first is not None
    assert again is None
    assert [(one.did, one.by) for one in await closures(answering).audit()] == [("opened", "luis"), ("closed", "ana")]


@pytest.mark.every_redis
async def test_who_closed_what_and_when_is_written_down(answering: House) -> None:
    """Newest first, with the sentence; a closure that replaces another is one more entry."""
    await close(answering, 60, "First.")
    await answering.time.advance(10)
    await close(answering, 30, "Second.")

    newest, oldest = await closures(answering).audit()
    in_force = await closures(answering).of(["office", "night"])

    assert (oldest.closing.say, newest.closing.say) == ({"en-US": "First."}, {"en-US": "Second."})
    assert newest.at_ms - oldest.at_ms == 10_000
    assert newest.closing == in_force["office"]
    assert list(in_force) == ["office"]


async def test_a_closure_of_another_version_is_none(answering: House, poster: Poster) -> None:
    """And the call goes on by the calendar's own hours."""
    await answering.redis.execute("SET", keys.closure("office"), b'{"format": 9}', "PX", 60_000)

    assert "Press 1 to see." in (await poster.voice()).text


async def test_a_closure_stays_no_longer_than_a_day_past_its_end(redis: Redis, answering: House) -> None:
    """Its key has a life; only the record of what was done stays."""
    await close(answering, 60)
    life_ms = await redis.execute("PTTL", keys.closure("office"))

    assert 24 * 3600 * 1000 < life_ms <= 25 * 3600 * 1000
    assert keys.HOURS_AUDIT in await keys_without_ttl(redis)
