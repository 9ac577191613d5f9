"""A demo's house with the telephone open in a browser; speech passes on the network's stepped time."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import a_browser
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from ivr.simulator.call import Call
    from tests.support.house import House, Server

# The machine has no voice, no microphone and no ear: what the page asks the browser for is written down instead.
BROWSERS_OWN = """
window.spoken = [];
speechSynthesis.speak = (one) => {
  window.spoken.push([one.lang, one.text]);
  setTimeout(() => one.dispatchEvent(new Event("end")));
};
window.SpeechRecognition = class extends EventTarget {
  start() {
    const result = [{ transcript: "opening hours", confidence: 0.8 }];
    setTimeout(() => {
      this.dispatchEvent(Object.assign(new Event("result"), { results: [result] }));
      this.dispatchEvent(new Event("end"));
    });
  }
  abort() {}
};
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    window.sockets.push(this);
  }
};
"""

ASK_BACK = """() => new Promise((done) => {
  const socket = sockets.at(-1);
  socket.addEventListener("message", (message) => JSON.parse(message.data).kind === "error" && done());
  socket.send('{"do": "nothing"}');
})"""


@dataclass(slots=True)
class Desk:
    """A person at the browser's telephone."""

    page: Page
    house: House
    url: str
    complaints: list[str]

    @property
    def call(self) -> Call | None:
        """The newest call of the network."""
        return next(reversed(self.house.network.calls.values()), None)

    async def is_in_state(self, state: str) -> None:
        await self.page.locator(f'body[data-state="{state}"]').wait_for(timeout=10_000)

    async def hears(self, text: str) -> None:
        """Wait until ``text`` stands in the conversation; speech passes meanwhile, silence does not."""

        async def is_there() -> bool:
            await self._let_speech_pass()
            return await self.page.locator("#paper").get_by_text(text).count() > 0

        await eventually(is_there, f"{text!r} on the page")

    async def is_asked(self) -> None:
        """Wait until the prompts are over and the line listens."""

        async def listens() -> bool:
            await self._let_speech_pass()
            return await self.page.locator("#ear:not(.ear--speaking)").is_visible()

        await eventually(listens, "the line listening")

    async def says(self, words: str) -> None:
        """Wait until ``words`` have been said and taken, and let the silence after them pass."""
        await self.page.locator(".said--you", has_text=words).wait_for()
        await self.page.evaluate(ASK_BACK)  # answered after all that was sent before it
        await self.house.time.advance(2)

    async def _let_speech_pass(self) -> None:
        last = self.call.heard[-1] if self.call and self.call.heard else None
        if last and last.kind in {"say", "play", "pause"}:
            left_s = (last.at_ms - self.house.time.now_ms()) / 1000 + last.seconds
            await self.house.time.advance(max(left_s, 0.0))
        await self.house.time.settle()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as made:
        yield made


@pytest.fixture
async def demo(center: House) -> Server:
    """The house's number leads to a server that has the page, and the network knows its address."""
    server = await center.open(telephones=center.network_url)
    await server.programs.refresh()
    center.connect(server)
    center.network.pages.add(server.base_url)
    return server


@pytest.fixture
async def desk(demo: Server, center: House, browser: Browser) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        context = await browser.new_context(viewport={"width": 360, "height": 740})
        stack.push_async_callback(context.close)
        page = await context.new_page()
        await page.add_init_script(BROWSERS_OWN)
        made = Desk(page, center, demo.base_url, [])
        page.on("console", lambda message: made.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        await page.goto(f"{demo.base_url}/console/phone")
        await made.is_in_state("idle")
        yield made
        assert made.complaints == []
