"""What a caller keys in where a step is sensitive: it reaches the one system it is meant for, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from flows.events import SecretKeyed
from ivr.commands.demo import _own_key
from ivr.journal import repeat_call
from ivr.programs import Refused
from ivr.server import WorkspaceProblemsError, publish_workspace
from ivr.settings import Settings, sealing_keys
from ivr.telephone.handset import connect
from ivr.workspace import Workspace
from tests.support.engine import keys_like
from tests.support.house import NUMBER
from tests.support.processes import an_installation
from tests.support.workspaces import CENTER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from routing.redis import Redis
    from tests.support.house import House
    from tests.support.posting import Poster

CARD, WRONG_CARD, KEY, TOKEN = "4111111111111111", "4111111111111112", "k" * 32, "s3cret-of-the-shop"
PAY = """
flow: main
start: card
steps:
  card:
    collect: Please key in your card number.
    into: card
    digits: 16
    check: luhn
    sensitive: true
    next: pay
    failed: operator
  pay:
    http: PAY_URL
    headers: {Authorization: "Bearer {{ secret.shop }}"}
    json: {card: "{{ sealed.card }}"}
    save: {receipt: receipt, echo: echo}
    ok: paid
    failed: not_paid
  paid: {hangup: "Your receipt is {{ vars.receipt }}."}
  not_paid: {hangup: It could not be paid.}
  operator: {hangup: Please ring us tomorrow.}
"""
SETTINGS: dict[str, Any] = {"secret_key": (KEY,), "secrets": {"shop": TOKEN}, "http_private_hosts": ("127.0.0.1",)}


class Shop:
    """Another system, which takes cards and says back everything it is told."""

    def __init__(self) -> None:
        self.took: list[tuple[str, Any]] = []
        self.url = ""

    async def pay(self, request: web.Request) -> web.Response:
        self.took.append((request.headers["Authorization"], await request.json()))
        return web.json_response({"receipt": "R 17", "echo": self.took[-1], "card": CARD})


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """The shop, open."""
    made = Shop()
    app = web.Application()
    app.router.add_post("/pay", made.pay)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/pay"
    yield made
    await runner.cleanup()


def workspace(shop: Shop) -> dict[str, str]:
    """A flow that takes a card and pays with it."""
    return {"center.yaml": CENTER, "flows/main.yaml": PAY.replace("PAY_URL", shop.url)}


async def opened(house: House, poster: Poster, shop: Shop, **settings: Any) -> Poster:
    """A server with these settings that answers with the flow, and somebody who posts its webhooks."""
    house.server = await house.open(**(SETTINGS | settings))
    await house.publish(workspace(shop))
    return poster.at(house.server)


async def everything_in(redis: Redis) -> str:
    """All that stands in Redis, keys and values of every type."""
    seen = []
    for key in await keys_like(redis):
        kind = (await redis.execute("TYPE", key)).decode()
        read = {
            "string": ("GET", key), "hash": ("HGETALL", key), "list": ("LRANGE", key, 0, -1),
            "stream": ("XRANGE", key, "-", "+"), "zset": ("ZRANGE", key, 0, -1), "set": ("SMEMBERS", key),
        }[kind]  # fmt: skip
        seen.append(f"{key.decode()} {await redis.execute(*read)}")
    return "\n".join(seen)


async def test_a_card_reaches_the_shop_and_nothing_that_is_kept(
    house: House, poster: Poster, shop: Shop, redis: Redis
) -> None:
    """At every turn Redis is searched; at the end so are the log and the answers, though the shop says it all back."""
    caller = await opened(house, poster, shop)
    seen, replies = "", []
    with capture_logs() as logged:
        replies.append(await caller.voice())
        for turn, digits in enumerate((WRONG_CARD, "4111", CARD), start=1):
            replies.append(await caller.turn(turn, Digits=digits))
            seen += await everything_in(redis)

    assert "Your receipt is R 17." in replies[-1].text
    assert shop.took == [(f"Bearer {TOKEN}", {"card": CARD})]
    told = seen + str(logged) + str(replies)
    assert [hidden for hidden in (CARD, WRONG_CARD, TOKEN, KEY) if hidden in told] == []


async def test_the_journal_has_length_and_verdict_and_goes_the_same_way_again(
    house: House, poster: Poster, shop: Shop
) -> None:
    """Repeated from its journal the call says the same, without anybody's card."""
    caller = await opened(house, poster, shop)
    await caller.voice()
    await caller.turn(1, Digits=WRONG_CARD)
    await caller.turn(2, Digits=CARD)
    entries = await house.journal("CA1")
    program = house.server.programs.live
    assert program is not None
    repeated = repeat_call(entries, lambda _id: program)

    assert [one.happened[0].event for one in entries[1:3]] == [SecretKeyed(16, "check"), SecretKeyed(16, "")]
    assert [one.said for one in repeated] == [one.entry.said for one in repeated]
    assert repeated[-1].session.ended == "finished"


async def test_between_collecting_and_sending_it_is_in_the_session_sealed_only(
    house: House, poster: Poster, shop: Shop, redis: Redis
) -> None:
    """The session and the act name it, with ciphertext; after the call's end neither has it."""
    files = workspace(shop)
    files["flows/main.yaml"] = files["flows/main.yaml"].replace("next: pay", "next: wait").replace(
        "  pay:\n", "  wait: {menu: Press 1., options: {1: pay}, failed: operator}\n  pay:\n"
    )  # fmt: skip
    house.server = await house.open(**SETTINGS)
    await house.publish(files)
    caller = poster.at(house.server)
    await caller.voice()
    await caller.turn(1, Digits=CARD)
    between = await everything_in(redis)
    await caller.status()
    after = await everything_in(redis)

    assert '"sealed":{"card":"' in between
    assert '"sealed":{"card":"' not in after
    assert CARD not in between + after


