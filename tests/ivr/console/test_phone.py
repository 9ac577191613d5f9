"""The telephone in the browser, used as a new user would: by keyboard, on a small screen, with and without a voice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.support.browser import needs_browser
from tests.support.house import NUMBER
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from tests.ivr.console.conftest import Desk

OWN = "+12025550143"
pytestmark = needs_browser


async def ring(desk: Desk, to: str = OWN) -> None:
    """The application calls ``to``, through REST, and sends who answers to its own voice webhook."""
    house = desk.house
    account = house.network.account_sid
    proof = aiohttp.encode_basic_auth(account, house.network.auth_token)
    form = {"To": to, "From": NUMBER, "Url": house.network.numbers[NUMBER].voice_url}
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{house.network_url}/2010-04-01/Accounts/{account}/Calls.json",
            data=form,
            headers={"Authorization": proof},
        ) as answer,
    ):
        assert answer.status == 201, await answer.text()


async def test_a_newcomer_calls_by_keyboard_alone(desk: Desk) -> None:
    """Enter dials the number offered, a digit answers the menu, Escape hangs up; the focus is never lost."""
    await desk.page.keyboard.press("Enter")
    await desk.is_in_state("talking")
    await desk.hears("Thanks for calling Acme.")
    await desk.page.keyboard.press("1")
    await desk.hears("or say order status")
    await desk.is_asked()
    await desk.page.keyboard.press("Escape")
    await desk.is_in_state("idle")
    await desk.page.keyboard.press("Tab")

    assert await desk.page.locator(":focus-visible").count() == 1
    assert await desk.page.locator(".said--you kbd").all_inner_texts() == ["1"]
    assert desk.call
    assert (desk.call.from_, desk.call.to, desk.call.status) == (OWN, NUMBER, "completed")


async def test_keys_typed_words_and_the_microphone_answer(desk: Desk) -> None:
    """Three ways to say the same; what was said stands in the conversation in order."""
    await desk.page.get_by_role("button", name="Support").click()
    await desk.hears("For English, press 1.")
    await desk.page.get_by_role("button", name="1", exact=True).click()
    await desk.is_asked()
    await desk.page.keyboard.press('"')
    await desk.page.keyboard.type("order status")
    await desk.page.keyboard.press("Enter")
    await desk.says("order status")
    await desk.hears("Please key in your six digit order number.")
    await desk.page.keyboard.press("Escape")
    await desk.is_in_state("idle")
    await desk.page.get_by_role("button", name="Redial").click()
    await desk.hears("For English, press 1.")
    await desk.page.keyboard.press("1")
    await desk.is_asked()
    await desk.page.get_by_role("button", name="Talk").click()
    await desk.says("opening hours")
    await desk.hears("200 Market Street")

    assert await desk.page.locator(".said--you").last.inner_text() == "You said\n“opening hours”"


async def test_prompts_are_spoken_in_their_language_and_recordings_played(desk: Desk) -> None:
    """By the browser's own voice; muted, nothing is spoken, and it stays so."""
    async with desk.page.expect_request("**/audio/*") as fetched:
        await desk.page.keyboard.press("Enter")
    await desk.hears("Para español, oprima 2.")
    await eventually(lambda: spoken_in(desk, "es-US"), "a sentence in Spanish")
    request = await fetched.value
    await desk.page.get_by_role("button", name="Voice").click()
    before = await desk.page.evaluate("spoken.length")
    await desk.page.keyboard.press("1")
    await desk.hears("or say order status")

    assert request.resource_type == "media"
    assert await spoken_in(desk, "en-US")
    assert await desk.page.evaluate("spoken.length") == before
    await desk.page.reload()
    assert await desk.page.get_by_role("button", name="Muted").get_attribute("aria-pressed") == "false"


async def spoken_in(desk: Desk, language: str) -> bool:
    spoken: list[list[str]] = await desk.page.evaluate("spoken")
    return any(one[0] == language for one in spoken)


