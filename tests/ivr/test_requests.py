"""Requests of flows as acts: sent once, heard of when they are slow, and what becomes of those left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from flows.events import EffectFailed
from flows.hidden import Hidden
from flows.instructions import Fetch, SendRequest
from ivr import keys
from ivr.acts import TAKE_OVER_MS, PendingAct, decode_act, encode_act
from ivr.acts.request import SLACK_MS
from ivr.sessions import Commit, Sessions
from ivr.telephone.handset import connect
from ivr.twilio.twiml import EMPTY
from tests.support.house import NUMBER
from tests.support.processes import an_installation
from tests.support.waiting import eventually
from tests.support.workspaces import CENTER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.house import House
    from tests.support.posting import Poster
    from tests.support.processes import Installation

FLOW = """
flow: main
start: ask
steps:
  ask:
    menu: Press 1 for the weather, 2 to order, 3 to order at once.
    options: {1: weather, 2: order, 3: order_now}
    failed: operator
  weather:
    say: About the weather.
    next: sky
  sky:
    http: SHOP_URL/sky
    within: 30s
    meanwhile: I am looking out of the window.
    save: {sky: sky}
    ok: told
    failed: unknown
  told: {say: "The sky is {{ vars.sky }}.", next: ask}
  order:
    http: SHOP_URL/order
    method: POST
    json: {number: "{{ caller }}"}
    within: 3s
    meanwhile: I am ordering.
    ok: ordered
    failed: unknown
    timeout: late
  order_now:
    http: SHOP_URL/order
    method: POST
    json: {number: "{{ caller }}"}
    within: 1s
    ok: ordered
    failed: unknown
    timeout: late
  ordered: {say: It is ordered., next: ask}
  late: {say: It takes too long., next: ask}
  unknown: {say: Nobody knows., next: ask}
  operator: {hangup: Please ring us tomorrow.}