async def test_a_workspace_that_lacks_a_setting_is_refused_by_name(house: House, shop: Shop) -> None:
    """No key, no secret: each is named with its place in the flow, and nothing goes live."""
    files = Workspace({path: text.encode() for path, text in workspace(shop).items()}, {}, {})
    outcome = await house.server.programs.publish(files, author="a test", message="")

    assert isinstance(outcome, Refused)
    said = "\n".join(sorted(str(problem) for problem in outcome.problems))
    assert said == (
        'flows/main.yaml:15:41: IVR_SECRET_SHOP is not set, and "secret.shop" is sent here [missing-secret]\n'
        'flows/main.yaml:7:11: IVR_SECRET_KEY is not set, and "card" is to be sealed with it; '
        "openssl rand -hex 32 [missing-secret]"
    )
    assert house.server.programs.live is None


async def test_a_server_does_not_start_without_what_is_live_needs(house: House, poster: Poster, shop: Shop) -> None:
    """Restarted without its key it says so by name, instead of failing every caller who pays."""
    await opened(house, poster, shop)
    without = await house.open()
    await without.programs.refresh()

    await publish_workspace(Settings(**SETTINGS), house.server.programs, "first")
    with pytest.raises(WorkspaceProblemsError, match=r"IVR_SECRET_KEY is not set"):
        await publish_workspace(Settings(), without.programs, "first")


def test_a_demo_makes_its_own_key_once(tmp_path: Path) -> None:
    """In its data folder, readable by its user alone; the next start seals with the same one."""
    made = _own_key(tmp_path / "data")

    assert _own_key(tmp_path / "data") == made
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert sealing_keys(made) == (made,)


async def test_a_server_without_the_key_still_answers(house: House, poster: Poster, shop: Shop) -> None:
    """Published elsewhere, with the key: here the step fails by name, and the caller goes on."""
    await opened(house, poster, shop)
    without = await house.open(http_private_hosts=("127.0.0.1",))
    await without.programs.refresh()
    caller = poster.at(without)
    with capture_logs() as logged:
        await caller.voice()
        reply = await caller.turn(1, Digits=CARD)

    assert "Please ring us tomorrow." in reply.text
    assert [line["event"] for line in logged] == ["sealing_without_key"]
    assert CARD not in str(logged)


async def test_a_key_may_be_rotated_during_a_call(house: House, poster: Poster, shop: Shop) -> None:
    """Sealed by a process with the old key, sent by one that has the new one before it."""
    files = workspace(shop)
    files["flows/main.yaml"] = files["flows/main.yaml"].replace("next: pay", "next: wait").replace(
        "  pay:\n", "  wait: {menu: Press 1., options: {1: pay}, failed: operator}\n  pay:\n"
    )  # fmt: skip
    house.server = await house.open(**SETTINGS)
    await house.publish(files)
    await poster.at(house.server).voice()
    await poster.at(house.server).turn(1, Digits=CARD)
    newer = await house.open(**(SETTINGS | {"secret_key": ("n" * 32, KEY)}))
    await newer.programs.refresh()

    assert "Your receipt is R 17." in (await poster.at(newer).turn(2, Digits="1")).text
    assert shop.took == [(f"Bearer {TOKEN}", {"card": CARD})]


async def test_no_file_of_a_real_server_has_it(shop: Shop) -> None:
    """A call to a server in a process of its own: its log and its whole data folder are searched."""
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="ivr-test-", ignore_cleanup_errors=True) as folder,
        an_installation(Path(folder)) as installation,
    ):
        for path, text in workspace(shop).items():
            file = Path(folder) / "workspace" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        server = installation.serve(
            IVR_WORKSPACE=str(Path(folder) / "workspace"),
            IVR_SECRET_KEY=KEY,
            IVR_SECRET_SHOP=TOKEN,
            IVR_HTTP_PRIVATE_HOSTS="127.0.0.1",
        )
        installation.connect()
        async with connect(installation.network_url) as handset:
            await handset.dial(NUMBER, from_="+12025550143", pace="instant")
            await heard(handset, "listening")
            await handset.press(CARD)
            receipt = await heard(handset, "R 17")
        server.kill()
        server.wait(20)
        names, found = searched(Path(folder))

    assert "R 17" in receipt
    assert {"server.log", "server.json"} <= names
    assert any("aof" in name for name in names), "the engine's own file is among them"
    assert found == []


def searched(folder: Path) -> tuple[set[str], list[str]]:
    """The files of a server, without the telephone network's, and those that hold what they must not."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "network.log"]
    found = [path.name for path in files for hidden in (CARD, TOKEN, KEY) if hidden.encode() in path.read_bytes()]
    return {path.name for path in files}, found


async def heard(handset: Any, words: str) -> str:
    async for sound in handset.listen():
        if words in (sound.kind, sound.text) or words in sound.text:
            return str(sound.text)
    raise AssertionError(f"never heard {words!r}")


def test_settings_show_neither_key_nor_secret() -> None:
    """Whatever prints them."""
    settings = Settings(**SETTINGS)

    assert [hidden for hidden in (KEY, TOKEN) if hidden in repr(settings) + str(settings)] == []
