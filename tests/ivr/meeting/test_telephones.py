"""A caller meets an agent who sits at a telephone: each way that an offer, a leg or a conversation may go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ivr.acts.errands import RingAgent
from ivr.meeting.legs import Legs
from ivr.meeting.lines import keep_line
from ivr.queuekeeper import READERS
from ivr.simulator import Number, Telephone
from ivr.simulator.people import Answers, Busy, NoAnswer, Voicemail
from ivr.twilio.links import Links
from routing import agents, keys, offers
from routing.answers import Offer
from tests.support.house import NUMBER
from tests.support.meeting import (
    ANA,
    BEN,
    agent_is,
    at_telephone,
    comes,
    contact_is,
    fields_of,
    is_in_conference,
    legs_to,
    said_to,
    who_waits,
)
from tests.support.queueing import queue_workspace
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from ivr.simulator.people import Line
    from tests.support.house import House
    from tests.support.posting import Poster


@pytest.fixture
async def house(house: House) -> House:
    """A house with one queue."""
    await house.publish(queue_workspace())
    return house


async def test_who_presses_1_talks_to_the_caller(house: House) -> None:
    """The agent hears who calls which queue, accepts, and both meet; when they hang up the flow goes on."""
    await at_telephone(house, "ana", ANA, Answers(script=["1"], stays_s=30))
    caller = await who_waits(house)
    await contact_is(house, caller, state="connected", agent="ana")
    (leg,) = legs_to(house, ANA)
    await contact_is(house, caller, state="ended", outcome="handled")
    await caller.hears("Thank you.")

    assert is_in_conference(caller)
    assert said_to(leg) == ["A call for billing. From 2 0 2, 5 5 5, 0 1 4 3. To accept, press 1."]
    await agent_is(house, "ana", state="wrap_up")


async def test_a_caller_who_hangs_up_in_the_conversation_frees_the_agent(house: House) -> None:
    """The conference ends with either side; the contact was handled, and the agent writes it up."""
    await at_telephone(house, "ana", ANA, Answers(script=["1"]))
    caller = await who_waits(house)
    await contact_is(house, caller, state="connected")
    await caller.hangs_up()

    await contact_is(house, caller, state="ended", outcome="handled")
    await comes(house, lambda: legs_to(house, ANA)[0].is_over, "the agent's leg to end")
    await agent_is(house, "ana", state="wrap_up")


@pytest.mark.parametrize(
    "person",
    [Answers(script=["2"]), Answers(stays_s=2), Busy(), NoAnswer(), Voicemail(after_s=5)],
    ids=["another key", "hangs up", "busy", "no answer", "a mailbox"],
)
async def test_who_does_not_accept_is_not_joined(house: House, person: Line) -> None:
    """Whatever is at the number: without the key nobody meets the caller, who is offered to the next with his place."""
    await at_telephone(house, "ana", ANA, person)
    caller = await who_waits(house)
    await comes(house, lambda: bool(legs_to(house, ANA)), "the telephone to ring")
    await at_telephone(house, "ben", BEN, Answers(script=["1"]))
    await contact_is(house, caller, state="connected", agent="ben")

    assert len(legs_to(house, ANA)) == 1
    await comes(house, lambda: legs_to(house, ANA)[0].is_over, "the first telephone to be left alone")
    await agent_is(house, "ana", state="ready")


async def test_a_caller_who_leaves_while_it_rings_is_rung_for_no_more(house: House) -> None:
    """The telephone stops, and the agent is ready at once."""
    await at_telephone(house, "ana", ANA, NoAnswer())
    caller = await who_waits(house)
    await comes(house, lambda: bool(legs_to(house, ANA)), "the telephone to ring")
    await caller.hangs_up()

    await comes(house, lambda: legs_to(house, ANA)[0].is_over, "the telephone to stop")
    await contact_is(house, caller, outcome="abandoned")
    await agent_is(house, "ana", state="ready", misses="0")


async def test_a_caller_who_leaves_while_the_agent_listens(house: House) -> None:
    """The agent, who has picked up, is told that the call is over."""
    await at_telephone(house, "ana", ANA, Answers(after_s=1))
    caller = await who_waits(house)
    await comes(house, lambda: any(said_to(leg) for leg in legs_to(house, ANA)), "the agent to be told who calls")
    await caller.hangs_up()

    (leg,) = legs_to(house, ANA)
    await comes(house, lambda: leg.is_over, "the agent's leg to end")
    assert said_to(leg)[-1].startswith("That call is no longer waiting")
    await agent_is(house, "ana", state="ready")


async def test_an_agent_who_leaves_before_they_meet_leaves_nobody_in_silence(house: House) -> None:
    """Accepted and gone: the caller, who may be in the conference already, waits on with the same place."""
    await at_telephone(house, "ana", ANA, NoAnswer())
    caller = await who_waits(house)
    await comes(house, lambda: bool(legs_to(house, ANA)), "the telephone to ring")
    offer = Offer(f"{caller.call_sid}-0", "ana", 1)
    await offers.accept(house.redis, "main", offer, now_ms=house.clock.now_ms())
    await comes(house, lambda: is_in_conference(caller), "the caller to be moved")
    await at_telephone(house, "ben", BEN, Answers(script=["1"]))
    await contact_is(house, caller, state="connected", agent="ben")

    assert [heard.text for heard in caller.telephone.heard if heard.kind == "connected"] == [
        offer.id,
        f"{offer.contact}.2",
    ]


async def test_what_a_killed_process_left_is_done_by_another(house: House) -> None:
    """Accepted, and the process that was told so dies: another brings the caller."""
    await at_telephone(house, "ana", ANA, NoAnswer())
    caller = await who_waits(house)
    await comes(house, lambda: bool(legs_to(house, ANA)), "the telephone to ring")
    port = int(house.server.base_url.rpartition(":")[2])
    await house.server.stop()
    offer = Offer(f"{caller.call_sid}-0", "ana", 1)
    await offers.accept(house.redis, "main", offer, now_ms=house.clock.now_ms())
    await house.open(listen_on=port)

    await comes(house, lambda: is_in_conference(caller), "the caller to be moved")


async def test_an_offer_that_a_dead_process_was_told_of_rings_by_another(house: House) -> None:
    """Killed between the journal and the act: within two seconds another claims the entry, and rings."""
    await at_telephone(house, "ana", ANA, Answers(script=["1"]))
    await agents.set_status(house.redis, "main", "ana", "on_break", now_ms=house.clock.now_ms())
    caller = await who_waits(house)
    stream = f"{keys.base()}journal"
    await comes(house, lambda: house.redis.execute("XINFO", "GROUPS", stream), "somebody to read the journal")
    port = int(house.server.base_url.rpartition(":")[2])
    await house.server.stop()
    await agents.set_status(house.redis, "main", "ana", "available", now_ms=house.clock.now_ms())
    await house.redis.execute("XREADGROUP", "GROUP", READERS, "dead", "COUNT", 100, "STREAMS", stream, ">")
    await house.open(listen_on=port)
    await eventually(lambda: legs_to(house, ANA), "another process to ring")  # two seconds of the real time

    await contact_is(house, caller, state="connected", agent="ana", gen="1")
    assert len(legs_to(house, ANA)) == 1


async def test_an_act_that_a_dead_process_named_is_performed_by_another(house: House) -> None:
    """Named and never begun: whoever sweeps the outbox two seconds later rings; named again, it rings no more."""
    await at_telephone(house, "ana", ANA, Answers(script=["1"]))
    await keep_line(house.redis, "ana", "")
    caller = await who_waits(house)
    ring = RingAgent("main", f"{caller.call_sid}-0", "ana", 1, ANA, NUMBER)
    named = [await Legs(house.redis).name(ring, now_ms=house.clock.now_ms()) for _ in range(2)]

    assert named[1] is None
    await contact_is(house, caller, state="connected", agent="ana", gen="1")
    assert len(legs_to(house, ANA)) == 1


@pytest.mark.parametrize("is_done", [True, False], ids=["it was done", "it was not"])
async def test_a_request_without_a_clear_answer_rings_nobody_twice(house: House, *, is_done: bool) -> None:
    """The leg's own webhooks tell that it rang; only when they stay away and no such call is found is it made again."""
    house.network.faults.refuse("POST */Calls.json", status=500, is_done=is_done)
    await at_telephone(house, "ana", ANA, Answers(after_s=1, script=["1"]))
    caller = await who_waits(house)
    await contact_is(house, caller, state="connected", agent="ana", gen="1")

    assert len(legs_to(house, ANA)) == 1


