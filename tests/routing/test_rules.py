"""Joining and leaving by rule, overflow, callers who return, limits, and input that is refused by name."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from routing import agents, callbacks, contacts, offers, registry
from routing.answers import Done, Offer, Refused
from routing.contacts import Contact
from routing.registry import Policy
from routing.requirements import Requirement, parse_skills
from tests.routing.floor import ANYBODY, CHAT, EASY, HARD, SOAK, START_MS, Floor, offered, partners


async def a_writing_agent(floor: Floor) -> None:
    """Ana is writing up, and nobody else is there."""
    (offer,) = [*await floor.ready("ana"), *offered(await floor.join("before"))]
    await floor.talk(offer)
    await floor.end("before")


@pytest.mark.parametrize(
    ("rule", "nobody", "on_break", "writing"),
    [
        ("any", "joined", "joined", "joined"),
        ("signed_in", "nobody", "joined", "joined"),
        ("available", "nobody", "nobody", "joined"),
        ("available_not_in_wrap_up", "nobody", "nobody", "nobody"),
    ],
)
async def test_who_must_be_there_to_join(floor: Floor, rule: str, nobody: str, on_break: str, writing: str) -> None:
    """Signed in, available, and wrap-up counting or not."""
    await floor.open(strict=Policy(join_agents=rule))
    found = [(await floor.join("c1", EASY, "strict")).tag]
    await agents.sign_in(floor.redis, "main", "ben", {"billing": 1}, now_ms=floor.now_ms)
    found.append((await floor.join("c2", EASY, "strict")).tag)
    await floor.status("ben", "offline")
    for name in ("c1", "c2"):
        await floor.leave(name)
    await a_writing_agent(floor)
    found.append((await floor.join("c3", EASY, "strict")).tag)

    assert found == [nobody, on_break, writing]


async def test_a_queue_that_is_full_says_so(floor: Floor) -> None:
    """The third is refused while two wait, and changes nothing."""
    await floor.open(short=Policy(join_waiting=2))
    await floor.join("c1", EASY, "short")
    await floor.join("c2", HARD, "short")
    before = await floor.dump()

    assert await floor.join("c3", EASY, "short") == Refused("full", ("2",))
    assert await floor.dump() == before


async def test_a_wait_that_is_too_long_is_not_begun(floor: Floor) -> None:
    """The first in line has waited longer than the queue's rules allow."""
    await floor.open(swift=Policy(join_wait_ms=30_000))
    await floor.join("c1", EASY, "swift")
    floor.now_ms += 30_000

    assert await floor.join("c2", EASY, "swift") == Refused("too_long", ("30001",))
    assert isinstance(await floor.join("c3", HARD, "swift"), Done)


@pytest.mark.parametrize("rule", ["none_signed_in", "none_available"])
async def test_those_who_wait_leave_when_nobody_is_left(floor: Floor, rule: str) -> None:
    """Two hundred and fifty of them, in batches; those of other queues in the same line stay."""
    await floor.open(strict=Policy(leave_agents=rule, joins_per_caller=0))
    (busy,) = [*await floor.ready("ana"), *offered(await floor.join("c0"))]
    await floor.talk(busy)
    for number in range(1, 251):
        await floor.join(f"c{number}", EASY, "strict" if number % 2 else "billing")
    await floor.status("ana", "on_break")
    await floor.later(1)
    after_break = (await floor.sound()).hashes["waiting"]
    await floor.status("ana", "offline")
    await floor.later(1)
    stored = await floor.sound()

    assert after_break["strict"] == ("125" if rule == "none_signed_in" else "0")
    assert stored.hashes["waiting"] == {"billing": "125", "strict": "0"}
    assert {one["outcome"] for one in stored.contacts.values() if one["state"] == "ended"} == {"nobody"}


async def test_who_waits_too_long_leaves_by_the_queues_rule(floor: Floor) -> None:
    """``leave_wait_ms`` is the queue's, whatever the contact asked for."""
    await floor.open(swift=Policy(leave_wait_ms=10_000))
    await floor.join("c1", EASY, "swift", overflow_ms=60_000)
    await floor.later(10_000)

    assert (await floor.contact("c1"))["outcome"] == "too_long"


