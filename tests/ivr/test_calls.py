"""The call desk: every turn is answered once, whatever the network, Redis or our own code does."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest

from flows.events import CallStarted, HungUp, KeysPressed
from ivr import keys
from ivr.journal import repeat_call
from tests.support.engine import embedded_valkey
from tests.support.house import a_house
from tests.support.waiting import eventually
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from flows.program import Program
    from tests.support.house import House
    from tests.support.posting import Poster


@pytest.fixture
async def answering(house: House) -> House:
    """A house that answers with the small workspace."""
    await house.publish(small_workspace())
    return house


async def turn_of(house: House, call_sid: str = "CA1") -> int:
    return int(await house.redis.execute("HGET", keys.call(call_sid), "turn"))


# -------------------------------------------------------------------------------------------- once


async def test_a_call_arrives_and_is_led_to_its_next_turn(answering: House, poster: Poster) -> None:
    """The first document greets, asks, and has only continuations to turn 1, each with the retry fragment."""
    reply = await poster.voice(CallStatus="ringing")
    urls = re.findall(r"http://[^<\"]+", reply.text)

    assert "Hello there." in reply.text
    assert set(urls) == {f"{answering.server.base_url}/twilio/calls/CA1/turns/1#rc=2&amp;rp=ct,rt,5xx&amp;rt=9000"}


@pytest.mark.every_redis
async def test_a_webhook_that_comes_twice_moves_nothing_twice(answering: House, poster: Poster) -> None:
    """Arrival, turn and status, each posted again: the same bytes, one entry in the journal each."""
    arrival = [await poster.voice(CallStatus="ringing") for _time in range(2)]
    turn = [await poster.turn(1, Digits="9") for _time in range(2)]
    over = [await poster.status() for _time in range(2)]

    assert arrival[0] == arrival[1]
    assert turn[0] == turn[1]
    assert "That is no choice." in turn[0].text
    assert over[0] == over[1]
    assert [entry.turn for entry in await answering.journal("CA1")] == [0, 1, 2]


async def test_fifty_at_once_at_two_servers_have_one_answer(answering: House, poster: Poster) -> None:
    """One turn delivered fifty times to two servers, with different keys: one document, one entry."""
    other = await answering.open(public_url=answering.server.base_url)
    other.base_url = answering.server.base_url
    for number in range(10):
        call = poster.call(f"CA{number}")
        await call.voice()
        replies = await asyncio.gather(
            *(call.at([answering.server, other][copy % 2]).turn(1, Digits=str(copy % 10)) for copy in range(50))
        )

        assert len({reply.text for reply in replies}) == 1
        assert len(await answering.journal(f"CA{number}")) == 2
        assert await turn_of(answering, f"CA{number}") == 1


async def test_fifty_arrivals_at_once_begin_one_call(answering: House, poster: Poster) -> None:
    """The first webhook is a turn like any other."""
    replies = await asyncio.gather(*(poster.voice() for _copy in range(50)))

    assert len({reply.text for reply in replies}) == 1
    assert len(await answering.journal("CA1")) == 1


async def test_an_older_turn_gets_the_present_document(answering: House, poster: Poster) -> None:
    """A late retry of a turn that others have passed is answered with where the call stands."""
    await poster.voice()
    await poster.turn(1, Digits="9")
    present = await poster.turn(2, Digits="9")

    assert await poster.turn(1, Digits="3") == present
    assert await poster.turn(0) == present
    assert await poster.voice() == present
    assert await turn_of(answering) == 2


async def test_a_turn_that_never_was_gets_the_present_document(answering: House, poster: Poster) -> None:
    """Redis lost the last moment, or somebody counts wrong: the caller hears the last prompt again."""
    present = await poster.voice()

    assert await poster.turn(7, Digits="1") == present
    assert await turn_of(answering) == 0


# -------------------------------------------------------------------------------------------- ends


@pytest.mark.parametrize("door", ["status", "turn"])
async def test_completed_is_a_hang_up_whatever_its_turn(answering: House, poster: Poster, door: str) -> None:
    """The status callback or a late action with CallStatus=completed ends the session, once."""
    await poster.voice()
    for _time in range(2):
        reply = await (
            poster.status() if door == "status" else poster.turn(40, CallStatus="completed", Digits="hangup")
        )

        assert reply.text.endswith("<Response></Response>")
    happened = [one.event for entry in await answering.journal("CA1") for one in entry.happened]

    assert happened == [CallStarted(), HungUp()]


async def test_a_status_that_is_not_the_end_changes_nothing(answering: House, poster: Poster) -> None:
    """Ringing and in-progress are told too; nothing follows from them."""
    await poster.voice()
    await poster.status(CallStatus="in-progress")

    assert await turn_of(answering) == 0


async def test_the_end_of_a_call_we_know_nothing_of_is_no_news(answering: House, poster: Poster) -> None:
    """A status callback without a session is accepted and forgotten."""
    reply = await poster.status()

    assert reply.status == 200
    assert await answering.journal("CA1") == []


@pytest.mark.every_redis
async def test_a_key_and_a_hang_up_at_once_both_count(answering: House, poster: Poster) -> None:
    """Whichever is first, the other looks again: the call ends, and no turn is answered twice."""
    for number in range(20):
        call = poster.call(f"CA{number}")
        await call.voice()
        await asyncio.gather(call.turn(1, Digits="9"), call.status())
        entries = await answering.journal(f"CA{number}")

        assert HungUp() in [one.event for entry in entries for one in entry.happened]
        assert [entry.turn for entry in entries] == list(range(len(entries)))


# -------------------------------------------------------------------------------------------- what is lost


async def test_a_call_whose_session_is_lost_begins_anew_where_it_comes(answering: House, poster: Poster) -> None:
    """An emptied Redis: the flow begins again, at the turn that was asked for, and repeats of it stay answered once."""
    await poster.voice()
    await answering.redis.execute("DEL", keys.call("CA1"))
    again = await poster.turn(5, Digits="1")

    assert "Hello there." in again.text
    assert "/turns/6#" in again.text
    assert await poster.turn(5, Digits="1") == again


async def test_a_call_whose_program_is_lost_begins_the_live_one(answering: House, poster: Poster) -> None:
    """A session that names a program nobody has any more goes on with what is live."""
    await poster.voice()
    await change_session(answering, program="0" * 64)
    reply = await poster.turn(1, Digits="9")

    assert "Hello there." in reply.text
    assert await turn_of(answering) == 1


@pytest.mark.parametrize("version", [1, 99])
async def test_a_session_of_another_version_goes_on_at_the_fallback(
    answering: House, poster: Poster, version: int
) -> None:
    """A rolling upgrade: what this version cannot read is answered with an apology and the fallback."""
    await poster.voice()
    await change_session(answering, format=version)
    reply = await poster.turn(1, Digits="9")

    assert "something went wrong on our side" in reply.text
    assert "Please ring us tomorrow." in reply.text


@pytest.mark.usefixtures("answering")
async def test_a_number_that_nobody_named_is_answered_by_the_fallback(poster: Poster) -> None:
    """A call to a number the centre forgot to list."""
    assert "Please ring us tomorrow." in (await poster.voice(To="+12025550199")).text


# -------------------------------------------------------------------------------------------- our own bugs


async def test_a_bug_of_ours_is_an_apology_and_the_fallback(answering: House, poster: Poster) -> None:
    """A step that does not exist breaks the engine: the caller hears so and goes on; the journal marks the event."""
    await poster.voice()
    await change_session(answering, step="nowhere")
    reply = await poster.turn(1, Digits="1")
    entry = (await answering.journal("CA1"))[-1]

    assert "something went wrong on our side" in reply.text
    assert "Please ring us tomorrow." in reply.text
    assert (entry.happened[0].event, entry.happened[0].failed) == (KeysPressed("1"), True)


async def change_session(house: House, **fields: object) -> None:
    """Change the stored session of CA1 behind the server's back."""
    session = orjson.loads(await house.redis.execute("HGET", keys.call("CA1"), "session"))
    await house.redis.execute("HSET", keys.call("CA1"), "session", orjson.dumps(session | fields))


