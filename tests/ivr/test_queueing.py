"""Callers who wait in a queue: what they hear, how they leave it, and what becomes of their contacts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from flows.center import Center
from flows.events import Answered, CallStarted, EffectFailed, FellBack, HungUp, NothingHeard
from flows.instructions import Observe
from flows.kinds.queue import HOLD_MUSIC
from flows.program import Program
from flows.session import Session
from ivr.acts.errands import LeaveQueue
from ivr.calls import Move, errands_of
from ivr.closures import Closures
from ivr.exchange import Exchange, Happened
from ivr.journal import repeat_call
from ivr.queuekeeper import CLAIM_MS, READERS
from ivr.queues import moving
from ivr.sessions import CallRecord
from ivr.simulator import Number
from ivr.twilio.links import Links
from routing import agents, contacts, keys
from routing.answers import Done
from routing.redis import Call
from tests.support.engine import keys_like
from tests.support.house import NUMBER
from tests.support.queueing import WAIT, queue_workspace
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from flows.events import Event
    from tests.support.house import House
    from tests.support.telephone import Caller


async def sign_in(house: House, name: str, level: int, *, status: str = "available") -> None:
    done = await agents.sign_in(house.redis, "main", name, {"billing": level}, now_ms=house.clock.now_ms())
    assert isinstance(done, Done), done
    await agents.set_status(house.redis, "main", name, status, now_ms=house.clock.now_ms())


async def contact_of(house: House, caller: Caller) -> dict[str, str]:
    """The caller's contact as routing has it; empty when it knows none."""
    found = await house.redis.execute("HGETALL", f"{keys.base()}contact:{caller.call_sid}-0")
    texts = [part.decode(errors="replace") for part in found]
    return dict(zip(texts[::2], texts[1::2], strict=True))


async def ended_as(house: House, caller: Caller, outcome: str) -> None:
    async def is_so() -> bool:
        return (await contact_of(house, caller)).get("outcome") == outcome

    await eventually(is_so, f"the contact to end as {outcome}")


@pytest.fixture
async def queueing(house: House) -> House:
    """A house with one queue, in which somebody on break is signed in."""
    await house.publish(queue_workspace())
    await sign_in(house, "ana", 5, status="on_break")
    return house


async def test_a_caller_hears_music_and_now_and_then_a_sentence(queueing: House) -> None:
    """The line is never dead: music, and half a minute later a sentence that thanks them for their patience."""
    caller = queueing.caller()

    await caller.dials(NUMBER)
    await caller.hears(WAIT)
    await caller.stays_silent()
    await caller.stays_silent()
    await caller.hears("Thank you for your patience.")

    assert any(heard.kind == "play" for heard in caller.telephone.heard)
    assert (await contact_of(queueing, caller))["state"] == "waiting"


async def test_a_queue_without_music_plays_our_own(house: House) -> None:
    """Every server has it, whatever was published; the flow names it by the hash of its bytes."""
    found = await house.server.programs.audio(HOLD_MUSIC)

    assert found is not None
    assert found[0] == "audio/wav"
    assert sha256(found[1]).hexdigest() == HOLD_MUSIC


async def test_waiting_costs_no_entries_and_no_turns(queueing: House) -> None:
    """A hold turn in which nothing happened is neither written down nor counted, and is a sign of life."""
    caller = queueing.caller()
    await caller.dials(NUMBER)
    await caller.stays_silent()
    await caller.stays_silent()
    await caller.stays_silent()
    entries = await queueing.journal(caller.call_sid)
    record = await queueing.server.desk._sessions.load(caller.call_sid)
    contact = await contact_of(queueing, caller)

    assert [entry.turn for entry in entries] == [0, 1]
    assert record is not None
    assert record.turn > 2
    assert record.session.turns == 2
    assert int(contact["since"]) < int(contact["seen"]) <= queueing.clock.now_ms()


async def test_who_hangs_up_has_abandoned(queueing: House) -> None:
    """The contact ends with the call, and nobody is offered a caller who has gone."""
    caller = queueing.caller()
    await caller.dials(NUMBER)
    await caller.hears(WAIT)
    await caller.hangs_up()

    await ended_as(queueing, caller, "abandoned")


