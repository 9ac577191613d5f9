"""Callbacks: promised in three ways, claimed once, rung again without losing the place."""

from __future__ import annotations

from routing import callbacks
from routing.answers import Done, Refused
from tests.routing.floor import Floor, offered, partners


async def test_who_keeps_the_place_is_served_as_if_they_waited(floor: Floor) -> None:
    """Hung up and still before who came later; no overflow is waited for any more."""
    await floor.join("c1", overflow_ms=5_000)
    await floor.join("c2")
    await floor.promise("c1", "keep_place")
    await floor.later(60_000)

    assert partners(await floor.ready("ana")) == [("c1", "ana")]


async def test_later_today_is_behind_all_who_wait_live(floor: Floor) -> None:
    """Also behind those who come after; served at once when nobody waits live."""
    await floor.join("c1")
    await floor.promise("c1", "later_today", 3_600_000)
    await floor.join("c2")

    assert partners(await floor.ready("ana")) == [("c2", "ana")]
    assert partners(await floor.ready("bob")) == [("c1", "bob")]


async def test_later_today_comes_at_the_latest_when_it_was_promised(floor: Floor) -> None:
    """Then it has the place it would have had, before all who came since."""
    await floor.join("c1")
    await floor.promise("c1", "later_today", 3_600_000)
    await floor.join("c2")
    await floor.later(3_600_000)

    assert partners(await floor.ready("ana")) == [("c1", "ana")]


async def test_at_a_time_is_nobodys_until_then(floor: Floor) -> None:
    """An idle agent stays idle; at the time it is offered."""
    await floor.join("c1")
    await floor.promise("c1", "at_a_time", 60_000)
    early = await floor.ready("ana")

    assert (early, partners(await floor.later(60_000))) == ((), [("c1", "ana")])


async def test_a_callback_step_promises_without_waiting_first(floor: Floor) -> None:
    """Joined as a callback: the same, from the start."""
    joined = await floor.join("c1", callback="at_a_time", callback_ms=floor.now_ms + 1_000)
    state = (await floor.contact("c1"))["state"]
    await floor.ready("ana")

    assert isinstance(joined, Done)
    assert (state, partners(await floor.later(1_000))) == ("promised", [("c1", "ana")])


async def claim(floor: Floor, name: str) -> Done | Refused:
    return await callbacks.claim(floor.redis, "main", name, claim_ms=30_000, now_ms=floor.now_ms)


async def dialled(floor: Floor, name: str, generation: int, result: str, in_ms: int = 0) -> Done | Refused:
    at_ms = floor.now_ms + in_ms if in_ms else 0
    return await callbacks.dialled(floor.redis, "main", name, generation, result, at_ms=at_ms, now_ms=floor.now_ms)


async def test_a_callback_is_claimed_once(floor: Floor) -> None:
    """Two dial at the same time: one does, and it is offered to nobody meanwhile."""
    await floor.join("c1", callback="keep_place")
    first, second = await claim(floor, "c1"), await claim(floor, "c1")

    assert (first.tag, second) == ("claimed", Refused("refused", ("claimed",)))
    assert await floor.ready("ana") == ()


async def test_a_live_caller_is_not_claimed(floor: Floor) -> None:
    """Who waits on the line is not dialled."""
    await floor.join("c1")

    assert await claim(floor, "c1") == Refused("refused", ("waiting",))


async def test_a_customer_who_answers_has_their_place(floor: Floor) -> None:
    """Live from then on, and before who came later."""
    await floor.join("c1", callback="later_today")
    await claim(floor, "c1")
    await floor.join("c2")
    await dialled(floor, "c1", 1, "answered")

    assert partners(await floor.ready("ana")) == [("c1", "ana")]


async def test_nobody_home_is_rung_again_with_the_place_kept(floor: Floor) -> None:
    """Promised anew for a quarter of an hour later; the first claim is over."""
    place = (await floor.join("c1", callback="keep_place")).facts[0]
    await claim(floor, "c1")
    await dialled(floor, "c1", 1, "again", 900_000)
    late = await dialled(floor, "c1", 1, "answered")
    await floor.later(900_000)

    contact = await floor.contact("c1")
    assert (late, contact["state"], contact["place"]) == (Refused("late", ("promised",)), "waiting", place)


async def test_a_dialler_that_died_delays_nothing(floor: Floor) -> None:
    """Its claim runs out and the callback stands where it stood."""
    await floor.join("c1", callback="keep_place")
    await claim(floor, "c1")
    await floor.later(30_000)

    assert (await claim(floor, "c1")).facts == ("2",)


async def test_an_agent_who_accepted_is_free_when_the_customer_is_not_reached(floor: Floor) -> None:
    """Agent first: nobody counts it as declined, and the agent goes on at once."""
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1", callback="keep_place"))
    await floor.accept(offer)
    await floor.join("c2")

    assert partners(await dialled(floor, "c1", 1, "again", 60_000)) == [("c2", "ana")]
    assert (await floor.contact("c1")).get("declined", "") == ""


async def test_a_promise_is_cancelled_when_the_customer_is_served_otherwise(floor: Floor) -> None:
    """They called again: the promise ends with its own outcome, and nothing of it is left."""
    await floor.join("c1", callback="at_a_time", callback_ms=floor.now_ms + 1_000)
    await floor.leave("c1", "cancelled")

    stored = await floor.sound()
    assert stored.contacts["c1"]["outcome"] == "cancelled"
    assert stored.sets.get("due", []) == []
