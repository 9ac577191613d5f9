"""Acts: named by a commit, performed after it, answered once, and taken over when their process is gone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from flows.events import Answered, EffectFailed
from flows.instructions import SendMessage
from ivr import keys
from ivr.acts import TAKE_OVER_MS, PendingAct, decode_act, encode_act
from ivr.acts.message import CALLBACK_MS
from ivr.calls import MOST_HOLDS
from ivr.sessions import Commit, Sessions
from ivr.twilio.twiml import EMPTY
from tests.support.posting import Poster
from tests.support.waiting import eventually
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.house import House, Server

MESSAGE = SendMessage(to="+12025550143", sender="+12025550100", body="We are at Main Street 1.")
ACT = PendingAct("CA1.1", "CA1", MESSAGE)


class Provider:
    """A REST API that answers as it is told.

    ``plan`` holds a status for each request to come, 0 to hang up on it; ``instead`` is what a look-up gets in place
    of ``there``; a request to create waits for ``gate``.
    """

    def __init__(self) -> None:
        self.plan: list[int] = []
        self.posted: list[dict[str, str]] = []
        self.listed: list[dict[str, str]] = []
        self.there: list[dict[str, str]] = []
        self.instead = ""
        self.gate: asyncio.Event | None = None

    async def create(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.posted.append(form)
        if self.gate is not None:
            await self.gate.wait()
        status = self.plan.pop(0) if self.plan else 201
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        if status == 201:
            self.there.append({"sid": f"SM{len(self.posted)}", "body": form["Body"], "to": form["To"]})
            return web.json_response(self.there[-1], status=201)
        return web.json_response({"code": 20000 + status, "message": "as planned", "status": status}, status=status)

    async def list(self, request: web.Request) -> web.Response:
        self.listed.append(dict(request.query))
        if self.instead:
            return web.Response(text=self.instead, content_type="application/json")
        return web.json_response({"messages": self.there, "next_page_uri": None})


@pytest.fixture
async def provider() -> AsyncIterator[tuple[Provider, str]]:
    """The provider and its address."""
    made = Provider()
    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", made.create)
    app.router.add_get("/2010-04-01/Accounts/{account}/Messages.json", made.list)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def desk(house: House, provider: tuple[Provider, str]) -> AsyncIterator[tuple[Server, Provider, Poster]]:
    """A server whose messages go to the provider that answers as planned, and somebody who posts its webhooks."""
    await house.publish(small_workspace())
    await house.server.stop()
    house.server = server = await house.open(twilio_api_url=provider[1])
    async with aiohttp.ClientSession() as session:
        yield server, provider[0], Poster(session, server)


Desk = tuple["Server", Provider, Poster]


def test_an_act_survives_the_outbox() -> None:
    """Encoded and decoded it is the same."""
    assert decode_act(encode_act(ACT)) == ACT


async def test_a_message_is_sent_once_and_the_call_goes_on_in_the_same_webhook(desk: Desk) -> None:
    """Two commits, one webhook: the answer already says what became of it, and leads to the turn after."""
    _server, provider, poster = desk
    await poster.voice()
    reply = await poster.turn(1, Digits="1")

    assert "It is on its way." in reply.text
    assert "/turns/3#" in reply.text
    assert [form["Body"] for form in provider.posted] == ["We are at Main Street 1."]
    assert provider.posted[0]["StatusCallback"].startswith(
        poster.server.base_url + "/twilio/messages?call=CA1&act=CA1.1#"
    )


async def test_the_webhook_again_sends_nothing_again(desk: Desk) -> None:
    """A repeated delivery of the turn that named the act gets the present document."""
    _server, provider, poster = desk
    await poster.voice()
    first = await poster.turn(1, Digits="1")

    assert await poster.turn(1, Digits="1") == first
    assert len(provider.posted) == 1


async def test_twenty_deliveries_at_once_send_one_message(desk: Desk) -> None:
    """Whoever loses the commit performs nothing; all are led to the message's answer."""
    _server, provider, poster = desk
    await poster.voice()
    replies = await asyncio.gather(*(poster.turn(1, Digits="1") for _copy in range(20)))
    present = await poster.turn(1, Digits="1")

    assert len(provider.posted) == 1
    assert "It is on its way." in present.text
    assert all("It is on its way." in reply.text or '<Pause length="1"/>' in reply.text for reply in replies)


