"""Subflows in a real call: the way back is kept with the call, whichever process answers next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from ivr import keys
from ivr.journal import repeat_call
from tests.support.workspaces import CENTER

if TYPE_CHECKING:
    from tests.support.house import House
    from tests.support.posting import Poster

MAIN = """
flow: main
start: start
steps:
  start: {set: {mine: '"ours"'}, next: ask}
  ask: {subflow: identify, with: {why: '"billing"'}, save: {account: vars.number}, next: told, failed: operator}
  told: {hangup: "Account {{ vars.account }}, {{ vars.mine }}."}
  operator: {say: Please ring us tomorrow., next: bye}
  bye: {hangup: Goodbye.}
"""
IDENTIFY = """
flow: identify
start: ask
steps:
  ask: {collect: "Your number, for {{ vars.why }}.", into: number, digits: 4, retries: 0, next: mark}
  mark: {set: {mine: '"theirs"'}}
"""


async def published(house: House) -> None:
    await house.publish({"center.yaml": CENTER, "flows/main.yaml": MAIN, "flows/identify.yaml": IDENTIFY})


async def test_another_process_brings_the_call_back(house: House, poster: Poster) -> None:
    """Asked by one server, answered by the other, with the variables from before; the journal repeats it."""
    await published(house)
    other = await house.open(public_url=house.server.base_url)
    other.base_url = house.server.base_url
    asked = await poster.voice()
    told = await poster.at(other).turn(1, Digits="0042")
    entries = await house.journal("CA1")
    live = house.server.programs.live
    assert live is not None

    assert "Your number, for billing." in asked.text
    assert "Account 0042, ours." in told.text
    assert [one.said for one in repeat_call(entries, lambda _id: live)] == [entry.said for entry in entries]


async def test_silence_in_a_subflow_leads_back_by_failed(house: House, poster: Poster) -> None:
    """Nobody is hung up on for it."""
    await published(house)
    await poster.voice()

    assert "Please ring us tomorrow." in (await poster.turn(1)).text


async def test_a_frame_that_leads_nowhere_is_a_bug_and_the_fallback(house: House, poster: Poster) -> None:
    """A way back that the program does not have is answered with an apology, outside every subflow."""
    await published(house)
    await poster.voice()
    session = orjson.loads(await house.redis.execute("HGET", keys.call("CA1"), "session"))
    session["stack"][0]["step"] = "gone"
    await house.redis.execute("HSET", keys.call("CA1"), "session", orjson.dumps(session))

    reply = await poster.turn(1, Digits="0042")

    assert "something went wrong on our side" in reply.text
    assert "Please ring us tomorrow." in reply.text
