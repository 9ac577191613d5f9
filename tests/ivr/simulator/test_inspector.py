"""The inspector: what it tells of calls, what it costs, what it forgets, and the page in a browser."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from ivr.simulator import Number, Simulator, SteppedTime
from ivr.simulator.history import History
from tests.ivr.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER
from tests.support.browser import a_browser, needs_browser
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.ivr.simulator.conftest import Application
    from tests.ivr.simulator.media_server import MediaServer
    from tests.support.telephone import Caller

ROOT = Path(__file__).parents[3]


async def look(simulator: Simulator, path: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(f"{simulator.base_url}{path}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_only_what_has_changed_is_told(application: Application, simulator: Simulator, time: SteppedTime) -> None:
    """A first look is a page, newest first; later ones are the calls in which something happened since."""
    application["/voice"] = '<Gather timeout="60"/>'
    telephones = [simulator.telephone(f"+1202555010{last}") for last in range(3)]
    for telephone in telephones:
        await telephone.dial(NUMBER)
        await time.settle()
    first = await look(simulator, "/inspector/calls.json?limit=2")
    older = await look(simulator, f"/inspector/calls.json?limit=2&before={first['calls'][-1]['sid']}")
    nothing = await look(simulator, f"/inspector/calls.json?since={first['version']}")
    await telephones[0].hang_up()
    await time.settle()
    news = await look(simulator, f"/inspector/calls.json?since={first['version']}")

    assert [one["from"][-1] for one in first["calls"]] == ["2", "1"]
    assert (first["has_more"], older["has_more"]) == (True, False)
    assert [one["from"][-1] for one in older["calls"]] == ["0"]
    assert nothing["calls"] == []
    assert [(one["from"][-1], one["status"]) for one in news["calls"]] == [("0", "completed")]


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("q=0188", {"+12025550188"}),
        ("status=live", {"+12025550199"}),
        ("status=completed", {"+12025550188"}),
        ("q=x", set()),
    ],
)
async def test_calls_are_found_by_number_and_status(
    application: Application, simulator: Simulator, time: SteppedTime, query: str, who: set[str]
) -> None:
    """Part of a number or sid is enough."""
    application["/voice"] = '<Gather timeout="60"/>'
    gone, there = simulator.telephone("+12025550188"), simulator.telephone("+12025550199")
    for telephone in (gone, there):
        await telephone.dial(NUMBER)
    await time.settle()
    await gone.hang_up()
    await time.settle()

    assert {one["from"] for one in (await look(simulator, f"/inspector/calls.json?{query}"))["calls"]} == who


@pytest.mark.parametrize(
    "path",
    [
        "/inspector/calls.json?since=x",
        "/inspector/calls.json?status=odd",
        "/inspector/calls/CA1.json",
        "/inspector/no.js",
    ],
)
async def test_what_is_not_there_is_said(simulator: Simulator, path: str) -> None:
    """A clear 400 or 404."""
    async with aiohttp.ClientSession() as session, session.get(f"{simulator.base_url}{path}") as answer:
        assert answer.status in {400, 404}
        assert await answer.text()


async def test_a_call_is_shown_with_every_exchange(
    application: Application, simulator: Simulator, caller: Caller
) -> None:
    """Retries and ordered misfortunes are marked; the signature is shown, credentials are not."""
    url = application.url.replace("http://", "http://ana:hush@")
    simulator.numbers[NUMBER] = Number(f"{url}/voice#rc=1&rp=rt")
    application["/voice"] = "<Say>Hello</Say>"
    simulator.faults.answer_late("*/voice")
    await caller.dials(NUMBER)
    await caller.hears("Hello")
    shown = await look(simulator, f"/inspector/calls/{caller.call_sid}.json")

    assert [(one["marks"], one["status"], bool(one["error"])) for one in shown["exchange_list"]] == [
        (["ordered"], 0, True),
        (["retry 1"], 200, False),
    ]
    assert all(one["headers"]["X-Twilio-Signature"] for one in shown["exchange_list"])
    assert "hush" not in str(shown)
    assert AUTH_TOKEN not in str(shown)
    assert [one["text"] for one in shown["heard"] if one["kind"] == "say"] == ["Hello"]


async def test_what_befell_an_exchange_is_marked(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Also what leaves no trace in its answer."""
    application["/voice"] = "<Hangup/>"
    simulator.faults.delay("*/voice", 1.5)
    simulator.faults.repeat("*/voice")
    for misfortune in (simulator.faults.hold_back, simulator.faults.reorder):
        misfortune("*/status")
    simulator.faults.skew("*/status", -90)
    await caller.telephone.dial(NUMBER)
    await time.advance(40)
    shown = await look(simulator, f"/inspector/calls/{caller.call_sid}.json")

    assert [one["marks"] for one in shown["exchange_list"]] == [
        ["delayed 1.5 s"],
        ["repeated", "delayed 1.5 s"],
        ["held back", "overtaken", "skewed -90 s"],
    ]