async def test_whose_time_is_up_goes_on_at_once(queueing: House) -> None:
    """After two minutes the caller is moved out of the music, to the step that ``overflow`` names."""
    caller = queueing.caller()
    await caller.dials(NUMBER)
    await caller.hears(WAIT)
    await queueing.time.advance(121)
    await caller.hears("Nobody was free in time.")
    await caller.presses("1")

    await caller.hears("Thank you.")
    await ended_as(queueing, caller, "overflowed")


async def test_nobody_is_queued_for_people_who_are_not_there(house: House) -> None:
    """Without anybody signed in the caller hears so at once."""
    await house.publish(queue_workspace())
    caller = house.caller()

    await caller.dials(NUMBER)
    await caller.hears("Nobody is there.")


async def test_a_full_queue_takes_no_more(queueing: House) -> None:
    """Two wait; the third is told."""
    for number in ("+12025550143", "+12025550144"):
        caller = queueing.caller(number)
        await caller.dials(NUMBER)
        await caller.hears(WAIT)
    third = queueing.caller("+12025550145")
    await third.dials(NUMBER)

    await third.hears("Too many are waiting.")


async def test_a_closed_queue_takes_nobody(queueing: House) -> None:
    """Outside its hours, and while they are closed by hand, nobody joins."""
    closures = Closures(queueing.redis, queueing.clock)
    await closures.close("office", until_ms=queueing.clock.now_ms() + 60_000, say={}, by="ana")
    caller = queueing.caller()

    await caller.dials(NUMBER)
    await caller.hears("We are closed.")


@pytest.mark.parametrize(("closing", "state"), [("serve", "waiting"), ("overflow", "ended")])
async def test_who_waits_when_the_hours_end_stays_or_leaves(house: House, closing: str, state: str) -> None:
    """As the queue says: whoever was let in is served, or all of them go on at once."""
    files = queue_workspace()
    center = files["center.yaml"].replace("    hours: office\n", f"    hours: office\n    closing: {closing}\n")
    await house.publish(files | {"center.yaml": center})
    await sign_in(house, "ana", 5, status="on_break")
    caller = await waiting(house)
    closures = Closures(house.redis, house.clock)
    await closures.close("office", until_ms=house.clock.now_ms() + 3_600_000, say={}, by="ana")
    await house.time.advance(2)
    await (caller.hears("Nobody was free in time.") if closing == "overflow" else caller.stays_silent())

    assert (await contact_of(house, caller))["state"] == state


async def test_who_waits_is_offered_and_keeps_the_place(queueing: House) -> None:
    """An agent who is ready is offered the first in line; when that is missed, the caller stands where he did."""
    caller = queueing.caller()
    await caller.dials(NUMBER)
    await caller.hears(WAIT)
    place = (await contact_of(queueing, caller))["place"]
    await agents.set_status(queueing.redis, "main", "ana", "available", now_ms=queueing.clock.now_ms())
    offered = await contact_of(queueing, caller)
    await queueing.time.advance(21)

    async def waits_again() -> dict[str, Any] | None:
        found = await contact_of(queueing, caller)
        return found if found["gen"] != "1" or found["state"] == "waiting" else None

    again = await eventually(waits_again, "the offer to expire")

    assert (offered["state"], offered["agent"]) == ("offered", "ana")
    assert again["place"] == place


# ---------------------------------------------------------------------- moved, while something else happens


async def waiting(house: House, number: str = "+12025550143") -> Caller:
    caller = house.caller(number)
    await caller.dials(NUMBER)
    await caller.hears(WAIT)
    return caller


async def is_read(house: House) -> bool:
    return bool(await house.redis.execute("XINFO", "GROUPS", f"{keys.base()}journal"))


async def move(house: House, caller: Caller) -> Move:
    """As routing's journal has it moved."""
    contact = f"{caller.call_sid}-0"
    return await house.server.desk.move(caller.call_sid, contact, moving(contact, "overflowed"))


@pytest.mark.parametrize("number", [f"+1202555014{last}" for last in range(4)])
async def test_a_key_pressed_as_the_call_is_moved(queueing: House, number: str) -> None:
    """Whichever comes first, the call is moved once, and hears where it was moved to."""
    caller = await waiting(queueing, number)
    _, moved = await asyncio.gather(caller.telephone.press("5"), move(queueing, caller))
    await caller.hears("Nobody was free in time.")
    told = [one.event for entry in await queueing.journal(caller.call_sid) for one in entry.happened]

    assert moved is Move.MOVED
    assert told.count(moving(f"{caller.call_sid}-0", "overflowed")) == 1


