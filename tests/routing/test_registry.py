"""Requirements are known beforehand; agents who are signed in follow what is registered."""

from __future__ import annotations

from routing import agents, deadlines, registry
from routing.answers import Done, Refused
from routing.keys import base
from routing.registry import Policy, read_registry
from routing.requirements import Requirement, bitmap, parse
from tests.routing.floor import EASY, HARD, Floor, partners

NEW = Requirement({"billing": 3, "spanish": 2}, "most_skilled")


def test_a_requirement_is_read_back_from_its_text() -> None:
    """Canonical, so that equal ones share a line."""
    assert parse(NEW.text) == NEW == Requirement({"spanish": 2, "billing": 3}, "most_skilled")
    assert NEW.text == "voice|most_skilled|billing:3,spanish:2"


def test_a_bitmap_holds_numbers() -> None:
    """Bit r % 8 of byte r // 8."""
    assert bitmap([]) == b""
    assert bitmap([0, 9, 3]) == b"\x09\x02"


async def test_agents_at_work_serve_what_a_new_program_requires(floor: Floor) -> None:
    """Published while they are signed in: they are refitted, and their next contact may be of the new kind."""
    await agents.sign_in(floor.redis, "main", "ana", {"billing": 5, "spanish": 5}, now_ms=floor.now_ms)
    await floor.status("ana", "available")
    registered = await registry.register(floor.redis, "main", [NEW], {}, now_ms=floor.now_ms)

    assert registered == Done("registered", ("2", "1"))
    assert partners(await floor.join("c1", NEW)) == [("c1", "ana")]
    assert await floor.redis.execute("ZCARD", f"{base()}due") == 1


async def test_a_publisher_that_died_leaves_the_refit_to_the_sweep(floor: Floor) -> None:
    """Registered, but nobody refitted: a second later whoever sweeps does it, and whoever waits is offered."""
    await agents.sign_in(floor.redis, "main", "ana", {"billing": 5, "spanish": 5}, now_ms=floor.now_ms)
    await floor.status("ana", "available")
    arguments = (floor.now_ms, f'["{NEW.text}"]', "{}", "[]", 2_000)
    await floor.redis.run(registry.REGISTER, [base()], arguments)
    waits = await floor.join("c1", NEW)

    assert partners(waits) == []
    assert partners(await floor.later(1_000)) == [("c1", "ana")]


async def test_nothing_new_changes_no_version(floor: Floor) -> None:
    """Publishing the same again, or only another policy, disturbs no agent."""
    before = (await read_registry(floor.redis, "main")).version
    again = await registry.register(floor.redis, "main", [EASY], {"billing": Policy(misses=1)}, now_ms=floor.now_ms)

    assert again.facts == (str(before), "0")
    assert await floor.redis.execute("HGET", f"{base()}queue:billing", "misses") == b"1"


async def test_an_agent_matched_with_an_old_registry_is_matched_again(floor: Floor) -> None:
    """The script refuses ``stale`` bits; the wrapper does it again by itself."""
    old = await read_registry(floor.redis, "main")
    await registry.register(floor.redis, "main", [NEW], {}, now_ms=floor.now_ms)
    matched = old.match({"billing": 5}, {"voice": 1})
    arguments = (floor.now_ms, "ana", "billing:5", matched.bits, matched.ranks, matched.version, "voice=1", "")

    assert (await floor.redis.run(agents.SIGN_IN, [base()], arguments))[0] == b"stale"
    assert isinstance(await agents.sign_in(floor.redis, "main", "ana", {"billing": 5}, now_ms=floor.now_ms), Done)


async def test_other_skills_count_at_once(floor: Floor) -> None:
    """Skilled up while ready: whoever waited for that is offered; down: they are found no more."""
    await floor.ready("ana", billing=1)
    await floor.join("c1", HARD)
    up = await agents.set_skills(floor.redis, "main", "ana", {"billing": 6}, now_ms=floor.now_ms)
    await floor.leave("c1")
    await agents.set_skills(floor.redis, "main", "ana", {"billing": 1}, now_ms=floor.now_ms)

    assert partners(up) == [("c1", "ana")]
    assert partners(await floor.join("c2", HARD)) == []
    assert partners(await floor.join("c3", EASY)) == [("c3", "ana")]


async def test_other_skills_of_nobody_are_refused(floor: Floor) -> None:
    """Not signed in, or a skill nobody knows."""
    await floor.ready("ana")

    assert await agents.set_skills(floor.redis, "main", "bob", {}, now_ms=1) == Refused("unknown")
    assert await agents.set_skills(floor.redis, "main", "ana", {"x": 1}, now_ms=1) == Refused("unknown_skill", ("x",))


async def test_two_sweepers_are_harmless(floor: Floor) -> None:
    """What one did, the other finds done."""
    await floor.ready("ana", "bob")
    await floor.join("c1")
    floor.now_ms += 20_000
    due = await floor.redis.execute("ZRANGE", f"{base()}due", 0, -1)
    first = await deadlines.sweep(floor.redis, "main", now_ms=floor.now_ms)
    again = await deadlines._happen(floor.redis, "main", due[0].decode(), floor.now_ms)

    assert (len(first), again) == (1, Refused("late", ("offered",)))
    await floor.sound()
