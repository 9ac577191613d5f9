"""``/console/phone``: a telephone in the browser, for ``ivr demo`` on this machine.

The page holds no secret: it speaks the handset protocol of docs/simulator.md with a simulator that was told of its
address. Asked for by a name or address that is not this machine's own, it is not there.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from ivr.console.page import Markup, page, static
from ivr.settings import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from flows.center import Center
    from ivr.programs import Programs


class Phone:
    """``simulator_url`` is where the telephone's network is, ``http://127.0.0.1:8090``."""

    def __init__(self, programs: Programs, simulator_url: str) -> None:
        self._programs = programs
        self._simulator_url = simulator_url

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/console/phone", only_here(self.show)),
            web.get(r"/console/static/{path:[\w./-]+}", only_here(static)),
        ]

    async def show(self, _request: web.Request) -> web.Response:
        """The telephone, with the live centre's numbers to dial."""
        handset = f"{self._simulator_url.replace('http', 'ws', 1)}/handset"
        live = self._programs.live
        texts = {
            "center": live.center.name if live else "Cordboard",
            "handset": handset,
            "simulator": self._simulator_url,
            "numbers": _numbers(live.center) if live else "",
        }
        # What a flow plays may be anywhere; the telephone's network is on another port of this machine.
        allow = {"connect-src": f"'self' {handset}", "media-src": "http: https:"}
        return page("phone", texts, allow=allow, permissions="microphone=(self)")


def only_here(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler, for browsers of this machine; for all others there is nothing here."""

    async def careful(request: web.Request) -> web.StreamResponse:
        if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
            raise web.HTTPNotFound
        return await handler(request)

    return careful


def _numbers(center: Center) -> Markup:
    """A button for each number."""
    return Markup(
        "".join(
            f'<li><button type="button" class="offer" data-dial="{escape(number)}">'
            f'<span class="offer__name">{escape(flow.replace("_", " ").capitalize())}</span>'
            f'<span class="offer__number">{escape(number)}</span></button></li>'
            for number, flow in center.numbers.items()
        )
    )
