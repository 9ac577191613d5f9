"""Our scripts: header, wrapper and text say the same, and a refusal changes nothing."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from flows.instructions import SendMessage
from flows.session import Session
from ivr import closures, keys, sessions, versions
from ivr.acts import PendingAct
from ivr.acts.errands import LeaveQueue, MoveCall, RingAgent
from ivr.clock import SystemClock
from ivr.closures import Closures
from ivr.meeting import legs
from ivr.meeting.legs import Legs
from ivr.sessions import Commit, Sessions
from ivr.versions import Act, Versions
from tests.support.engine import keys_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.redis import Redis, Reply
    from routing.scripts import Script

SCRIPTS = (sessions.COMMIT, sessions.CLAIM, sessions.MARK, closures.CLOSE, closures.OPEN, versions.PUBLISH, legs.RING)
ACT = PendingAct("CA1.1", "CA1", SendMessage("+12025550143", "+12025550100", "Hello."))
SESSION = Session("p", "CA1", "+12025550143", "+12025550100", "en-US", "main", "ask", 0)
PART = keys.partition("CA1")


@pytest.fixture
def heard(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Script, int, int, bytes]]:
    """What the client's scripts are called with and what they answer, noted from now on."""
    noted = []
    run = redis.run

    async def listen(script: Script, keys: Sequence[Any], args: Sequence[Any]) -> Reply:
        reply = await run(script, keys, args)
        noted.append((script, len(keys), len(args), reply[0]))
        return reply

    monkeypatch.setattr(redis, "run", listen)
    return noted


def turn(number: int, expected: int | None, **fields: Any) -> Commit:
    return Commit(SESSION, number, expected, b"<Response/>", **fields)


def naming(number: int, expected: int | None) -> Commit:
    return turn(number, expected, entry=b"{}", act_id=ACT.act_id, act=ACT, take_over_ms=1_000, unheard="<Say/>")


async def everything(redis: Redis) -> list[Any]:
    """All that is stored, to be compared."""
    commands = [("HGETALL", keys.call("CA1")), ("XRANGE", keys.journal(PART), "-", "+")]
    commands += [("HGETALL", keys.outbox(PART)), ("ZRANGE", keys.outbox_due(PART), "0", "-1", "WITHSCORES")]
    return list(await redis.pipeline(commands))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_returns_what_its_header_says(script: Script) -> None:
    """Each tag in RETURNS is returned somewhere, and no other; names of keys and arguments are those unpacked."""
    unpacked = re.findall(r"^local ([\w, ]+) = unpack\((\w+)\)$", script.text, re.MULTILINE)

    assert set(re.findall(r"return \{'(\w+)'", script.text)) == set(script.header.tags)
    assert {source: tuple(names.split(", ")) for names, source in unpacked} == {
        "KEYS": script.header.keys,
        "ARGV": script.header.argv,
    }


async def test_every_script_is_called_as_its_header_says(
    redis: Redis, heard: list[tuple[Script, int, int, bytes]]
) -> None:
    """In a history that meets every answer: as many keys and arguments as it names, and only its own tags."""
    calls = Sessions(redis)
    await calls.commit(turn(0, 3))  # gone
    await calls.commit(naming(0, None))
    await calls.commit(turn(0, None))  # answered
    await calls.commit(turn(9, 7))  # behind
    await calls.claim(PART, ACT.act_id, now_ms=0, next_ms=1)  # not due
    await calls.claim(PART, ACT.act_id, now_ms=1_000, next_ms=2_000)
    await calls.mark(ACT, read_posts=0, take_over_ms=3_000)
    await calls.mark(ACT, read_posts=1, take_over_ms=3_000)  # overtaken
    await calls.commit(turn(1, 0, done=ACT.act_id))
    await calls.mark(ACT, read_posts=0, take_over_ms=3_000)  # settled
    hours = Closures(redis, SystemClock())
    await hours.close("office", until_ms=SystemClock().now_ms() + 60_000, say={}, by="ana")
    await asyncio.gather(hours.open("office", by="ana"), hours.open("office", by="luis"))  # one of them not closed
    programs = Versions(redis, SystemClock())
    await programs.publish("p1", {}, {}, Act("ana", ""))
    await programs.publish("p1", {}, {}, Act("ana", ""))  # already
    await programs.publish("p2", {}, {}, Act("ana", "", if_live="none"))  # overtaken
    await programs.bring_back("p3", Act("ana", ""))  # gone
    ring = RingAgent("main", "CA1-0", "ana", 1, "+12025550170", "+12025550100")
    await Legs(redis).name(ring, now_ms=0)
    await Legs(redis).name(ring, now_ms=0)  # there
    met = {script.name: {tag.decode() for one, _, _, tag in heard if one is script} for script in SCRIPTS}

    assert met == {script.name: set(script.header.tags) for script in SCRIPTS}
    assert all((keys, args) == (len(script.header.keys), len(script.header.argv)) for script, keys, args, _ in heard)