async def test_overflow_leaves_or_goes_on_with_the_place_kept(floor: Floor) -> None:
    """One ends, the other stands in the second queue before who came later."""
    await floor.join("c1", HARD, overflow_ms=5_000)
    place = (await floor.join("c2", HARD, overflow_ms=5_000, overflow_to=("sales", ANYBODY))).facts[0]
    await floor.join("c3", ANYBODY, "sales")
    await floor.later(5_000)

    first, second = await floor.contact("c1"), await floor.contact("c2")
    assert (first["state"], first["outcome"]) == ("ended", "overflowed")
    assert (second["queue"], second["place"], second["state"]) == ("sales", place, "waiting")
    assert partners(await floor.ready("ana")) == [("c2", "ana")]


async def test_an_offered_contact_does_not_overflow_under_the_agents_hands(floor: Floor) -> None:
    """It is looked at again a second later."""
    await floor.ready("bob")
    (busy,) = offered(await floor.join("c0"))
    await floor.talk(busy)
    await floor.ready("ana")
    (offer,) = offered(await floor.join("c1", overflow_ms=5_000))
    await floor.later(5_000)
    ringing = (await floor.contact("c1"))["state"]
    await floor.decline(offer)
    await floor.later(1_000)

    assert ringing == "offered"
    assert (await floor.contact("c1"))["outcome"] == "overflowed"


async def test_a_caller_cut_off_has_the_place_back(floor: Floor) -> None:
    """Within a minute, in the same queue, once."""
    await floor.join("c1", caller="+1202", return_ms=60_000)
    place = (await floor.contact("c1"))["place"]
    await floor.join("c2", caller="+1303")
    await floor.leave("c1")
    floor.now_ms += 59_000

    assert (await floor.join("c3", caller="+1202")).facts == (place,)
    assert (await floor.join("c4", caller="+1202")).facts == (str(floor.now_ms),)


async def test_a_caller_who_returns_too_late_stands_behind(floor: Floor) -> None:
    """A second past the minute the place is gone."""
    await floor.join("c1", caller="+1202", return_ms=60_000)
    await floor.leave("c1")
    floor.now_ms += 61_000

    assert (await floor.join("c2", caller="+1202")).facts == (str(floor.now_ms),)


async def test_a_hundred_thousand_joins_of_one_number_are_held_back(floor: Floor) -> None:
    """Thirty a minute get in, the rest are refused by name and leave nothing behind; others are not affected."""
    tries = 100_000 if SOAK > 1 else 2_000
    tags = Counter[str]()
    for start in range(0, tries, 1_000):
        some = (Contact(f"c{start + n}", "billing", EASY, "+1900") for n in range(1_000))
        tags.update(one.tag for one in await asyncio.gather(*map(floor.joins, some)))
    held = (await floor.sound()).contacts
    other = await floor.join("other", caller="+1202")
    floor.now_ms += 60_000
    next_minute = await floor.join("next", caller="+1900")

    assert tags == {"joined": 30, "too_many_from_caller": tries - 30}
    assert len(held) == 30
    assert (other.tag, next_minute.tag) == ("joined", "joined")