@pytest.mark.parametrize(
    ("plan", "heard", "posts"),
    [
        ([400], "It could not be sent.", 1),
        ([429, 429, 201], "It is on its way.", 3),
    ],
)
async def test_a_clear_answer_is_taken_for_what_it_is(desk: Desk, plan: list[int], heard: str, posts: int) -> None:
    """A refusal goes on at ``failed``; "too many requests" did nothing, so it is asked again."""
    _server, provider, poster = desk
    provider.plan = plan
    await poster.voice()

    assert heard in (await poster.turn(1, Digits="1")).text
    assert len(provider.posted) == posts


@pytest.mark.parametrize("status", [500, 0])
async def test_an_unclear_answer_is_not_repeated_before_its_callback_stayed_away(
    house: House, desk: Desk, status: int
) -> None:
    """A 500 or a broken connection may have sent it: the caller waits, ten seconds, then the provider is asked."""
    server, provider, poster = desk
    provider.plan = [status]
    await poster.voice()
    held = await poster.turn(1, Digits="1")
    waiting = await poster.turn(2)

    assert '<Pause length="1"/>' in held.text
    assert '<Pause length="1"/>' in waiting.text
    await house.time.advance(CALLBACK_MS / 1000 - 1)
    assert await server.sweeper.sweep() == 0
    assert len(provider.posted) == 1

    await house.time.advance(2)
    await eventually(lambda: len(provider.posted) == 2, "the message sent again, since nobody knows of it")
    await eventually(lambda: heard_at(poster, 2, "It is on its way."), "the call going on")
    assert provider.listed[0]["To"] == "+12025550143"


async def heard_at(poster: Poster, turn: int, text: str) -> bool:
    return text in (await poster.turn(turn)).text


async def test_an_unclear_message_that_is_there_is_not_sent_again(house: House, desk: Desk) -> None:
    """The provider's own list knows it: it counts as sent."""
    _server, provider, poster = desk
    provider.plan = [500]
    await poster.voice()
    await poster.turn(1, Digits="1")
    provider.there = [{"sid": "SM9", "body": MESSAGE.body, "to": MESSAGE.to}]
    await house.time.advance(CALLBACK_MS / 1000 + 1)
    await eventually(lambda: heard_at(poster, 2, "It is on its way."), "the call going on")

    assert len(provider.posted) == 1
    assert (await house.journal("CA1"))[-1].happened[0].event == Answered({"message_sid": "SM9"})


async def test_the_messages_own_callback_settles_an_unclear_answer(house: House, desk: Desk) -> None:
    """Its status callback carries the act's id: the call goes on at once, and the message is not sent again."""
    _server, provider, poster = desk
    provider.plan = [500]
    await poster.voice()
    await poster.turn(1, Digits="1")
    for _time in range(2):
        await poster.post("/twilio/messages?call=CA1&act=CA1.1", {"MessageSid": "SM5", "MessageStatus": "sent"})

    assert "It is on its way." in (await poster.turn(2)).text
    assert len(provider.posted) == 1
    assert [entry.turn for entry in await house.journal("CA1")] == [0, 1, 2]


async def test_twice_unclear_is_unknown(house: House, desk: Desk) -> None:
    """After the second try nobody asks a third time: the flow hears that it failed."""
    _server, provider, poster = desk
    provider.plan = [500, 500]
    await poster.voice()
    await poster.turn(1, Digits="1")
    await house.time.advance(CALLBACK_MS / 1000 + 1)
    await eventually(lambda: len(provider.listed) == 1, "the provider being asked")
    await eventually(lambda: len(provider.posted) == 2, "the second try")
    await house.time.advance(CALLBACK_MS / 1000 + 1)
    await eventually(lambda: len(provider.listed) == 2, "the provider being asked again")
    await eventually(lambda: heard_at(poster, 2, "It could not be sent."), "the call going on")

    assert len(provider.posted) == 2
    assert (await house.journal("CA1"))[-1].happened[0].event == EffectFailed("unknown")


async def test_a_caller_who_hangs_up_meanwhile_stays_gone(house: House, desk: Desk) -> None:
    """The act's answer finds an ended call: it is written down, and nothing else moves."""
    _server, provider, poster = desk
    provider.plan = [500]
    await poster.voice()
    await poster.turn(1, Digits="1")
    await poster.status()
    await poster.post("/twilio/messages?call=CA1&act=CA1.1", {"MessageSid": "SM5", "MessageStatus": "sent"})
    entries = await house.journal("CA1")

    assert [entry.happened[0].event for entry in entries][-1] == Answered({"message_sid": "SM5"})
    assert await house.redis.execute("HLEN", keys.outbox(keys.partition("CA1"))) == 0
    assert len(provider.posted) == 1