@pytest.mark.parametrize(
    ("number", "expected", "outcome"),
    [(2, None, "behind"), (0, None, "answered"), (1, 0, "answered"), (0, 5, "answered"), (3, 2, "behind")],
)
async def test_a_refused_commit_changes_nothing(redis: Redis, number: int, expected: int | None, outcome: str) -> None:
    """Answered before, or read at another turn: session, journal and outbox stay as they are."""
    calls = Sessions(redis)
    assert await calls.commit(turn(0, None, entry=b"{}")) == "done"
    assert await calls.commit(turn(1, 0, entry=b"{}")) == "done"
    before = await everything(redis)

    assert await calls.commit(naming(number, expected)) == outcome
    assert await everything(redis) == before


async def test_a_call_that_is_gone_is_not_made_again_by_a_late_commit(redis: Redis) -> None:
    """Whoever read a session that is no longer there must look again."""
    assert await Sessions(redis).commit(naming(5, 4)) == "gone"
    assert await keys_like(redis) == []


async def test_errands_of_a_commit_stand_in_the_outbox_beside_its_act(redis: Redis) -> None:
    """Each to be taken over like an act; the act under way is the call's own alone."""
    errands = (
        PendingAct("CA1.1.leave", "CA1", LeaveQueue("CA1-0", "main", "abandoned")),
        PendingAct("CA1.1.move", "CA1", MoveCall(1)),
    )
    calls = Sessions(redis)
    await calls.commit(turn(0, None, entry=b"{}", errands=errands, take_over_ms=1_000))
    record = await calls.load("CA1")
    claimed = [await calls.claim(PART, one.act_id, now_ms=1_000, next_ms=3_000) for one in errands]

    assert record is not None
    assert record.act_id == ""
    assert claimed == list(errands)


async def test_an_act_is_claimed_by_one_and_not_before_it_is_due(redis: Redis) -> None:
    """The second finds it not due; one that is not in the outbox is taken off the list."""
    calls = Sessions(redis)
    await calls.commit(naming(0, None))
    before = await everything(redis)
    early = await calls.claim(PART, ACT.act_id, now_ms=999, next_ms=9_000)
    assert (early, await everything(redis)) == (None, before)

    first = await calls.claim(PART, ACT.act_id, now_ms=1_000, next_ms=3_000)
    claimed = await everything(redis)
    second = await calls.claim(PART, ACT.act_id, now_ms=1_000, next_ms=3_000)

    assert (first, second) == (ACT, None)
    assert await everything(redis) == claimed
    await redis.execute("HDEL", keys.outbox(PART), ACT.act_id)
    assert await calls.claim(PART, ACT.act_id, now_ms=5_000, next_ms=9_000) is None
    assert await redis.execute("EXISTS", keys.outbox_due(PART)) == 0


async def test_an_act_is_taken_further_by_one(redis: Redis) -> None:
    """Whoever read it before another began a request, or after it was answered, changes nothing."""
    calls = Sessions(redis)
    asked = PendingAct(ACT.act_id, ACT.call_sid, ACT.instruction, posts=1, posted_ms=500)
    await calls.commit(naming(0, None))
    assert await calls.mark(asked, read_posts=0, take_over_ms=10_500)
    before = await everything(redis)
    assert not await calls.mark(asked, read_posts=0, take_over_ms=20_000)
    assert await everything(redis) == before

    await calls.forget("CA1", ACT.act_id)
    before = await everything(redis)
    assert not await calls.mark(asked, read_posts=1, take_over_ms=20_000)
    assert await everything(redis) == before
