"""Who is chosen: skills, places, strategies, preferred agents, channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from routing import agents, contacts, registry
from routing.answers import Done, Offer, Refused
from routing.registry import Policy
from routing.requirements import Requirement
from tests.routing.floor import ANYBODY, CHAT, EASY, HARD, RING, Floor, offered, partners

if TYPE_CHECKING:
    from routing.redis import Redis


async def test_only_who_has_the_level_is_offered_a_contact(floor: Floor) -> None:
    """Billing 5 is not for somebody with billing 4, however long they are idle."""
    await floor.ready("ana", billing=4)

    assert partners(await floor.join("c1", HARD)) == []
    assert partners(await floor.ready("bob", billing=5)) == [("c1", "bob")]


async def test_who_waits_longest_in_any_queue_is_served_first(floor: Floor) -> None:
    """An agent in several queues serves them as one line."""
    await floor.join("c1", HARD, "sales")
    await floor.join("c2", EASY, "billing")
    await floor.join("c3", ANYBODY, "sales")

    (first,) = await floor.ready("ana")
    await floor.talk(first)
    await floor.end("c1")
    second = await floor.write_up("ana")

    assert (first.contact, partners(second)) == ("c1", [("c2", "ana")])


async def test_priority_is_a_head_start_not_a_class_of_its_own(floor: Floor) -> None:
    """A point is worth a minute: who came 61 s earlier is still first."""
    await floor.join("early")
    floor.now_ms += 60_500
    await floor.join("gold", priority=1)
    floor.now_ms += 1_000
    await floor.join("late", priority=1)

    order = []
    for agent in ("ana", "bob", "cy"):
        order += partners(await floor.ready(agent))
    assert order == [("early", "ana"), ("gold", "bob"), ("late", "cy")]


async def test_another_priority_moves_a_contact_at_once(floor: Floor) -> None:
    """A supervisor puts somebody forward."""
    await floor.join("c1")
    await floor.join("c2")
    moved = await contacts.reprioritise(floor.redis, "main", "c2", 1, now_ms=floor.now_ms)

    assert isinstance(moved, Done)
    assert partners(await floor.ready("ana")) == [("c2", "ana")]


async def test_what_is_asked_for_relaxes_with_time_and_keeps_the_place(floor: Floor) -> None:
    """After 45 s somebody less skilled will do, and the contact is before all who came later."""
    await floor.ready("ana", billing=2)
    await floor.join("c1", HARD, relax=((45_000, EASY),))
    (other,) = offered(await floor.join("c2", EASY))
    await floor.decline(other, "declined")
    early = await floor.later(40_000)
    late = await floor.later(10_000)

    assert (partners(early), partners(late)) == ([("c2", "ana")], [])
    assert (await floor.contact("c1"))["where"] == "line"
    assert partners(await floor.decline(Offer("c2", "ana", 3), "expired")) == [("c1", "ana")]


@pytest.mark.parametrize(
    ("strategy", "chosen"),
    [
        ("longest_idle", "ana"),
        ("most_skilled", "bob"),
        ("least_skilled_first", "cy"),
    ],
)
async def test_strategies_choose_among_those_who_are_ready(floor: Floor, strategy: str, chosen: str) -> None:
    """Longest idle by time, the others by what people can do."""
    wanted = Requirement({"billing": 2}, strategy)
    await floor.open(wanted)
    await floor.ready("ana", billing=5)
    await floor.ready("bob", billing=9)
    await floor.ready("cy", billing=2)

    assert partners(await floor.join("c1", wanted)) == [("c1", chosen)]


async def test_round_robin_takes_turns(floor: Floor) -> None:
    """Everybody once before anybody twice, whoever is idle longest."""
    wanted = Requirement({"billing": 1}, "round_robin")
    await floor.open(wanted, quick=Policy(wrap_up_ms=0))
    await floor.ready("ana", "bob")
    order = []
    for number in range(4):
        (offer,) = offered(await floor.join(f"c{number}", wanted, "quick"))
        order.append(offer.agent)
        await floor.talk(offer)
        floor.now_ms += 1_000
        await floor.end(f"c{number}")

    assert order == ["ana", "bob", "ana", "bob"]


async def test_fewest_contacts_evens_out(floor: Floor) -> None:
    """Who has taken less today goes first, however short they are idle."""
    wanted = Requirement({"billing": 1}, "fewest_contacts")
    await floor.open(wanted, quick=Policy(wrap_up_ms=0))
    await floor.ready("ana")
    for number in range(2):
        (offer,) = offered(await floor.join(f"c{number}", wanted, "quick"))
        await floor.talk(offer)
        await floor.end(f"c{number}")
    await floor.ready("bob")

    assert partners(await floor.join("c2", wanted, "quick")) == [("c2", "bob")]


async def test_all_are_rung_and_the_first_to_accept_has_it(floor: Floor) -> None:
    """The others are withdrawn: told by the journal, ready at once, with their turn kept."""
    await floor.ready("ana", "bob", "cy")
    rung = offered(await floor.join("c1", RING))
    since = (await floor.agent("ana"))["since"]
    taken = await floor.accept(rung[1])
    late = await floor.accept(rung[0])

    assert partners(rung) == [("c1", "ana"), ("c1", "bob"), ("c1", "cy")]
    assert (taken.facts, late) == (("billing", "ana,cy"), Refused("late", ("accepted",)))
    ana = await floor.agent("ana")
    assert (ana["state"], ana["since"], ana["misses"]) == ("ready", since, "0")
    journal = await floor.redis.execute("XRANGE", "{r:main}:journal", "-", "+")
    assert [entry[1][entry[1].index(b"agent") + 1] for entry in journal if b"withdrawn" in entry[1]] == [b"ana", b"cy"]


async def test_no_more_are_rung_than_the_queue_says(floor: Floor) -> None:
    """``ring_most`` bounds what one contact may keep busy."""
    await floor.open(few=Policy(ring_most=2))
    await floor.ready("ana", "bob", "cy")

    assert [agent for _, agent in partners(await floor.join("c1", RING, "few"))] == ["ana", "bob"]


async def test_one_who_declines_leaves_the_others_ringing(floor: Floor) -> None:
    """And when the last has declined, it rings again for all: nobody else is left."""
    await floor.ready("ana", "bob")
    first, second = offered(await floor.join("c1", RING))
    one = await floor.decline(first)
    both = await floor.decline(second)

    assert (one.facts, partners(one)) == (("offered",), [])
    assert partners(both) == [("c1", "ana")]


async def test_a_preferred_agent_is_waited_for_and_then_no_longer(floor: Floor) -> None:
    """The agent who knows the customer gets them, if free in time; else anybody."""
    (busy,) = [*await floor.ready("ana"), *offered(await floor.join("c0"))]
    await floor.talk(busy)
    await floor.ready("bob")

    assert partners(await floor.join("c1", prefer="ana", prefer_ms=20_000)) == []
    assert partners(await floor.later(19_000)) == []
    assert partners(await floor.later(1_001)) == [("c1", "bob")]


async def test_a_preferred_agent_who_is_free_in_time_gets_the_contact(floor: Floor) -> None:
    """Kept for ana, and served in the order of places."""
    (busy,) = [*await floor.ready("ana"), *offered(await floor.join("c0"))]
    await floor.talk(busy)
    await floor.join("c1", prefer="ana", prefer_ms=20_000)
    await floor.end("c0")

    assert partners(await floor.write_up("ana")) == [("c1", "ana")]


@pytest.mark.parametrize("status", ["on_break", "offline"])
async def test_what_was_kept_for_an_agent_who_goes_is_anybodys(floor: Floor, status: str) -> None:
    """Forty of them, in batches: nobody waits for somebody who is not there."""
    (busy,) = [*await floor.ready("ana"), *offered(await floor.join("c0"))]
    await floor.talk(busy)
    for number in range(1, 41):
        await floor.join(f"c{number}", prefer="ana", prefer_ms=1_000_000)
    await floor.ready("bob")
    gone = await floor.status("ana", status)
    await floor.later(1)

    assert partners(gone) == [("c1", "bob")]
    stored = await floor.sound()
    assert {one["where"] for one in stored.contacts.values() if one["state"] == "waiting"} == {"line"}


async def test_nobody_is_kept_for_somebody_who_is_not_there(floor: Floor) -> None:
    """A preferred agent who is not signed in, on break or unable is no reason to wait."""
    await floor.ready("bob")
    await agents.sign_in(floor.redis, "main", "ana", {"billing": 5}, now_ms=floor.now_ms)

    assert partners(await floor.join("c1", prefer="ana", prefer_ms=20_000)) == [("c1", "bob")]


async def test_a_contact_is_not_offered_again_to_who_declined_it(floor: Floor) -> None:
    """Others come first; when nobody else is left, it is."""
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1"))
    await agents.sign_in(floor.redis, "main", "bob", {"billing": 5}, now_ms=floor.now_ms)
    await floor.status("bob", "available")
    (second,) = offered(await floor.decline(offer))
    after = await floor.decline(second)

    assert second.agent == "bob"
    assert len(offered(after)) == 1


async def test_who_has_room_only_for_what_they_cannot_serve_gets_nothing(redis: Redis) -> None:
    """Ana's only line is for chats and she holds one; a call could come over it, but she has not the skill."""
    floor = Floor(redis)
    await registry.register(redis, "main", [CHAT, HARD], {"billing": Policy()}, now_ms=floor.now_ms)
    await floor.ready("ana", billing=1, capacity={"voice": 1, "chat": 1}, over=[("voice", "chat")])
    first = await floor.join("c1", CHAT)
    await floor.join("c2", CHAT)
    await floor.join("call", HARD)
    await floor.talk(offered(first)[0])
    await floor.end("c1")

    assert partners(first) == [("c1", "ana")]
    assert partners(await floor.write_up("ana")) == [("c2", "ana")]