# ------------------------------------------------------------------------------------ left behind


async def leave_behind(house: House, poster: Poster, act: PendingAct) -> None:
    """A call whose process died right after the commit that named its act."""
    await poster.voice()
    sessions = Sessions(house.redis)
    record = await sessions.load(poster.call_sid)
    assert record is not None
    step = {"flow": "main", "step": "address"}
    session = type(record.session)(**{name: getattr(record.session, name) for name in record.session.__slots__} | step)
    commit = Commit(
        session=session, turn=1, expected=0, document=EMPTY, act_id=act.act_id, act=act,
        take_over_ms=house.clock.now_ms() + TAKE_OVER_MS, unheard="<Say>As I was saying.</Say>",
    )  # fmt: skip
    assert await sessions.commit(commit) == "done"


@pytest.mark.every_redis
async def test_an_act_left_behind_is_taken_over_within_two_seconds(house: House, desk: Desk) -> None:
    """Its process died before asking: another asks, and what the caller had not heard yet comes first."""
    _server, provider, poster = desk
    await leave_behind(house, poster, ACT)
    await house.time.advance(1.9)
    assert provider.posted == []
    await house.time.advance(0.2)
    await eventually(lambda: len(provider.posted) == 1, "the act taken over")
    await eventually(lambda: heard_at(poster, 2, "It is on its way."), "the call going on")
    document = (await poster.turn(2)).text

    assert document.index("As I was saying.") < document.index("It is on its way.")


@pytest.mark.every_redis
async def test_an_act_is_taken_over_by_one_of_many(house: House, desk: Desk, provider: tuple[Provider, str]) -> None:
    """Five servers sweep at once; one message is sent."""
    _server, told, poster = desk
    others = [await house.open(twilio_api_url=provider[1]) for _other in range(4)]
    await leave_behind(house, poster, ACT)
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.5)
    await asyncio.gather(*(server.sweeper.sweep() for server in others for _time in range(5)))
    await eventually(lambda: heard_at(poster, 2, "It is on its way."), "the call going on")

    assert len(told.posted) == 1


async def test_an_act_that_may_have_gone_out_is_not_sent_by_whoever_takes_it_over(house: House, desk: Desk) -> None:
    """Its process died after asking: the new one waits for the callback and looks before it asks again."""
    server, provider, poster = desk
    asked = server.desk._effects.posting(ACT)
    await leave_behind(house, poster, asked)
    provider.there = [{"sid": "SM7", "body": MESSAGE.body, "to": MESSAGE.to}]
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.5)
    await eventually(lambda: due_later(house), "the taking over put off until the callback may have come")
    assert provider.posted == []
    await house.time.advance(CALLBACK_MS / 1000)
    await eventually(lambda: heard_at(poster, 2, "It is on its way."), "the call going on")

    assert provider.posted == []


async def due_later(house: House) -> bool:
    score = await house.redis.execute("ZSCORE", keys.outbox_due(keys.partition("CA1")), ACT.act_id)
    return score is not None and float(score) > house.clock.now_ms() + TAKE_OVER_MS


async def test_the_slow_owner_and_who_took_over_send_one_message(
    house: House, desk: Desk, provider: tuple[Provider, str]
) -> None:
    """Two processes with the same act in hand, the first one asleep for a while: only one of them may ask."""
    server, told, poster = desk
    other = await house.open(twilio_api_url=provider[1])
    told.plan = [500, 500]
    await leave_behind(house, poster, ACT)
    await asyncio.gather(server.desk.take_over(ACT), other.desk.take_over(ACT))
    await other.desk.take_over(ACT)

    assert len(told.posted) == 1


async def test_two_who_looked_up_the_same_act_send_it_again_once(
    house: House, desk: Desk, provider: tuple[Provider, str]
) -> None:
    """A look-up may outlast the claim: both find nothing, and still the message goes out once more, not twice."""
    server, told, poster = desk
    other = await house.open(twilio_api_url=provider[1])
    asked = server.desk._effects.posting(ACT)
    await leave_behind(house, poster, asked)
    told.plan = [500, 500]
    await house.time.advance(CALLBACK_MS / 1000 + 1)
    await asyncio.gather(server.desk.take_over(asked), other.desk.take_over(asked))

    assert len(told.posted) == 1


