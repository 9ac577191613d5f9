"""What the simulator serves: the vendor's REST API, telephones over WebSocket, its inspector and what it remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from ivr.simulator.inspector import routes as inspector_routes
from ivr.simulator.keys import SIMULATOR
from ivr.simulator.memory import show_calls
from ivr.simulator.rest import routes
from ivr.simulator.rest.conventions import speak_like_the_vendor
from ivr.simulator.visitors import only_known_visitors
from ivr.simulator.wire import handset

if TYPE_CHECKING:
    from ivr.simulator.network import Simulator


def make_app(simulator: Simulator) -> web.Application:
    app = web.Application(middlewares=[only_known_visitors, speak_like_the_vendor])
    app[SIMULATOR] = simulator
    app.add_routes([web.get("/handset", handset), web.get("/simulator/calls.json", show_calls)])
    app.add_routes([*inspector_routes(), *routes()])
    return app