async def test_a_call_is_shown_with_its_streams_and_transcriptions(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, media_server: MediaServer
) -> None:
    """Where they go, how much went there, and what was written down; the memory has them, too."""
    application["/voice"] = (
        f'<Start><Stream url="{media_server.url}/a" name="ears"/><Transcription name="words"/></Start><Say>Hello</Say>'
    )
    await caller.dials(NUMBER)
    await caller.hears_the_end()
    await time.advance(1)
    shown = await look(simulator, f"/inspector/calls/{caller.call_sid}.json")
    (remembered,) = (await look(simulator, "/simulator/calls.json"))["calls"]

    ((stream,), (transcription,)) = (shown["streams"], shown["transcriptions"])
    assert (stream["name"], stream["url"], stream["status"]) == ("ears", f"{media_server.url}/a", "stopped")
    assert stream["sent"] == len(media_server.only.messages)
    assert (transcription["name"], transcription["said"]) == ("words", [{"track": "outbound_track", "text": "Hello"}])
    assert (remembered["streams"], remembered["transcriptions"]) == ([stream], [transcription])


async def test_a_misfortune_is_ordered_from_the_page(simulator: Simulator) -> None:
    """In words; what is none is refused with a sentence."""
    async with aiohttp.ClientSession() as session:
        url = f"{simulator.base_url}/inspector/misfortunes.json"
        async with session.post(url, json={"order": "2x cut off */voice"}) as ordered:
            assert ordered.status == 204
        unusable: list[Any] = [{"order": "explode *"}, {}, [], "x"]
        for body in unusable:
            async with session.post(url, json=body) as refused:
                assert refused.status == 400
    network = await look(simulator, "/inspector/network.json")

    assert [(one["kind"], one["times"]) for one in network["misfortunes"]] == [("cut off", 2)]
    assert network["numbers"] == [NUMBER]
    assert {"name": "skew", "takes": "s", "usual": None} in network["kinds"]


@pytest.fixture
async def forgetful(application: Application, time: SteppedTime) -> AsyncIterator[Simulator]:
    numbers = {NUMBER: Number(f"{application.url}/voice")}
    simulator = Simulator(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, numbers=numbers, time=time, keeps=4)
    await simulator.start()
    yield simulator
    await simulator.stop()
    await asyncio.sleep(0)


async def test_old_calls_are_forgotten_with_all_that_is_theirs(
    application: Application, forgetful: Simulator, time: SteppedTime
) -> None:
    """Of those that are over the newest are kept; one that is not over never goes."""
    application["/voice"] = "<Record timeout='1'/><Say/>"
    lasting = forgetful.telephone("+12025550199")
    forgetful.numbers["+12025550101"] = Number(f"{application.url}/lasting")
    application["/lasting"] = '<Gather timeout="600"/>'
    await lasting.dial("+12025550101")
    for _ in range(12):
        await forgetful.telephone("+12025550143").dial(NUMBER)
        await time.advance(10)

    assert lasting.call
    assert lasting.call.sid in forgetful.calls
    assert 4 <= len(forgetful.calls) - 1 <= 5
    assert {one.call_sid for one in forgetful.exchanges} <= set(forgetful.calls)
    assert {one.call_sid for one in forgetful.errors} <= set(forgetful.calls)
    kept = await look(forgetful, "/inspector/calls.json")
    assert kept["kept"] == len(forgetful.calls)