"""
SILENCE = '<Pause length="1"/>'


class Shop:
    """Another system. ``gate`` holds its answers back until it is opened."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        await self.gate.wait()
        return web.json_response({"sky": "blue"})


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """The shop, open."""
    made = Shop()
    app = web.Application()
    app.router.add_route("*", "/{any}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    made.gate.set()
    await runner.cleanup()


def workspace(shop: Shop) -> dict[str, str]:
    """A flow that asks the shop and orders from it."""
    return {"center.yaml": CENTER, "flows/main.yaml": FLOW.replace("SHOP_URL", shop.url)}


@pytest.fixture
async def caller(house: House, poster: Poster, shop: Shop) -> Poster:
    """Somebody at the menu, whose webhooks are posted by hand."""
    await house.publish(workspace(shop))
    await house.server.stop()
    house.server = await house.open(http_private_hosts=("127.0.0.1",))
    on_the_line = poster.at(house.server)
    await on_the_line.voice()
    return on_the_line


def an_act(shop: Shop, method: str, path: str, *, within_s: int = 30, **fields: Any) -> PendingAct:
    """A request to the shop that stands in the outbox of turn 1."""
    return PendingAct("CA1.1", "CA1", SendRequest(Fetch(method, shop.url + path, within_s, keep=(("sky",),))), **fields)


def test_a_request_survives_the_outbox(shop: Shop) -> None:
    """With its gaps, its places and what it needs to fill them."""
    fetch = Fetch(
        method="PUT",
        url="https://pay.example.com/",
        timeout_s=20,
        headers=(("Authorization", ("Bearer ", Hidden("secret", "shop"))),),
        body=('{"card": "', Hidden("sealed", "card", "json"), '"}'),
        attempts=3,
        keep=(("a", "0"), ("b",)),
    )
    act = replace(an_act(shop, "GET", "/"), instruction=SendRequest(fetch), sealed={"card": "?"}, meanwhile="<Say/>")

    assert decode_act(encode_act(act)) == act


async def test_a_quick_answer_is_heard_in_the_same_webhook(caller: Poster, shop: Shop) -> None:
    """Two commits, one webhook; nothing is said about waiting."""
    reply = await caller.turn(1, Digits="2")

    assert "It is ordered." in reply.text
    assert "I am ordering." not in reply.text
    assert shop.asked == ["POST /order"]


async def test_an_order_is_sent_once_however_often_the_webhook_comes(caller: Poster, shop: Shop) -> None:
    """Twenty at once, then again."""
    await asyncio.gather(*(caller.turn(1, Digits="3") for _copy in range(20)))

    assert "It is ordered." in (await caller.turn(1, Digits="3")).text
    assert shop.asked == ["POST /order"]


async def test_a_slow_answer_is_waited_for_with_a_sentence(house: House, caller: Poster, shop: Shop) -> None:
    """After two seconds what was to be said and the sentence, then silence, then the answer: each once, in order."""
    shop.gate.clear()
    meanwhile = await caller.turn(1, Digits="1")
    again = await caller.turn(1, Digits="1")
    silent = await caller.turn(3)
    shop.gate.set()
    answered = await eventually(lambda: heard_at(caller, 3, "The sky is blue."), "the answer")

    assert meanwhile.text.index("About the weather.") < meanwhile.text.index("I am looking out of the window.")
    assert "/turns/3#" in meanwhile.text
    assert again == meanwhile
    assert SILENCE in silent.text
    assert "window" not in silent.text + answered
    assert "About the weather." not in silent.text + answered
    assert shop.asked == ["GET /sky"]
    assert [entry.turn for entry in await house.journal("CA1")] == [0, 1, 4]


async def heard_at(caller: Poster, turn: int, text: str) -> str:
    heard = (await caller.turn(turn)).text
    return heard if text in heard else ""


async def test_a_hang_up_while_it_waits_ends_the_call(house: House, caller: Poster, shop: Shop) -> None:
    """The answer finds an ended call: it is written down, and nothing else moves."""
    shop.gate.clear()
    await caller.turn(1, Digits="1")
    await caller.status()
    shop.gate.set()
    await eventually(lambda: outbox_is_empty(house), "the act answered")
    record = await Sessions(house.redis).load("CA1")

    assert record is not None
    assert record.session.ended == "hung_up"


async def outbox_is_empty(house: House) -> bool:
    part = keys.partition("CA1")
    return bool(await house.redis.execute("EXISTS", keys.outbox(part), keys.outbox_due(part)) == 0)


async def test_too_slow_is_a_timeout(caller: Poster, shop: Shop) -> None:
    """A second, as the step says, and then its own way out."""
    shop.gate.clear()

    assert "It takes too long." in (await caller.turn(1, Digits="3")).text


# ------------------------------------------------------------------------------------ left behind


async def leave_behind(house: House, act: PendingAct, step: str) -> None:
    """The call's process died right after the commit that named its act."""
    sessions = Sessions(house.redis)
    record = await sessions.load("CA1")
    assert record is not None
    commit = Commit(
        session=replace(record.session, step=step), turn=1, expected=0, document=EMPTY, act_id=act.act_id, act=act,
        take_over_ms=house.clock.now_ms() + TAKE_OVER_MS, unheard="<Say>As I was saying.</Say>",
    )  # fmt: skip
    assert await sessions.commit(commit) == "done"


@pytest.mark.parametrize(("method", "path", "step"), [("GET", "/sky", "sky"), ("POST", "/order", "order")])
async def test_what_was_never_begun_is_done_by_whoever_takes_it_over(
    house: House, caller: Poster, shop: Shop, method: str, path: str, step: str
) -> None:
    """Within two seconds, also what may be sent only once."""
    await leave_behind(house, an_act(shop, method, path), step)
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.1)
    await eventually(lambda: caller_goes_on(caller), "the call going on")

    assert shop.asked == [f"{method} {path}"]


async def caller_goes_on(caller: Poster) -> bool:
    return SILENCE not in (await caller.turn(2)).text


async def test_a_question_that_was_begun_is_asked_again(house: House, caller: Poster, shop: Shop) -> None:
    """Asking twice changes nothing, so the caller need not wait for its deadline."""
    await leave_behind(house, an_act(shop, "GET", "/sky", posts=1, posted_ms=house.clock.now_ms()), "sky")
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.1)
    await eventually(lambda: heard_at(caller, 2, "The sky is blue."), "the call going on")

    assert shop.asked == ["GET /sky"]