async def test_a_telephone_that_rings_unknown_to_us_is_found(house: House) -> None:
    """Asked for without a clear answer, it rings for longer than its webhooks are waited for: it is not rung again."""
    house.network.faults.refuse("POST */Calls.json", status=500, is_done=True)
    house.network.faults.lose("*/legs/*/status*")
    await at_telephone(house, "ana", ANA, Answers(after_s=14, script=["1"]))
    caller = await who_waits(house)
    await contact_is(house, caller, state="connected", agent="ana", gen="1")

    assert len(legs_to(house, ANA)) == 1


async def test_an_offers_time_begins_when_the_telephone_rings(house: House) -> None:
    """Calls leave the account one a second: who is rung late has as long to answer as who is rung at once."""
    for _ in range(8):
        house.network.dispatch.reserve()
    await at_telephone(house, "ana", ANA, Answers(after_s=16, script=["1"]))
    caller = await who_waits(house)

    await contact_is(house, caller, state="connected", gen="1")


async def test_a_provider_that_refuses_to_ring_is_a_miss(house: House) -> None:
    """Three of them, and the agent is on break; the caller waits on."""
    house.network.faults.refuse("POST */Calls.json", status=400, times=3)
    await at_telephone(house, "ana", ANA, Answers(script=["1"]))
    caller = await who_waits(house)
    await agent_is(house, "ana", status="on_break", reason="missed")

    assert legs_to(house, ANA) == []
    await contact_is(house, caller, state="waiting")