async def test_who_declined_does_not_hide_who_has_not(floor: Floor) -> None:
    """However many who declined are ready longer, the first behind them is found when the contact looks again."""
    await floor.ready("ana", "bob", "cy")
    (offer,) = offered(await floor.join("c1"))
    for _ in range(2):
        floor.now_ms += 1
        (offer,) = offered(await floor.decline(offer))
    await floor.ready("di")
    after = await floor.status("cy", "offline")

    assert offer.agent == "cy"
    assert partners(after) == [("c1", "di")]


async def test_a_declined_contact_waits_for_the_other_even_while_they_are_busy(floor: Floor) -> None:
    """Ana declined; bob is on a contact: it waits for bob, and ana serves who came later."""
    await floor.ready("bob")
    (busy,) = offered(await floor.join("c0"))
    await floor.talk(busy)
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1"))
    await floor.join("c2")
    after = await floor.decline(offer)
    await floor.end("c0")

    assert partners(after) == [("c2", "ana")]
    assert partners(await floor.write_up("bob")) == [("c1", "bob")]


async def test_when_the_other_goes_it_is_offered_again_to_who_declined(floor: Floor) -> None:
    """Nobody else is left the moment bob takes a break."""
    await floor.ready("bob")
    (busy,) = offered(await floor.join("c0"))
    await floor.talk(busy)
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1"))
    await floor.decline(offer)

    assert partners(await floor.status("bob", "on_break")) == [("c1", "ana")]