@pytest.mark.parametrize("then", ["ask", "address"])
async def test_a_document_too_long_for_the_provider_is_never_sent(house: House, poster: Poster, then: str) -> None:
    """Twilio reads 64 kB: a flow that says more falls back, also when a message holds its words back first."""
    longest = "x" * 900
    spoken = "".join('      - "{{ vars.much }}"\n' for _part in range(30))
    chatter = (
        f"  fill:\n    set: {{some: '\"{longest}\"', much: vars.some + vars.some + vars.some}}\n    next: chatter\n"
        f"  chatter:\n    say:\n{spoken}    next: {then}\n"
    )
    files = small_workspace()
    files["flows/main.yaml"] = files["flows/main.yaml"].replace("start: welcome", "start: fill") + chatter
    files["flows/main.yaml"] = files["flows/main.yaml"].replace(
        "  welcome:\n    say: Hello there.\n    next: ask\n", ""
    )
    await house.publish(files)
    reply = await poster.voice()

    assert len(reply.text) < 2_000
    assert "something went wrong on our side" in reply.text
    assert "Please ring us tomorrow." in reply.text


# -------------------------------------------------------------------------------------------- without Redis


async def test_while_redis_is_away_the_caller_hears_one_moment_and_comes_back() -> None:
    """Killed in the middle of a call: one moment, the same turn again; back again: the call goes on where it was."""
    with embedded_valkey(appendfsync="always") as engine:
        async with a_house(engine.url) as house:
            await house.publish(small_workspace())
            caller = house.caller()
            await caller.dials("+12025550100")
            await caller.hears("Press 1")
            engine._process.kill()
            engine._process.wait()
            await caller.presses("9")
            await caller.hears("One moment, please.")
            engine.relaunch()
            await caller.hears("Press 1 for our address")

            assert [entry.turn for entry in await house.journal(caller.call_sid)] == [0, 1]
            assert house.network.errors == []