@pytest.mark.parametrize(
    ("key", "status", "note"), [("Enter", "completed", "You answered"), ("Escape", "no-answer", "")]
)
async def test_it_rings_when_somebody_calls(desk: Desk, key: str, status: str, note: str) -> None:
    """It shows who, also in the title; Enter answers, Escape declines, and then it is free again."""
    await ring(desk)
    await desk.is_in_state("ringing")

    assert "+1 202 555 0100" in await desk.page.locator("#peer").inner_text()
    assert await desk.page.evaluate("document.activeElement.id") == "answer"
    await eventually(lambda: title_says(desk, "is calling"), "the caller in the title")
    await desk.page.keyboard.press(key)
    if note:
        await desk.is_in_state("talking")
        await desk.hears(note)
        await desk.hears("or say order status")
        await desk.page.keyboard.press("Escape")
    await desk.is_in_state("idle")

    await eventually(lambda: desk.call and desk.call.status == status, f"the call {status}")
    assert not await title_says(desk, "is calling")


async def title_says(desk: Desk, text: str) -> bool:
    return text in await desk.page.title()


async def test_a_number_of_ones_own_rings_and_is_remembered(desk: Desk) -> None:
    """The telephone's number can be changed; calls to the new one ring."""
    await desk.page.get_by_text("This telephone is").click()
    await desk.page.get_by_label("Its number").fill("+12025550177")
    await desk.page.get_by_role("button", name="Keep").click()
    await desk.page.reload()
    await desk.is_in_state("idle")
    await ring(desk, "+12025550177")

    await desk.is_in_state("ringing")
    await desk.page.keyboard.press("Escape")
    await desk.is_in_state("idle")


async def test_a_network_that_goes_away_is_said_and_comes_back(desk: Desk) -> None:
    """In the middle of a call too; the call is over, the page says why nothing goes, and nobody has to reload it."""
    await desk.page.keyboard.press("Enter")
    await desk.is_in_state("talking")
    await desk.hears("Thanks for calling Acme.")
    port = int(desk.house.network_url.rpartition(":")[2])
    await desk.house.network.stop()
    await desk.is_in_state("away")

    assert "No connection to the telephone network" in await desk.page.locator("#state").inner_text()
    assert await desk.page.get_by_role("button", name="Call", exact=True).is_disabled()
    await desk.house.network.start(port=port)
    await desk.is_in_state("idle")
    desk.complaints.clear()  # the browser's own about connections refused meanwhile


@pytest.mark.parametrize("width", [320, 360, 800, 1280])
async def test_nothing_is_wider_than_the_screen(desk: Desk, width: int) -> None:
    """From the smallest telephone to a desk; on a telephone all of it is seen at once, in a call too."""
    await desk.page.set_viewport_size({"width": width, "height": 740})
    await desk.page.keyboard.press("Enter")
    await desk.hears("Para español, oprima 2.")
    wide, high = await desk.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    key = await desk.page.get_by_role("button", name="5", exact=False).bounding_box()

    assert wide <= width
    assert high <= 740 or width > 800
    assert key
    assert min(key["width"], key["height"]) >= 44


async def test_every_control_has_a_name(desk: Desk) -> None:
    """What a screen reader says; the conversation is a live log, the state a status."""
    nameless = await desk.page.evaluate(
        """[...document.querySelectorAll("button, input, a, summary, section")].filter((one) => !(
            one.getAttribute("aria-label") || one.getAttribute("aria-labelledby") || one.innerText.trim()
            || one.labels?.length || one.textContent.trim())).map((one) => one.outerHTML)"""
    )

    twice = await desk.page.evaluate(
        "[...document.querySelectorAll('[id]')].map((one) => one.id).filter((id, at, all) => all.indexOf(id) !== at)"
    )

    assert nameless == []
    assert twice == []
    assert await desk.page.get_by_role("log", name="What was said").get_attribute("aria-live") == "polite"
    assert await desk.page.get_by_role("status").first.inner_text() == "Ready"
    assert await desk.page.get_by_role("heading", level=1).count() == 1
