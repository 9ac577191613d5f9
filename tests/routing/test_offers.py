"""Offers: they end, always; who misses several takes a break; generations tell old from new."""

from __future__ import annotations

from routing import agents, offers
from routing.answers import Offer, Refused
from routing.registry import Policy
from tests.routing.floor import EASY, HARD, Floor, offered, partners


async def test_a_call_from_ring_to_wrap_up(floor: Floor) -> None:
    """Joined, offered, accepted, connected, ended; the agent writes it up and is ready again."""
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1"))
    seen = [(await floor.agent("ana"))["state"]]
    await floor.accept(offer)
    floor.now_ms += 2_000
    connected = await floor.connect(offer)
    seen.append((await floor.agent("ana"))["state"])
    await floor.end("c1")
    seen.append((await floor.agent("ana"))["state"])
    await floor.later(15_000)
    seen.append((await floor.agent("ana"))["state"])

    assert seen == ["reserved", "on_contact", "wrap_up", "ready"]
    assert connected.facts == ("2000",)
    contact = await floor.contact("c1")
    assert (contact["state"], contact["outcome"]) == ("ended", "handled")


async def test_an_offer_nobody_answers_goes_to_the_next(floor: Floor) -> None:
    """After 20 s, by whichever process sweeps; the late accept is refused and changes nothing."""
    await floor.ready("ana", "bob")
    (offer,) = offered(await floor.join("c1"))
    after = await floor.later(20_000)
    before = await floor.dump()

    assert partners(after) == [("c1", "bob")]
    assert await floor.accept(offer) == Refused("late", ("offered",))
    assert await floor.dump() == before


async def test_an_offer_that_rings_late_lasts_as_long(floor: Floor) -> None:
    """Its time begins when it rings, again when it is told twice, but not for ever; an offer that is over stays so."""
    await floor.ready("ana", "bob")
    (offer,) = offered(await floor.join("c1"))
    joined_ms, until = floor.now_ms, []
    for _ in range(4):
        floor.now_ms += 15_000
        done = await offers.rings(floor.redis, "main", offer, now_ms=floor.now_ms)
        until.append(int(done.facts[0]) - joined_ms)
    after = await floor.later(1_000)

    assert until == [35_000, 50_000, 60_000, 60_000]
    assert partners(after) == [("c1", "bob")]
    assert await offers.rings(floor.redis, "main", offer, now_ms=floor.now_ms) == Refused("late", ("offered",))


async def test_who_misses_several_offers_takes_a_break(floor: Floor) -> None:
    """Two in a row here; an accept between begins the count anew."""
    await floor.open(strict=Policy(misses=2))
    await floor.ready("ana")
    await floor.join("c1", EASY, "strict")
    once = await floor.later(20_000)
    twice = await floor.later(20_000)

    ana = await floor.agent("ana")
    assert (partners(once), partners(twice)) == ([("c1", "ana")], [])
    assert (ana["status"], ana["reason"], ana["state"]) == ("on_break", "missed", "away")


async def test_a_caller_who_leaves_frees_the_agent_they_were_offered_to(floor: Floor) -> None:
    """No zombie: the agent serves the next at once and keeps their turn."""
    await floor.ready("ana")
    await floor.join("c1")
    await floor.join("c2")

    assert partners(await floor.leave("c1")) == [("c2", "ana")]


async def test_who_declines_and_is_offered_the_next_when_the_caller_leaves(floor: Floor) -> None:
    """Decline, then leave: nothing of the first offer is left over."""
    await floor.ready("ana", "bob")
    (offer,) = offered(await floor.join("c1"))
    await floor.decline(offer)
    await floor.leave("c1")

    stored = await floor.sound()
    assert [one["state"] for one in stored.agents.values()] == ["ready", "ready"]
    assert stored.sets.get("due", []) == []


async def test_a_meeting_that_fails_gives_the_contact_back_its_place(floor: Floor) -> None:
    """Accepted, but the agent's telephone did not answer in time."""
    await floor.ready("ana", "bob")
    (offer,) = offered(await floor.join("c1"))
    await floor.accept(offer)

    assert partners(await floor.later(30_000)) == [("c1", "bob")]
    assert (await floor.agent("ana"))["misses"] == "0"


async def test_who_signs_out_while_offered_is_rung_no_more(floor: Floor) -> None:
    """The contact goes on at once, and nobody remembers a refusal."""
    await floor.ready("ana", "bob")
    await floor.join("c1")
    gone = await floor.status("ana", "offline")

    assert partners(gone) == [("c1", "bob")]
    assert (await floor.contact("c1")).get("declined", "") == ""


async def test_who_signs_out_on_a_call_finishes_it(floor: Floor) -> None:
    """And is away after it, without wrap-up; only then can they sign in again."""
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1"))
    await floor.talk(offer)
    await floor.status("ana", "offline")
    talking = await agents.sign_in(floor.redis, "main", "ana", {"billing": 5}, now_ms=floor.now_ms)
    await floor.end("c1")

    assert talking == Refused("there", ("on_contact",))
    assert (await floor.agent("ana"))["state"] == "away"
    assert await floor.ready("ana") == ()


async def test_a_break_lets_what_rings_ring(floor: Floor) -> None:
    """A break begins when what was begun is done."""
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1"))
    await floor.status("ana", "on_break")
    await floor.talk(offer)
    await floor.end("c1")
    await floor.later(15_000)

    assert (await floor.agent("ana"))["state"] == "away"


async def test_an_offer_that_relaxes_meanwhile_goes_on(floor: Floor) -> None:
    """What is asked for changes under the offer; declined, it looks for the less skilled."""
    await floor.ready("bob", billing=2)
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1", HARD, relax=((5_000, EASY),)))
    await floor.later(5_000)

    assert offer.agent == "ana"
    assert partners(await floor.decline(offer)) == [("c1", "bob")]


async def test_the_same_call_may_wait_again_and_its_offers_are_counted_on(floor: Floor) -> None:
    """An offer's id is never used twice, so no conference is either."""
    await floor.ready("ana")
    (first,) = offered(await floor.join("c1"))
    await floor.talk(first)
    await floor.end("c1")
    await floor.write_up("ana")
    (second,) = offered(await floor.join("c1"))

    assert (first.id, second.id) == ("c1.1", "c1.2")
    assert await floor.accept(Offer("c1", "ana", 1)) == Refused("late", ("offered",))