@pytest.mark.parametrize("number", [f"+1202555014{last}" for last in range(4)])
async def test_a_hang_up_as_the_call_is_moved(queueing: House, number: str) -> None:
    """Whichever comes first, the call ends, and its contact with it."""
    caller = await waiting(queueing, number)
    await asyncio.gather(caller.hangs_up(), move(queueing, caller))

    async def has_ended() -> bool:
        record = await queueing.server.desk._sessions.load(caller.call_sid)
        return record is not None and record.session.ended == "hung_up"

    await eventually(has_ended, "the session to end")


async def test_a_call_is_moved_once(queueing: House) -> None:
    """Told again, by another process or a journal read twice, the call stays where it is."""
    caller = await waiting(queueing)

    assert await move(queueing, caller) is Move.MOVED
    assert await move(queueing, caller) is Move.GONE


async def test_a_call_that_the_provider_will_not_move_goes_on_by_itself(queueing: House) -> None:
    """The update gets nowhere; the music's end leads to the same turn."""
    caller = await waiting(queueing)
    deaf = await queueing.open(twilio_api_url="http://127.0.0.1:1")
    contact = f"{caller.call_sid}-0"
    await deaf.desk.move(caller.call_sid, contact, moving(contact, "overflowed"))
    await caller.stays_silent()

    await caller.hears("Nobody was free in time.")


async def test_an_update_left_behind_is_made_by_another_process(queueing: House) -> None:
    """Killed between the commit and the update: two seconds later another process makes it."""
    caller = await waiting(queueing)
    deaf = await queueing.open(twilio_api_url="http://127.0.0.1:1")
    contact = f"{caller.call_sid}-0"
    await deaf.desk.move(caller.call_sid, contact, moving(contact, "overflowed"))
    await deaf.stop()  # waits for its own attempt, which comes to nothing
    await queueing.time.advance(2.1)

    await caller.hears("Nobody was free in time.")


async def test_an_entry_that_a_dead_process_read_is_told_by_another(queueing: House) -> None:
    """Killed between reading and moving: within two seconds another claims what it had in hand."""
    caller = await waiting(queueing)
    group, contact = keys.base(), f"{caller.call_sid}-0"
    await eventually(lambda: is_read(queueing), "somebody to read the journal")
    await contacts.leave(queueing.redis, "main", "nobody", "failed", now_ms=queueing.clock.now_ms())  # known by hash
    began = asyncio.get_running_loop().time()
    await queueing.redis.pipeline(
        [
            Call(contacts.LEAVE, [group], [queueing.clock.now_ms(), contact, "overflowed"]),
            ("XREADGROUP", "GROUP", READERS, "dead", "COUNT", 100, "STREAMS", f"{group}journal", ">"),
        ]
    )
    await caller.hears("Nobody was free in time.")

    assert CLAIM_MS / 1000 <= asyncio.get_running_loop().time() - began < 4


async def test_a_call_that_was_over_is_found_to_be(queueing: House) -> None:
    """Nobody told of the hang-up; the provider does when the call is to be moved."""
    queueing.network.numbers[NUMBER] = Number(Links(queueing.server.base_url).voice)  # without a status callback
    caller = await waiting(queueing)
    await caller.hangs_up()
    await queueing.time.advance(121)

    async def has_ended() -> bool:
        record = await queueing.server.desk._sessions.load(caller.call_sid)
        return record is not None and record.session.ended == "hung_up"

    await eventually(has_ended, "the session to end")


async def test_a_call_that_waited_repeats_itself_from_its_journal(queueing: House) -> None:
    """Hold turns are not in it, and nothing that was written down depends on them."""
    caller = await waiting(queueing)
    await caller.stays_silent()
    await caller.stays_silent()
    await queueing.time.advance(121)
    await caller.hears("Nobody was free in time.")
    await caller.presses("1")
    await caller.hears("Thank you.")
    program, entries = queueing.server.programs.live, await queueing.journal(caller.call_sid)
    assert program is not None
    repeated = repeat_call(entries, lambda _id: program)

    assert [one.said for one in repeated] == [one.entry.said for one in repeated]
    assert repeated[-1].session.ended == "finished"
    assert entries[-1].turn > len(entries)