async def test_an_agent_holds_as_many_chats_as_they_can(floor: Floor) -> None:
    """Three chats at once, the fourth waits; a call waits too unless it may come over a chat."""
    for number in range(4):
        await floor.join(f"c{number}", CHAT)
    first = await floor.ready("ana", capacity={"voice": 1, "chat": 3})

    assert partners(first) == [("c0", "ana"), ("c1", "ana"), ("c2", "ana")]
    assert partners(await floor.join("call", ANYBODY)) == []


async def test_a_call_comes_over_chats_and_no_chat_over_a_call(floor: Floor) -> None:
    """Which channel comes over which is the agent's."""
    await floor.ready("ana", capacity={"voice": 1, "chat": 3}, over=[("voice", "chat")])
    chat = await floor.join("c0", CHAT)
    call = await floor.join("call", ANYBODY)
    more = await floor.join("c1", CHAT)
    await floor.talk(offered(call)[0])
    await floor.end("call")

    assert (partners(chat), partners(call), partners(more)) == ([("c0", "ana")], [("call", "ana")], [])
    assert partners(await floor.write_up("ana")) == [("c1", "ana")]


async def test_places_that_are_equal_are_served_by_id(floor: Floor) -> None:
    """Among lines too: what decides is never the order in which requirements were registered."""
    for name, wanted in (("b", HARD), ("a-z", EASY), ("a", ANYBODY), ("Z", RING)):
        floor.now_ms -= 1
        await floor.join(name, wanted)
    order = []
    for agent in ("ana", "bob", "cy", "di"):
        order += [contact for contact, _ in partners(await floor.ready(agent))]

    assert order == ["Z", "a", "a-z", "b"]


async def test_a_transferred_call_keeps_its_place_and_goes_to_somebody_else(floor: Floor) -> None:
    """Who hands it on writes it up and is the last to get it back."""
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1"))
    await floor.talk(offer)
    await floor.join("c2", ANYBODY, "sales")
    moved = await floor.transfer("c1", "sales", ANYBODY)
    again = await floor.write_up("ana")

    assert moved.facts == ("waiting",)
    assert (await floor.contact("c1"))["queue"] == "sales"
    assert partners(again) == [("c1", "ana")]
    assert partners(await floor.ready("bob")) == [("c2", "bob")]


async def test_a_transfer_stays_on_its_channel(floor: Floor) -> None:
    """A call is no chat; refused, and it waits where it was."""
    await floor.join("c1")
    before = await floor.dump()

    assert await floor.transfer("c1", "sales", CHAT) == Refused("other_channel", ("chat",))
    assert await floor.dump() == before
