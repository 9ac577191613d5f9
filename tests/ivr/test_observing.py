"""Looking at the world for a flow: what is asked of whom, and what happens when nobody answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from flows.events import Answered, EffectFailed
from flows.instructions import LookUp, Observe
from ivr.clock import SystemClock
from ivr.closures import Closures
from ivr.journal import repeat_call
from ivr.observing import Observer
from routing.redis import Redis
from tests.support.engine import embedded_valkey
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.house import House
    from tests.support.posting import Poster

GREET = """
flow: main
start: greet
steps:
  greet:
    say: "Hello {{ customer.first_name }}, we are {{ hours.office.state }}."
    next: find
  find: {lookup: caller, found: operator, not_found: operator, failed: operator}
  operator: {menu: Press 1., options: {1: greet}, failed: end}
  end: {hangup: Goodbye.}
"""
CENTER = small_workspace()["center.yaml"] + "hours: {office: {mon-sun: 00:00-24:00}}\n"


class Memory:
    """Customers and queues in a dictionary: the smallest that keeps any."""

    def __init__(self, customers: Mapping[str, Mapping[str, Any]]) -> None:
        self.customers = customers

    async def find(self, by: str, value: str) -> Mapping[str, Any] | None:
        if value == "broken":
            raise OSError("the disk is gone")
        if value == "slow":
            await asyncio.Event().wait()
        return self.customers.get(f"{by}:{value}")

    async def figures(self, names: Sequence[str], contact: str) -> Mapping[str, Mapping[str, Any]]:
        return {name: {"waiting": len(name), "position": len(contact)} for name in names}


@pytest.fixture
def observer(redis: Redis) -> Observer:
    """One that knows Ana, and how queues stand."""
    memory = Memory({"phone:+12025550143": {"first_name": "Ana"}, "external_id:42": {"first_name": "Eva"}})
    return Observer(Closures(redis, SystemClock()), memory, memory)


async def test_only_what_is_named_is_looked_at(observer: Observer) -> None:
    """Closures, figures of queues, and who calls; a calendar that is not closed is not there."""
    found = await observer.ask(Observe("CA1", ("office",), ("billing",), "+12025550143", "CA1"), within_s=5)
    nothing = await observer.ask(Observe("CA1", customer="+1"), within_s=5)

    assert found == Answered(
        {"hours": {}, "queues": {"billing": {"waiting": 7, "position": 3}}, "customer": {"first_name": "Ana"}}
    )
    assert nothing == Answered({"hours": {}, "queues": {}, "customer": None})


async def test_a_customer_is_looked_up_by_what_they_have_told(observer: Observer) -> None:
    """Found, or nobody's."""
    found = await observer.ask(LookUp("external_id", "42"), within_s=5)
    nobody = await observer.ask(LookUp("phone", "42"), within_s=5)

    assert found == Answered({"customer": {"first_name": "Eva"}})
    assert nobody == Answered({"customer": None})


@pytest.mark.parametrize(("value", "reason"), [("broken", "failed"), ("slow", "timeout")])
async def test_a_store_that_breaks_or_hangs_is_an_event(observer: Observer, value: str, reason: str) -> None:
    """Within the time that is left, never an exception; hours and figures are not given up for an unknown caller."""
    looked_up = await observer.ask(LookUp("phone", value), within_s=0.05)
    observed = await observer.ask(Observe("CA1", customer=value), within_s=0.05)

    assert looked_up == EffectFailed(reason)
    assert observed == (looked_up if value == "slow" else Answered({"hours": {}, "queues": {}, "customer": None}))


async def test_a_server_that_keeps_no_customers_knows_nobody(redis: Redis) -> None:
    """Greeting goes on; a look-up is told so."""
    bare = Observer(Closures(redis, SystemClock()))

    assert await bare.ask(LookUp("phone", "+1"), within_s=5) == EffectFailed("unavailable")
    assert await bare.ask(Observe("CA1", queues=("billing",), customer="+1"), within_s=5) == Answered(
        {"hours": {}, "queues": {}, "customer": None}
    )


async def test_what_was_observed_is_in_the_journal_and_the_call_repeats(house: House, poster: Poster) -> None:
    """The turn's entry holds the answers, so that the same call walks the same way without the world."""
    await house.publish({"center.yaml": CENTER, "flows/main.yaml": GREET})
    first = await poster.voice()
    await Closures(house.redis, house.clock).close(
        "office", until_ms=house.clock.now_ms() + 60_000, say={}, by="a test"
    )
    second = await poster.turn(1, Digits="1")
    entries = await house.journal("CA1")
    live = house.server.programs.live
    assert live is not None

    repeated = repeat_call(entries, lambda _id: live)

    assert "we are open" in first.text
    assert "we are closed" in second.text
    assert [len(entry.happened) for entry in entries] == [3, 3]
    assert [one.said for one in repeated] == [entry.said for entry in entries]
    assert {record.code for entry in entries for record in entry.records if hasattr(record, "code")} == {
        "unknown-value",
        "not-looked-up",
    }


async def test_a_redis_that_is_gone_is_an_event() -> None:
    """Nothing is known, and it is told within the time that is left."""
    with embedded_valkey() as engine:
        redis = await Redis.connect(engine.url)
        engine.stop()

        found = await Observer(Closures(redis, SystemClock())).ask(Observe("CA1", ("office",)), within_s=5)

        await redis.close()
    assert found == EffectFailed("failed")