async def test_a_caller_whose_leaving_nobody_told_is_found_gone(house: House) -> None:
    """The update is refused with 21220: the contact was abandoned, and the agent who has accepted is told and ready."""
    house.network.numbers[NUMBER] = Number(Links(house.server.base_url).voice)  # without a status callback
    await at_telephone(house, "ana", ANA, Answers(after_s=6, script=["1"]))
    caller = await who_waits(house)
    await caller.hangs_up()
    await contact_is(house, caller, state="ended", outcome="abandoned", gen="1")
    (leg,) = legs_to(house, ANA)
    await comes(house, lambda: leg.is_over, "the agent's leg to end")

    assert said_to(leg)[-1].startswith("That call is no longer waiting")
    await agent_is(house, "ana", state="ready")


async def test_both_hang_up_at_once(house: House) -> None:
    """One end, one outcome, and nobody is left busy."""
    await at_telephone(house, "ana", ANA, Answers(script=["1"]))
    caller = await who_waits(house)
    await contact_is(house, caller, state="connected")
    (leg,) = legs_to(house, ANA)
    assert isinstance(leg.ear, Telephone)
    await asyncio.gather(caller.hangs_up(), leg.ear.hang_up())

    await contact_is(house, caller, state="ended", outcome="handled", gen="1")
    await agent_is(house, "ana", state="wrap_up")
    await agent_is(house, "ana", state="ready")


@pytest.mark.parametrize("after_s", [1.0, 2.0, 3.0], ids=["the second first", "both at once", "the first first"])
async def test_of_two_who_are_rung_and_accept_one_has_the_call(house: House, after_s: float) -> None:
    """Where all are rung the first to press 1 talks; the other's telephone is left alone, and they are ready."""
    files = queue_workspace()
    center = files["center.yaml"].replace("    hours: office\n", "    hours: office\n    strategy: ring_all\n")
    await house.publish(files | {"center.yaml": center})
    await at_telephone(house, "ana", ANA, Answers(after_s=2.0, script=["1"]))
    await at_telephone(house, "ben", BEN, Answers(after_s=after_s - 1, script=["1"]))  # a call a second is made
    caller = await who_waits(house)
    await contact_is(house, caller, state="connected", gen="1")
    taken = (await fields_of(house, "contact", f"{caller.call_sid}-0"))["agent"]
    other, number = ("ben", BEN) if taken == "ana" else ("ana", ANA)

    await agent_is(house, other, state="ready", misses="0")
    await comes(house, lambda: legs_to(house, number)[0].is_over, "the other telephone to be left alone")
    assert [len(legs_to(house, one)) for one in (ANA, BEN)] == [1, 1]


