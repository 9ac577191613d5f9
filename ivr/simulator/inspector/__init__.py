"""The inspector: the simulator's own page at ``/``, with every call and every exchange as they happen.

It asks for what is new since its last look, so that it costs what happens and not what has happened. It shows
signatures, which prove nothing by themselves, and never credentials. Who may look: ``visitors``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from ivr.simulator.inspector import calls, misfortunes, network, page

if TYPE_CHECKING:
    from collections.abc import Iterable


def routes() -> Iterable[web.RouteDef]:
    """The page, its files, and what they ask for."""
    return [
        web.get("/", page.show),
        web.get("/inspector/calls.json", calls.list_calls),
        web.get("/inspector/calls/{call}.json", calls.show_call),
        web.get("/inspector/network.json", network.show_network),
        web.post("/inspector/misfortunes.json", misfortunes.order),
        web.delete("/inspector/misfortunes.json", misfortunes.forget),
        web.get(r"/inspector/{name:[\w.-]+}", page.static),
    ]