SEVEN, TURNS = Requirement({"billing": 7}), Requirement({}, "round_robin")
BAD_CONTACTS: tuple[tuple[str, dict[str, Any], Refused], ...] = (
    ("an unregistered requirement", {"requirement": SEVEN}, Refused("unregistered", (SEVEN.text,))),
    ("a queue that does not exist", {"queue": "slaes"}, Refused("no_queue", ("slaes",))),
    ("an id that would break a list", {"id": "c1,c2"}, Refused("bad_name", ("c1,c2",))),
    ("an empty id", {"id": ""}, Refused("bad_name", ("",))),
    ("a negative time", {"overflow_ms": -1}, Refused("bad_time", ("-1",))),
    ("a time to come", {"since_ms": START_MS + 10**6}, Refused("bad_time", (str(START_MS + 10**6),))),
    ("relaxing to more", {"relax": ((5, HARD),)}, Refused("not_less", (HARD.text,))),
    ("relaxing backwards", {"relax": ((9, EASY), (5, EASY))}, Refused("bad_time", ("0", "9", "5"))),
    ("relaxing to what nobody registered", {"relax": ((5, TURNS),)}, Refused("unregistered", (TURNS.text,))),
    ("overflow to a chat", {"overflow_ms": 5, "overflow_to": ("sales", CHAT)}, Refused("other_channel", ("chat",))),
    ("overflow to nowhere", {"overflow_ms": 5, "overflow_to": ("slaes", EASY)}, Refused("no_queue", ("slaes",))),
    ("a priority beyond reason", {"priority": 10**9}, Refused("bad_priority", (str(10**9),))),
    ("a callback at no time", {"callback": "at_a_time"}, Refused("bad_promise", ("at_a_time",))),
    ("a callback of no kind", {"callback": "soon"}, Refused("bad_promise", ("soon",))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "refused"), [case[1:] for case in BAD_CONTACTS], ids=[case[0] for case in BAD_CONTACTS]
)
async def test_what_can_not_join_is_refused_by_name(floor: Floor, given: dict[str, Any], refused: Refused) -> None:
    """And nothing changes."""
    before = await floor.dump()
    words: dict[str, Any] = {"id": "c1", "queue": "billing", "requirement": EASY} | given

    assert await floor.joins(Contact(**words)) == refused
    assert await floor.dump() == before


async def test_what_can_not_sign_in_is_refused_by_name(floor: Floor) -> None:
    """An agent twice, an unknown skill, a level out of range, no room for anything, a name that is none."""
    await floor.ready("ana")
    before = await floor.dump()

    async def sign_in(name: str, skills: dict[str, int], **more: Any) -> Done | Refused:
        return await agents.sign_in(floor.redis, "main", name, skills, now_ms=floor.now_ms, **more)

    assert await sign_in("ana", {}) == Refused("there", ("ready",))
    assert await sign_in("bob", {"biling": 3}) == Refused("unknown_skill", ("biling",))
    assert await sign_in("bob", {"billing": 11}) == Refused("bad_level", ("billing", "11"))
    assert await sign_in("bob", {}, capacity={"voice": 0}) == Refused("bad_capacity", ("voice=0",))
    assert await sign_in("b|b", {}) == Refused("bad_name", ("b|b",))
    assert await floor.status("ana", "tired") == Refused("bad_status", ("tired",))
    assert await floor.status("nobody", "available") == Refused("unknown")
    assert await floor.dump() == before


async def test_times_before_time_are_refused(floor: Floor) -> None:
    """Everywhere: a clock that went mad must not order the line."""
    redis = floor.redis

    assert await contacts.leave(redis, "main", "c1", "abandoned", now_ms=-1) == Refused("bad_time", ("-1",))
    assert (await callbacks.promise(redis, "main", "c1", "later_today", at_ms=-5, now_ms=1)).tag == "bad_time"
    assert (await agents.seen(redis, "main", "ana", absent_ms=2**60, now_ms=1)).tag == "bad_time"
    assert (await offers.decline(redis, "main", Offer("c1", "ana", 1), "bored", now_ms=1)).tag == "bad_reason"


@pytest.mark.parametrize("text", ["billing", "billing:0", "billing:11", "billing:x", "Billing:1", "a b c:1:2"])
def test_skills_that_make_no_sense_are_named(text: str) -> None:
    """For whoever types them."""
    with pytest.raises(ValueError, match="is not a skill with a level from 1 to 10"):
        parse_skills(text)


async def test_too_many_requirements_are_refused_whole(floor: Floor) -> None:
    """Two thousand of a group; a program with more registers nothing."""
    many = [Requirement({f"s{number}": level}) for number in range(250) for level in range(1, 10)]
    before = await floor.dump()

    refused = await registry.register(floor.redis, "main", many, {}, now_ms=floor.now_ms)

    assert refused == Refused("too_many_requirements", ("2000",))
    assert await floor.dump() == before