async def test_webhooks_that_come_twice_join_nobody_twice(house: House) -> None:
    """Each of a leg's and a conference's is delivered twice; one conference, one conversation, one end."""
    house.network.faults.repeat("*/legs/*", times=20)
    house.network.faults.repeat("*/twilio/conference*", times=20)
    await at_telephone(house, "ana", ANA, Answers(script=["1"], stays_s=30))
    caller = await who_waits(house)
    await contact_is(house, caller, state="ended", outcome="handled", gen="1")
    await caller.hears("Thank you.")

    assert [heard.kind for heard in caller.telephone.heard].count("connected") == 1


@pytest.mark.parametrize("lost", [1, 2])
async def test_that_both_are_in_is_known_though_callbacks_are_lost(house: House, lost: int) -> None:
    """The first callbacks of the conference never come; the conversation is known, and ends as handled."""
    house.network.faults.lose("*/twilio/conference*", times=lost)
    await at_telephone(house, "ana", ANA, Answers(script=["1"], stays_s=50))
    caller = await who_waits(house)
    await contact_is(house, caller, state="connected", gen="1")
    await contact_is(house, caller, state="ended", outcome="handled", gen="1")


async def test_who_entered_tells_it_where_the_start_is_lost(house: House, poster: Poster) -> None:
    """Two calls in the conference are a conversation; one is not."""
    await at_telephone(house, "ana", ANA, NoAnswer())
    caller = await who_waits(house)
    await comes(house, lambda: bool(legs_to(house, ANA)), "the telephone to ring")
    offer = Offer(f"{caller.call_sid}-0", "ana", 1)
    await offers.accept(house.redis, "main", offer, now_ms=house.clock.now_ms())
    stages = []
    for sid in ("CA7", "CA7", "CA8"):
        form = {"FriendlyName": offer.id, "StatusCallbackEvent": "participant-join", "CallSid": sid}
        await poster.post("/twilio/conference", form)
        stages.append((await offers.look(house.redis, "main", offer.id)).stage)

    assert stages == ["accepted", "accepted", "connected"]


async def test_a_caller_left_alone_in_a_conference_goes_on(house: House) -> None:
    """The conversation is over for routing, and nobody told the caller: he goes on all the same."""
    await at_telephone(house, "ana", ANA, NoAnswer())
    caller = await who_waits(house)
    await comes(house, lambda: bool(legs_to(house, ANA)), "the telephone to ring")
    offer = Offer(f"{caller.call_sid}-0", "ana", 1)
    await offers.accept(house.redis, "main", offer, now_ms=house.clock.now_ms())
    await comes(house, lambda: is_in_conference(caller), "the caller to be moved")
    await offers.connect(house.redis, "main", offer, now_ms=house.clock.now_ms())
    await offers.end(house.redis, "main", offer.contact, now_ms=house.clock.now_ms())
    await comes(house, lambda: bool(caller.ending), "the caller to go on")

    assert any(heard.text == "Thank you." for heard in caller.telephone.heard)


async def test_an_update_made_twice_parts_nobody(house: House) -> None:
    """The provider moved the caller and said that it failed: those who talk go on talking."""
    house.network.faults.refuse("POST */Calls/CA*.json", status=500, is_done=True)
    await at_telephone(house, "ana", ANA, Answers(script=["1"], stays_s=30))
    caller = await who_waits(house)
    await contact_is(house, caller, state="ended", outcome="handled", gen="1")

    assert [heard.kind for heard in caller.telephone.heard].count("connected") == 1