async def test_an_act_whose_call_began_anew_is_dropped(house: House, desk: Desk) -> None:
    """A session lost meanwhile knows nothing of the act: it is performed at most once, and leaves the outbox."""
    server, provider, poster = desk
    await leave_behind(house, poster, ACT)
    await house.redis.execute("DEL", keys.call("CA1"))
    await poster.voice()
    for _time in range(5):
        await house.time.advance(CALLBACK_MS / 1000 + 1)
        await server.sweeper.sweep()
    await eventually(lambda: outbox_is_empty(house), "the act forgotten")

    assert len(provider.posted) <= 1


async def outbox_is_empty(house: House) -> bool:
    part = keys.partition("CA1")
    return bool(await house.redis.execute("EXISTS", keys.outbox(part), keys.outbox_due(part)) == 0)


async def test_an_act_that_vanished_does_not_hold_the_call_for_ever(house: House, desk: Desk) -> None:
    """Somebody emptied the outbox: nobody can know what became of the message, and the flow goes on with that."""
    _server, provider, poster = desk
    await leave_behind(house, poster, ACT)
    await house.redis.execute("DEL", keys.outbox(keys.partition("CA1")), keys.outbox_due(keys.partition("CA1")))
    reply = await poster.turn(2)

    assert "As I was saying." in reply.text
    assert "It could not be sent." in reply.text
    assert (await house.journal("CA1"))[-1].happened[0].event == EffectFailed("unknown")
    assert provider.posted == []


async def test_an_act_that_nobody_can_finish_does_not_hold_the_call_for_ever(house: House, desk: Desk) -> None:
    """An act this version cannot even read: after a minute of silence the flow goes on, and the outbox is empty."""
    server, _provider, poster = desk
    await leave_behind(house, poster, ACT)
    await house.redis.execute("HSET", keys.outbox(keys.partition("CA1")), ACT.act_id, '{"kind": "of tomorrow"}')
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.5)
    await server.sweeper.sweep()
    replies = [await poster.turn(turn) for turn in range(2, MOST_HOLDS + 4)]
    waited = ['<Pause length="1"/>' in reply.text for reply in replies]

    assert waited == [True] * MOST_HOLDS + [False] * (len(waited) - MOST_HOLDS)
    assert "It could not be sent." in replies[MOST_HOLDS].text
    assert await outbox_is_empty(house)


async def test_one_broken_act_does_not_stop_the_others(house: House, desk: Desk) -> None:
    """A sweep meets an act it cannot read, and takes over the next one all the same."""
    server, provider, poster = desk
    await leave_behind(house, poster, ACT)
    part = keys.PARTITIONS[0]
    await house.redis.execute("HSET", keys.outbox(part), "broken", "[]")
    await house.redis.execute("ZADD", keys.outbox_due(part), 1, "broken")
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.5)
    await server.sweeper.sweep()
    await eventually(lambda: len(provider.posted) == 1, "the other act taken over")
    await house.redis.execute("DEL", keys.outbox(part), keys.outbox_due(part))


async def test_a_slow_act_does_not_hold_up_the_others(house: House, desk: Desk) -> None:
    """One act's provider is slow; an act of another call is taken over meanwhile, by the same process."""
    server, provider, poster = desk
    provider.gate = asyncio.Event()
    await leave_behind(house, poster, ACT)
    await leave_behind(house, poster.call("CA2"), PendingAct("CA2.1", "CA2", MESSAGE))
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.5)
    await asyncio.wait_for(server.sweeper.sweep(), 5)
    await eventually(lambda: len(provider.posted) == 2, "both acts asked for")
    provider.gate.set()


@pytest.mark.parametrize("text", ["<html>Welcome to the proxy</html>", "[]", "{}"])
async def test_a_look_up_that_makes_no_sense_counts_as_unknown(house: House, desk: Desk, text: str) -> None:
    """A proxy answers in the provider's place: nobody can tell, so the caller goes on instead of waiting for ever."""
    _server, provider, poster = desk
    provider.plan, provider.instead = [500], text
    await poster.voice()
    await poster.turn(1, Digits="1")
    await house.time.advance(CALLBACK_MS / 1000 + 1)
    await eventually(lambda: heard_at(poster, 2, "It could not be sent."), "the call going on")

    assert len(provider.posted) == 1
