"""A call centre that is not ours: a small aiohttp application on the network's own queue, for tests and benches.

Callers are greeted and wait in the queue; an agent is a telephone that calls in and is given one caller after the
other. ``agents`` of them sign in with ``open``, so that ``Dial Queue`` is all the routing there is: longest waiting
first, whichever agent has waited longest.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from ivr.simulator import Number, Simulator, Telephone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ivr.simulator import Time

CALLERS, AGENTS = "+12025550100", "+12025550101"
ACCOUNT_SID = "AC00000000000000000000000000000001"

DOCUMENTS = {
    "/greet": '<Enqueue action="/after" waitUrl="/wait">callers</Enqueue>',
    "/wait": '<Say>All of our agents are busy. Please hold.</Say><Pause length="20"/>',
    "/desk": '<Dial action="/desk" timeout="600"><Queue>callers</Queue></Dial>',
}


@dataclass(slots=True)
class Centre:
    """What it was told: the final statuses of each call by sid, and how each caller's time in the queue ended."""

    ended: dict[str, list[str]] = field(default_factory=dict)
    results: dict[str, list[str]] = field(default_factory=dict)
    webhooks: int = 0

    async def read(self, request: web.Request) -> web.Response:
        self.webhooks += 1
        return _twiml(DOCUMENTS[request.path])

    async def after(self, request: web.Request) -> web.Response:
        self.webhooks += 1
        form = await request.post()
        self.results.setdefault(str(form["CallSid"]), []).append(str(form["QueueResult"]))
        return _twiml("<Hangup/>")

    async def status(self, request: web.Request) -> web.Response:
        self.webhooks += 1
        form = await request.post()
        self.ended.setdefault(str(form["CallSid"]), []).append(str(form["CallStatus"]))
        return web.Response(status=204)


def _twiml(verbs: str) -> web.Response:
    return web.Response(text=f"<Response>{verbs}</Response>", content_type="text/xml")


@asynccontextmanager
async def a_centre(time: Time, *, agents: int) -> AsyncIterator[tuple[Centre, Simulator]]:
    """The application, the network that calls it, and ``agents`` telephones that have signed in."""
    centre = Centre()
    app = web.Application()
    for path in DOCUMENTS:
        app.router.add_post(path, centre.read)
    app.router.add_post("/after", centre.after)
    app.router.add_post("/status", centre.status)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    numbers = {
        CALLERS: Number(f"{url}/greet", status_callback=f"{url}/status"),
        AGENTS: Number(f"{url}/desk", status_callback=f"{url}/status"),
    }
    simulator = Simulator(account_sid=ACCOUNT_SID, auth_token="centre", numbers=numbers, time=time)
    await simulator.start()
    simulator.queues.open("callers")
    try:
        for agent in range(agents):
            await Telephone(simulator, f"client:agent-{agent}").dial(AGENTS)
        yield centre, simulator
    finally:
        await simulator.stop()
        await runner.cleanup()