async def test_an_order_that_was_begun_is_never_sent_again(house: House, caller: Poster, shop: Shop) -> None:
    """Nobody can know whether it arrived: when its time is surely up, the flow goes on at ``failed``."""
    await leave_behind(
        house, an_act(shop, "POST", "/order", within_s=5, posts=1, posted_ms=house.clock.now_ms()), "order"
    )
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.1)
    await eventually(lambda: due_later(house), "the taking over put off until its time is up")
    assert SILENCE in (await caller.turn(2)).text
    await house.time.advance(5 + SLACK_MS / 1000)
    await eventually(lambda: heard_at(caller, 3, "Nobody knows."), "the call going on")

    assert shop.asked == []
    assert (await house.journal("CA1"))[-1].happened[0].event == EffectFailed("unknown")


async def due_later(house: House) -> bool:
    score = await house.redis.execute("ZSCORE", keys.outbox_due(keys.partition("CA1")), "CA1.1")
    return score is not None and float(score) > house.clock.now_ms() + TAKE_OVER_MS


async def test_a_question_that_kills_its_processes_is_given_up(house: House, caller: Poster, shop: Shop) -> None:
    """Three processes died over it: it may be the question."""
    act = an_act(shop, "GET", "/sky", posts=3, posted_ms=house.clock.now_ms())
    await leave_behind(house, act, "sky")
    await house.time.advance(TAKE_OVER_MS / 1000 + 0.1)
    await eventually(lambda: heard_at(caller, 2, "Nobody knows."), "the call going on")

    assert shop.asked == []


async def test_who_still_waits_for_an_answer_is_not_taken_over(house: House, caller: Poster, shop: Shop) -> None:
    """A question takes four times as long as a process may be silent, and is asked once: its process tells so."""
    other = await house.open(http_private_hosts=("127.0.0.1",))
    shop.gate.clear()
    asking = asyncio.create_task(caller.turn(1, Digits="1"))
    await eventually(lambda: shop.asked, "the question")
    for _time in range(5):
        await house.time.advance(TAKE_OVER_MS / 1000 * 0.8)
        await eventually(lambda: put_off(house), "the taking over put off")
        assert await other.sweeper.sweep() == 0
    shop.gate.set()
    await asking
    await eventually(lambda: caller_heard(caller), "the answer")

    assert shop.asked == ["GET /sky"]


async def put_off(house: House) -> bool:
    score = await house.redis.execute("ZSCORE", keys.outbox_due(keys.partition("CA1")), "CA1.1")
    return score is not None and float(score) >= house.clock.now_ms() + TAKE_OVER_MS


async def caller_heard(caller: Poster) -> bool:
    return "The sky is blue." in (await caller.turn(1)).text


# ------------------------------------------------------------------------------------ kill -9


@pytest.mark.parametrize(
    ("key", "asked", "heard"),
    [("1", ["GET /sky", "GET /sky"], "The sky is blue."), ("2", ["POST /order"], "Nobody knows.")],
    ids=["a question", "an order"],
)
async def test_kill_9_while_a_request_is_under_way(shop: Shop, key: str, asked: list[str], heard: str) -> None:
    """The worker dies with its request: a question is asked again, an order is not; the caller goes on either way."""
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="ivr-test-", ignore_cleanup_errors=True) as folder,
        an_installation(Path(folder)) as installation,
    ):
        put(workspace(shop), Path(folder) / "workspace")
        server = installation.serve(IVR_WORKSPACE=f"{folder}/workspace", IVR_HTTP_PRIVATE_HOSTS="127.0.0.1")
        installation.connect()
        shop.gate.clear()
        async with connect(installation.network_url) as handset:
            await handset.dial(NUMBER, from_="+12025550143", pace="instant")
            sounds = handset.listen()
            async for sound in sounds:
                if sound.kind == "listening":
                    break
            await handset.press(key)
            await eventually(lambda: shop.asked, "the request")
            kill_workers(installation, server)
            shop.gate.set()
            texts = []
            async for sound in sounds:
                texts.append(sound.text)
                if sound.text == heard:
                    break

        assert heard in texts
        assert shop.asked == asked


def put(files: dict[str, str], folder: Path) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def kill_workers(installation: Installation, server: Any) -> None:
    for worker in installation.workers(server):
        os.kill(worker, signal.SIGKILL)
