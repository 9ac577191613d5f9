"""The composition root: builds everything one server process is made of, and nothing else does.

Handlers are a few lines each: they take what they need from the application by typed keys, and leave deciding to the
rooms behind them.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import wraps
from time import perf_counter
from typing import TYPE_CHECKING

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from ivr.calls import CallDesk
from ivr.effects import Effects
from ivr.fetching import Fetcher
from ivr.logs import about_call
from ivr.metrics import Metrics
from ivr.outbox import OutboxSweeper
from ivr.programs import Programs
from ivr.sessions import Sessions
from ivr.twilio.links import Links
from ivr.twilio.rest import TwilioRest
from ivr.twilio.signature import Prover
from ivr.twilio.twiml import EMPTY
from ivr.twilio.webhooks import MOST_BYTES, FrontDoor
from routing.redis import RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.typedefs import Handler

    from ivr.clock import Clock
    from ivr.settings import Settings
    from routing.redis import Redis

log = structlog.get_logger()

DOOR = web.AppKey("door", FrontDoor)
DESK = web.AppKey("desk", CallDesk)
SWEEPER = web.AppKey("sweeper", OutboxSweeper)
PROGRAMS = web.AppKey("programs", Programs)
METRICS = web.AppKey("metrics", Metrics)
REDIS = web.AppKey["Redis"]("redis")

XML = "text/xml"
YEAR_S = 365 * 24 * 3600


def make_app(settings: Settings, redis: Redis, clock: Clock) -> web.Application:
    """One server process's application over an open connection to Redis; the caller closes that."""
    app = web.Application(client_max_size=MOST_BYTES)
    links = Links(settings.base_url)
    app[REDIS] = redis
    app[DOOR] = FrontDoor(Prover(settings.twilio_auth_token, settings.base_url), settings.twilio_account_sid)
    app[PROGRAMS] = Programs(redis, clock)
    app[METRICS] = Metrics(CollectorRegistry())
    app.cleanup_ctx.append(lambda made: _desk(made, settings, links, clock))
    app.router.add_post("/twilio/voice", voice)
    app.router.add_post(r"/twilio/calls/{call_sid}/turns/{turn:\d{1,6}}", turn)
    app.router.add_post("/twilio/status", status)
    app.router.add_post("/twilio/messages", messages)
    app.router.add_get(r"/audio/{audio:[0-9a-f]{64}}", audio)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app


async def _desk(app: web.Application, settings: Settings, links: Links, clock: Clock) -> AsyncIterator[None]:
    """The call desk and its helpers live as long as the application; acts under way end before their clients do."""
    sessions = Sessions(app[REDIS])
    rest = TwilioRest(settings)
    fetcher = Fetcher(settings.http_private_hosts)
    effects = Effects(fetcher=fetcher, rest=rest, links=links, clock=clock)
    desk = CallDesk(sessions=sessions, programs=app[PROGRAMS], effects=effects, links=links, clock=clock)
    app[DESK] = desk
    app[SWEEPER] = OutboxSweeper(sessions=sessions, desk=desk, clock=clock)
    tasks = [asyncio.create_task(app[SWEEPER].run()), asyncio.create_task(app[PROGRAMS].watch())]
    with suppress(RedisUnavailable):  # not ready yet, and /readyz says so; the watch goes on trying
        await app[PROGRAMS].refresh()
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await desk.close()
    await fetcher.close()
    await rest.close()


def never_a_stack_trace(handler: Handler) -> Handler:
    """Answer our own bugs with a plain 500 and log them; voice webhooks have their own care (``CallDesk.answer``)."""

    @wraps(handler)
    async def careful(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except (RedisUnavailable, RedisRefused) as error:
            log.warning("request_without_redis", path=request.path, error=str(error))
            return web.Response(status=503, text="The store behind this server cannot be reached; try again soon.\n")
        except Exception:
            log.exception("request_failed", path=request.path)
            return web.Response(status=500, text="Something went wrong on our side; it has been written down.\n")

    return careful


async def voice(request: web.Request) -> web.Response:
    """A call arrives."""
    return await _answer(request, None)


async def turn(request: web.Request) -> web.Response:
    """A call goes on."""
    return await _answer(request, int(request.match_info["turn"]))


async def _answer(request: web.Request, number: int | None) -> web.Response:
    proved = await request.app[DOOR].read_voice(request)
    if number is not None and request.match_info["call_sid"] != proved.call_sid:
        raise web.HTTPBadRequest(text="CallSid is not the call of this address\n")
    began_s = perf_counter()
    with about_call(proved.call_sid):
        document = await request.app[DESK].answer(proved, number)
    request.app[METRICS].turn(perf_counter() - began_s)
    return web.Response(body=document, content_type=XML)


@never_a_stack_trace
async def status(request: web.Request) -> web.Response:
    """The provider tells how a call stands; its end is a hang-up."""
    proved = await request.app[DOOR].read_voice(request)
    if proved.over:
        with about_call(proved.call_sid):
            await request.app[DESK].hang_up(proved.call_sid)
    return web.Response(body=EMPTY, content_type=XML)


@never_a_stack_trace
async def messages(request: web.Request) -> web.Response:
    """The provider tells what became of a message; the act that sent it stands in the query."""
    form = await request.app[DOOR].read_form(request)
    call_sid, act_id = request.query.get("call", ""), request.query.get("act", "")
    if act_id:
        with about_call(call_sid):
            await request.app[DESK].message_seen(call_sid, act_id, form.get("MessageSid", ""))
    return web.Response(body=EMPTY, content_type=XML)


@never_a_stack_trace
async def audio(request: web.Request) -> web.Response:
    """A prompt, by the hash of its bytes: unguessable, never changing, so anybody may keep it."""
    found = await request.app[PROGRAMS].audio(request.match_info["audio"])
    if found is None:
        raise web.HTTPNotFound(text="No published flow plays this.\n")
    kind, content = found
    return web.Response(
        body=content, content_type=kind, headers={"Cache-Control": f"public, max-age={YEAR_S}, immutable"}
    )


async def healthz(_request: web.Request) -> web.Response:
    """The process lives."""
    return web.Response(text="ok\n")


@never_a_stack_trace
async def readyz(request: web.Request) -> web.Response:
    """Calls can be answered: Redis is there and a program is live; not SQL, not Twilio, without which calls go on."""
    await request.app[REDIS].execute("PING")
    live = request.app[PROGRAMS].live
    if live is None:
        return web.Response(status=503, text="No program is live: publish a workspace.\n")
    return web.json_response({"ready": True, "program": live.id, "center": live.center.name})


async def metrics(request: web.Request) -> web.Response:
    """Prometheus' text format."""
    return web.Response(body=generate_latest(request.app[METRICS].registry), content_type="text/plain")