async def test_a_deleted_call_does_not_keep_others_from_being_forgotten(
    application: Application, forgetful: Simulator, time: SteppedTime
) -> None:
    """REST took it away before its time came."""
    application["/voice"] = "<Hangup/>"
    for _ in range(12):
        await forgetful.telephone("+12025550143").dial(NUMBER)
        await time.advance(1)
        if len(forgetful.calls) == 2:
            await delete(forgetful, next(iter(forgetful.calls)))

    assert len(forgetful.calls) <= 5
    assert forgetful.errors == []


async def delete(simulator: Simulator, call_sid: str) -> None:
    credentials = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, AUTH_TOKEN)}
    url = f"{simulator.base_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{call_sid}.json"
    async with aiohttp.ClientSession(headers=credentials) as session, session.delete(url) as answer:
        assert answer.status == 204


async def test_what_has_no_call_is_not_kept_for_ever(
    application: Application, forgetful: Simulator, time: SteppedTime
) -> None:
    """Messages, what was told of them, and what went wrong with it."""
    credentials = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, AUTH_TOKEN)}
    url = f"{forgetful.base_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    form = {"To": "+12025550143", "From": NUMBER, "Body": "Hello", "StatusCallback": f"{application.url}/gone"}
    async with aiohttp.ClientSession(headers=credentials) as session:
        for _ in range(130):
            async with session.post(url, data=form) as answer:
                assert answer.status == 201
            await time.advance(1)

    assert 100 <= len(forgetful.messages) <= 125
    assert len(forgetful.exchanges) <= 2 * 126
    assert len(forgetful.errors) < 200 < 260 == len(application.received("/gone"))


def test_a_look_costs_what_changed() -> None:
    """After many calls, the latest change is found without passing by all the others."""
    history = History()
    for number in range(10_000):
        history.touch(f"CA{number}")
    before = history.version
    history.touch("CA5")
    history.touch("CA7")
    history.touch("CA5")

    assert history.since(before) == ["CA5", "CA7"]
    assert history.since(history.version) == []
    assert len(history.since(0)) == 10_000


def test_the_simulator_wears_the_colours_of_the_console() -> None:
    """It imports nothing from the rest of the project, so it has a copy of the sheet that all pages share."""
    own = ROOT / "ivr" / "simulator" / "inspector" / "static" / "base.css"

    assert own.read_bytes() == (ROOT / "ivr" / "console" / "static" / "base.css").read_bytes()


@needs_browser
async def test_the_page_follows_a_call(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """It appears by itself; its messages open with parameters, headers and the document; a misfortune is a button."""
    application["/voice"] = '<Gather numDigits="1" action="/a"><Say>Press 1 &amp; wait</Say></Gather>'
    application["/a"] = "<Say>Goodbye</Say>"
    complaints: list[str] = []
    async with a_browser() as browser:
        page = await browser.new_page(viewport={"width": 360, "height": 740})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(simulator.base_url)
        await caller.dials(NUMBER)
        await caller.presses("1")
        await page.locator(".row").click()
        await page.get_by_text("POST /a").click()
        opened = page.locator("details[open]")
        await opened.get_by_text("X-Twilio-Signature").wait_for()
        await caller.hears("Goodbye")
        await time.advance(5)
        await page.locator(".facts__head").get_by_text("completed").wait_for()
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert await opened.get_by_text("Digits").count() == 1
        assert await opened.locator("pre").inner_text() == "<Response>\n  <Say>Goodbye</Say>\n</Response>"
        await page.get_by_role("link", name="Network").click()
        await page.get_by_label("Which address").fill("*/voice")
        await page.get_by_role("button", name="Order").click()
        await eventually(lambda: simulator.faults.open, "the misfortune ordered")
        await page.get_by_label("What").select_option("at random")
        await page.get_by_label("Chance in %").fill("7.5")
        await page.get_by_role("button", name="Order").click()
        await page.get_by_text("at random 7.5%").first.wait_for()

    assert width <= 360
    assert complaints == []
