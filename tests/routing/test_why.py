"""Every contact and every agent can explain itself."""

from __future__ import annotations

from routing import agents, callbacks
from routing.requirements import Requirement
from routing.snapshot import Held, QueueNow, snapshot
from routing.why import Chance, ContactWhy, Lacks, explain_agent, explain_contact, in_words
from tests.routing.floor import ANYBODY, CHAT, EASY, HARD, START_MS, Floor, offered

BOTH = Requirement({"billing": 5, "spanish": 2})


async def why(floor: Floor, name: str) -> ContactWhy:
    found = await explain_contact(floor.redis, "main", name, now_ms=floor.now_ms)
    assert found is not None
    return found


async def test_a_waiting_contact_tells_what_each_agent_lacks(floor: Floor) -> None:
    """One lacks a level, one a skill, one is on break, one serves another channel; and what relaxes next, and when."""
    await floor.open(BOTH)
    await floor.ready("ana", billing=2)
    await floor.ready("bob", billing=7)
    await floor.ready("cy", capacity={"chat": 1})
    await agents.sign_in(floor.redis, "main", "di", {"billing": 9, "spanish": 9}, now_ms=floor.now_ms)
    await floor.join("c0", BOTH)
    await floor.join("c1", BOTH, relax=((45_000, HARD),), overflow_ms=600_000)
    floor.now_ms += 15_000
    found = await why(floor, "c1")

    assert found.chances == (
        Chance("ana", "lacks", (Lacks("billing", 5, 2), Lacks("spanish", 2, 0))),
        Chance("bob", "lacks", (Lacks("spanish", 2, 0),)),
        Chance("cy", "channel"),
        Chance("di", "on_break"),
    )
    assert found.words == (
        "c1 has waited 15 s in billing for billing 5 or better and spanish 2 or better; 1 before it in line.",
        "In 30 s billing 5 or better will do.",
        "In 9 min 45 s its time in billing is up.",
        "ana: billing 5 is needed, has 2; spanish 2 is needed, has none",
        "bob: spanish 2 is needed, has none",
        "cy: does not serve this channel",
        "di: is on break",
    )


async def test_a_contact_tells_who_was_offered_it_and_what_they_did(floor: Floor) -> None:
    """Declined, expired, relaxed, taken: kept to the end and after it."""
    await floor.ready("ana", "bob", billing=1)
    await floor.ready("cy")
    first = offered(await floor.join("c1", HARD, relax=((5_000, EASY),)))[0]
    await floor.decline(first)
    again = (await why(floor, "c1")).history
    await floor.later(5_000)
    (second,) = await floor.later(20_000)
    await floor.talk(second)
    await floor.end("c1")
    found = await why(floor, "c1")

    assert [(one.event, one.agent) for one in again] == [("declined", "cy")]
    assert [(one.event, one.agent) for one in found.history] == [
        ("declined", "cy"), ("relaxed", ""), ("expired", "cy"), ("accepted", "ana"), ("connected", "ana"),
        ("ended", "ana"),
    ]  # fmt: skip
    assert (found.outcome, found.words[0]) == ("handled", "c1 is over: handled.")


async def test_a_kept_and_a_promised_contact_say_so(floor: Floor) -> None:
    """For whom and how long; in which way and when."""
    (busy,) = [*await floor.ready("ana"), *offered(await floor.join("c0"))]
    await floor.talk(busy)
    await floor.ready("bob")
    await floor.join("c1", prefer="ana", prefer_ms=20_000)
    await floor.join("c2", HARD, callback="at_a_time", callback_ms=floor.now_ms + 3_700_000)
    kept, promised = await why(floor, "c1"), await why(floor, "c2")

    assert "It is kept for ana for another 19 s." in kept.words
    assert kept.chances == (Chance("ana", "on_contact"), Chance("bob", "kept"))
    assert "A callback is promised: at a time, in 1 h 1 min." in promised.words


async def test_nobody_knows_what_never_was(floor: Floor) -> None:
    """None, for whoever asked."""
    assert await explain_contact(floor.redis, "main", "c1", now_ms=START_MS) is None
    assert await explain_agent(floor.redis, "main", "ana", now_ms=START_MS) is None


async def test_an_idle_agent_tells_why_nobody_comes(floor: Floor) -> None:
    """Who waits, and what the agent lacks for each; what happened to them lately."""
    await floor.ready("ana", billing=2)
    await floor.join("c1", HARD)
    await floor.join("c2", CHAT, "sales")
    floor.now_ms += 60_000
    found = await explain_agent(floor.redis, "main", "ana", now_ms=floor.now_ms)

    assert found is not None
    assert found.words == (
        "ana is available, ready for 1 min 0 s; serves 3 of what callers may require.",
        "c1 waits in billing. ana: billing 5 is needed, has 2",
        "c2 waits in sales. ana: does not serve this channel",
    )
    assert [one["event"] for one in found.recent] == ["status", "signed_in"]


async def test_a_snapshot_shows_queues_and_agents(floor: Floor) -> None:
    """How many wait and since when; who does what."""
    await floor.ready("ana")
    await floor.join("c1", ANYBODY)
    await floor.join("c2", HARD)
    await floor.join("c3", EASY)
    found = await snapshot(floor.redis, "main")

    assert found.queues == (QueueNow("billing", 2, START_MS + 3),)
    (ana,) = found.agents
    assert (ana.id, ana.state, ana.skills, ana.holds) == (
        "ana", "reserved", {"billing": 5}, (Held("c1", "voice", "offered", 1),),
    )  # fmt: skip


async def test_a_claimed_callback_is_explained_too(floor: Floor) -> None:
    """It stands nowhere, and says what it is."""
    await floor.join("c1", callback="keep_place")
    await callbacks.claim(floor.redis, "main", "c1", now_ms=floor.now_ms)

    assert (await why(floor, "c1")).words[0] == "c1 of billing is claimed; it asks for billing 1 or better."


def test_times_read_as_people_say_them() -> None:
    """Seconds, minutes, hours; what is past counts as nothing."""
    assert [in_words(ms) for ms in (-5, 45_999, 200_000, 7_500_000)] == ["0 s", "45 s", "3 min 20 s", "2 h 5 min"]
