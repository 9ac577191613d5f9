"""A number that takes no messages: the flow has a way out of its own for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from tests.support.posting import Poster
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from tests.support.house import House


@pytest.mark.parametrize(
    ("code", "words"),
    [(21614, "You have no mobile."), (21612, "You have no mobile."), (21610, "It could not be sent.")],
)
async def test_a_landline_is_told_from_other_refusals(house: House, code: int, words: str) -> None:
    """The provider's code says that nobody can write to this number; any other refusal is a failure."""

    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"code": code, "message": "no", "status": 400}, status=400)

    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", refuse)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    files = small_workspace()
    flow = files["flows/main.yaml"].replace(
        "    failed: not_sent\n", "    failed: not_sent\n    not_mobile: landline\n"
    )
    await house.publish(files | {"flows/main.yaml": flow + "  landline: {hangup: You have no mobile.}\n"})
    server = await house.open(twilio_api_url=f"http://127.0.0.1:{runner.addresses[0][1]}")
    async with aiohttp.ClientSession() as session:
        poster = Poster(session, server)
        await poster.voice()
        reply = await poster.turn(1, Digits="1")
    await runner.cleanup()

    assert words in reply.text