async def test_another_server_moves_who_waits(queueing: House) -> None:
    """No server keeps a caller to itself: the one that took the call is gone when the time is up."""
    caller = await waiting(queueing)
    port = int(queueing.server.base_url.rpartition(":")[2])
    await queueing.server.stop()
    await queueing.open(listen_on=port)
    await queueing.time.advance(121)

    await caller.hears("Nobody was free in time.")


async def test_a_contact_that_is_lost_joins_again_with_its_place(queueing: House) -> None:
    """A store that lost its last writes knows nothing of who waits; they know, and keep their place."""
    caller = await waiting(queueing)
    base, before = keys.base(), await contact_of(queueing, caller)
    await queueing.redis.execute(
        "DEL", f"{base}contact:{caller.call_sid}-0", f"{base}line:{before['req']}", f"{base}heads", f"{base}waiting"
    )
    await caller.stays_silent()
    await caller.hears(WAIT)
    found = await keys_like(queueing.redis, f"{base}contact:*")
    again = await queueing.redis.execute("HMGET", found[0], "state", "since")

    assert len(found) == 1
    assert again[0] == b"waiting"
    assert int(again[1]) - int(before["since"]) < 1_000


# ---------------------------------------------------------------------- what a call leaves behind

BEFORE = Session("p", "CA1", "", NUMBER, "en-US", "main", "wait", 0, memory={"contact": "CA1-0", "group": "main"})
GONE = replace(BEFORE, ended="hung_up")
AWAY = replace(BEFORE, step="ask", memory={})
JOINED = Answered({"outcome": "joined", "contact": "CA1-0", "group": "main"})


@pytest.mark.parametrize(
    ("before", "after", "event", "left"),
    [
        (BEFORE, BEFORE, NothingHeard(), []),
        (BEFORE, GONE, HungUp(), ["abandoned"]),
        (BEFORE, AWAY, FellBack(), ["failed"]),
        (BEFORE, AWAY, EffectFailed("unknown"), ["failed"]),
        (BEFORE, replace(AWAY, ended="failed"), NothingHeard(), ["failed"]),
        (BEFORE, AWAY, moving("CA1-0", "overflowed"), []),
        (BEFORE, replace(BEFORE, memory={"contact": "CA1-7"}), Answered({"outcome": "lost"}), []),
        (GONE, GONE, JOINED, ["abandoned"]),
        (AWAY, replace(AWAY, ended="hung_up"), HungUp(), []),
        (None, BEFORE, CallStarted(), []),
    ],
    ids=[
        *(
            "it waits on",
            "hung up",
            "a bug",
            "a join nobody could tell of",
            "given up",
            "its time was up",
            "it was lost",
        ),
        *("hung up before it had joined", "it waited no more", "its first turn"),
    ],
)
def test_a_contact_ends_with_its_calls_waiting(
    before: Session | None, after: Session, event: Event, left: list[str]
) -> None:
    """Whichever way a call stops to wait; and not again where routing said so itself."""
    record = None if before is None else CallRecord(3, before)
    exchange = Exchange(Program("p", Center(), {}), after, 0, 0.0, happened=[Happened(event)])
    errands = [one.instruction for one in errands_of(exchange, 4, record, ours=False)]

    assert [one.outcome for one in errands if isinstance(one, LeaveQueue)] == left
    assert len(errands) == len(left)


async def test_a_step_may_go_by_how_the_queue_stands(queueing: House) -> None:
    """Waiting, ready, signed in, the longest wait and the call's own place; no estimate without evidence."""
    await waiting(queueing)
    await queueing.time.advance(5)
    second = await waiting(queueing, "+12025550144")
    observer = queueing.server.desk._effects._observer
    found = await observer.ask(
        Observe(second.call_sid, queues=("billing", "nothing"), contact=f"{second.call_sid}-0"), within_s=5
    )

    assert isinstance(found, Answered)
    figures = found.value["queues"]
    assert list(figures) == ["billing"]
    assert figures["billing"].pop("longest_s") >= 5
    assert figures["billing"] == {"waiting": 2, "ready": 0, "signed_in": 1, "ewt_s": None, "position": 2}