# -------------------------------------------------------------------------------------------- the journal


async def test_a_call_repeats_itself_from_its_journal(answering: House) -> None:
    """Program, event, time and answers stand in each entry: walking it again says the same, turn by turn."""
    caller = answering.caller()
    await caller.dials("+12025550100")
    await caller.presses("9")
    await caller.stays_silent()
    await caller.presses("1")
    await caller.presses("2")
    await caller.hears("Nobody knows.")
    await caller.says("leave")
    await caller.hears_the_end()
    await eventually(lambda: journal_ended(answering, caller.call_sid), "the call's end in the journal")
    entries = await answering.journal(caller.call_sid)
    live = answering.server.programs.live
    assert live is not None
    program: Program = live
    repeated = repeat_call(entries, lambda _id: program)

    assert [one.said for one in repeated] == [entry.said for entry in entries]
    assert [entry.turn for entry in entries] == list(range(len(entries)))
    assert repeated[-1].session.ended == "finished"


async def journal_ended(house: House, call_sid: str) -> bool:
    return len(await house.journal(call_sid)) >= 7


async def lose_program(house: House) -> None:
    await change_session(house, program="0" * 64)


async def break_step(house: House) -> None:
    await change_session(house, step="nowhere")


async def break_fallback_too(house: House) -> None:
    """An ended call in a language nobody speaks has no fallback either."""
    live = house.server.programs.live
    assert live is not None
    await change_session(house, step="nowhere")
    broken = replace(live, center=replace(live.center, fallback=("nowhere", "nowhere")))
    house.server.programs._known[live.id] = broken


async def nothing(_house: House) -> None:
    return


@pytest.mark.parametrize(
    ("keys_pressed", "meanwhile", "ended"),
    [
        ("2", nothing, "hung_up"),
        ("1", nothing, "hung_up"),
        ("9", lose_program, "hung_up"),
        ("9", break_step, "finished"),
        ("9", break_fallback_too, "failed"),
    ],
    ids=["question", "act", "lost program", "bug", "bug in the fallback"],
)
async def test_every_call_repeats_itself(
    answering: House, poster: Poster, keys_pressed: str, meanwhile: Callable[[House], Awaitable[None]], ended: str
) -> None:
    """A question, an act, a lost program, a bug, one in the fallback too, and a hang-up: the same words and the end."""
    live = answering.server.programs.live
    assert live is not None
    await poster.voice()
    await meanwhile(answering)
    await poster.turn(1, Digits=keys_pressed)
    await poster.status()
    entries = await answering.journal("CA1")
    broken = answering.server.programs.known(live.id)
    assert broken is not None
    repeated = repeat_call(entries, lambda _id: broken)
    stored = orjson.loads(await answering.redis.execute("HGET", keys.call("CA1"), "session"))

    assert [one.said for one in repeated] == [entry.said for entry in entries]
    assert repeated[-1].session.ended == stored["ended"] == ended
