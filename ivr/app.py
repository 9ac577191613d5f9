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

from flows.instructions import JoinQueue, SendMessage, SendRequest
from ivr.acts.errands import LeaveQueue, MoveCall, RingAgent
from ivr.acts.join import QueueJoiner
from ivr.acts.leave import QueueLeaver
from ivr.acts.message import MessageSender
from ivr.acts.move import CallMover
from ivr.acts.request import RequestSender
from ivr.acts.ring import AgentRinger
from ivr.calls import CallDesk
from ivr.closures import Closures
from ivr.console.phone import Phone
from ivr.effects import Effects
from ivr.fetching import Fetcher
from ivr.logs import about_call
from ivr.meeting.guests import Guests
from ivr.meeting.host import Host
from ivr.meeting.legs import Legs
from ivr.meeting.webhooks import NAMES, MeetingWebhooks
from ivr.metrics import Metrics
from ivr.observing import Observer
from ivr.outbox import OutboxSweeper
from ivr.programs import Programs
from ivr.queuekeeper import QueueKeeper
from ivr.queues import Queues
from ivr.sealing import Vault
from ivr.sessions import Sessions
from ivr.timeline.api import EventsApi
from ivr.timeline.lag import lag_of
from ivr.timeline.timeline import Timeline
from ivr.twilio.links import Links
from ivr.twilio.requests import read_recording
from ivr.twilio.rest import TwilioRest
from ivr.twilio.signature import Prover
from ivr.twilio.twiml import EMPTY
from ivr.twilio.webhooks import MOST_BYTES, FrontDoor
from routing.redis import RedisError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.typedefs import Handler

    from flows.instructions import Act
    from ivr.acts import Performer
    from ivr.acts.errands import Errand
    from ivr.clock import Clock
    from ivr.settings import Settings
    from routing.redis import Redis

log = structlog.get_logger()

DESK = web.AppKey("desk", CallDesk)
KEEPER = web.AppKey("keeper", QueueKeeper)
SWEEPER = web.AppKey("sweeper", OutboxSweeper)
PROGRAMS = web.AppKey("programs", Programs)
METRICS = web.AppKey("metrics", Metrics)
REDIS = web.AppKey["Redis"]("redis")
TIMELINE = web.AppKey("timeline", Timeline)

XML = "text/xml"
YEAR_S = 365 * 24 * 3600


def make_app(
    settings: Settings, redis: Redis, clock: Clock, *, timeline: Timeline | None = None, telephones: str = ""
) -> web.Application:
    """One server process's application over an open connection to Redis, which the caller closes; in a running loop.

    ``timeline`` knows customers, and is opened and closed here; without one nobody is known and no events are taken.
    ``telephones`` is the simulator that lends the browser's telephone, of a demo; without it, or on an address that
    others can reach, there is no such page.
    """
    app = web.Application(client_max_size=MOST_BYTES)
    links = Links(settings.base_url)
    rest, fetcher = TwilioRest(settings), Fetcher(settings.http_private_hosts)
    vault = Vault(settings.secrets, settings.secret_key)
    sessions, legs = Sessions(redis), Legs(redis)
    app[REDIS] = redis
    app[METRICS] = Metrics(CollectorRegistry())
    app[PROGRAMS] = Programs(redis, clock, vault)
    closures = Closures(redis, clock)
    queues = Queues(redis, programs=app[PROGRAMS], sessions=sessions, closures=closures, clock=clock)
    observer = Observer(closures, timeline, queues)
    performers: dict[type[Act | Errand], Performer] = {
        JoinQueue: QueueJoiner(queues),
        LeaveQueue: QueueLeaver(queues),
        MoveCall: CallMover(rest, links, sessions, legs),
        RingAgent: AgentRinger(redis, rest, links, legs, clock),
        SendMessage: MessageSender(rest, links),
        SendRequest: RequestSender(fetcher, vault),
    }
    effects = Effects(
        fetcher=fetcher, observer=observer, vault=vault, performers=performers, queues=queues, clock=clock
    )
    app[DESK] = CallDesk(
        sessions=sessions, programs=app[PROGRAMS], effects=effects, vault=vault, links=links, clock=clock
    )
    app[SWEEPER] = OutboxSweeper(sessions=sessions, desk=app[DESK], clock=clock)
    host = Host(
        redis=redis,
        legs=legs,
        sessions=sessions,
        programs=app[PROGRAMS],
        desk=app[DESK],
        rest=rest,
        links=links,
        clock=clock,
    )
    app[KEEPER] = QueueKeeper(redis=redis, queues=queues, desk=app[DESK], host=host, clock=clock)
    app.cleanup_ctx.append(background)

    async def close_clients(_app: web.Application) -> None:
        await fetcher.close()
        await rest.close()

    app.on_cleanup.append(close_clients)
    door = FrontDoor(Prover(settings.twilio_auth_token, settings.base_url), settings.twilio_account_sid)
    webhooks = Webhooks(door, app[DESK], app[METRICS])
    app.router.add_post("/twilio/voice", webhooks.voice)
    app.router.add_post(r"/twilio/calls/{call_sid}/turns/{turn:\d{1,6}}", webhooks.turn)
    app.router.add_post("/twilio/status", never_a_stack_trace(webhooks.status))
    app.router.add_post("/twilio/messages", never_a_stack_trace(webhooks.messages))
    app.router.add_post("/twilio/recordings", never_a_stack_trace(webhooks.recordings))
    guests = Guests(redis=redis, legs=legs, host=host, programs=app[PROGRAMS], links=links, clock=clock)
    meeting = MeetingWebhooks(door, guests)
    app.router.add_post(NAMES + r"/turns/{turn:\d{1,6}}", never_a_stack_trace(meeting.leg))
    app.router.add_post(NAMES + "/status", never_a_stack_trace(meeting.status))
    app.router.add_post("/twilio/conference", never_a_stack_trace(meeting.conference))
    app.router.add_get(r"/audio/{audio:[0-9a-f]{64}}", never_a_stack_trace(audio))
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", never_a_stack_trace(readyz))
    app.router.add_get("/metrics", metrics)
    if timeline is not None:
        app[TIMELINE] = timeline
        app.add_routes(EventsApi(timeline, settings.api_tokens, clock).routes())
    if telephones and settings.is_loopback:
        app.add_routes(Phone(app[PROGRAMS], telephones).routes())
    return app


async def background(app: web.Application) -> AsyncIterator[None]:
    """What runs beside the webhooks; acts under way come to their end before the clients that they need."""
    tasks = [asyncio.create_task(each) for each in (app[SWEEPER].run(), app[PROGRAMS].watch(), app[KEEPER].run())]
    with suppress(RedisError):  # not ready yet, and /readyz says so; the watch goes on trying
        await app[PROGRAMS].refresh()
    if TIMELINE in app:
        tasks.append(asyncio.create_task(app[TIMELINE].open()))
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await app[KEEPER].close()
    await app[DESK].close()
    if TIMELINE in app:
        await app[TIMELINE].close()


def never_a_stack_trace(handler: Handler) -> Handler:
    """Answer our own bugs with a plain 500 and log them; voice webhooks have their own care (``CallDesk.answer``)."""

    @wraps(handler)
    async def careful(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except RedisError as error:
            log.warning("request_without_redis", path=request.path, error=str(error))
            return web.Response(status=503, text="The store behind this server cannot be reached; try again soon.\n")
        except Exception:
            log.exception("request_failed", path=request.path)
            return web.Response(status=500, text="Something went wrong on our side; it has been written down.\n")

    return careful


class Webhooks:
    """The provider's webhooks: proved at the door, answered by the desk."""

    def __init__(self, door: FrontDoor, desk: CallDesk, metrics: Metrics) -> None:
        self._door = door
        self._desk = desk
        self._metrics = metrics

    async def voice(self, request: web.Request) -> web.Response:
        """A call arrives."""
        return await self._answer(request, None)

    async def turn(self, request: web.Request) -> web.Response:
        """A call goes on."""
        return await self._answer(request, int(request.match_info["turn"]))

    async def _answer(self, request: web.Request, turn: int | None) -> web.Response:
        began_s = perf_counter()
        proved = await self._door.read_voice(request)
        if turn is not None and request.match_info["call_sid"] != proved.call_sid:
            raise web.HTTPBadRequest(text="CallSid is not the call of this address\n")
        with about_call(proved.call_sid):
            document = await self._desk.answer(proved, turn)
        self._metrics.turn(perf_counter() - began_s)
        return web.Response(body=document, content_type=XML)

    async def status(self, request: web.Request) -> web.Response:
        """The provider tells how a call stands; its end is a hang-up."""
        proved = await self._door.read_voice(request)
        if proved.over:
            with about_call(proved.call_sid):
                await self._desk.hang_up(proved.call_sid)
        return web.Response(body=EMPTY, content_type=XML)

    async def messages(self, request: web.Request) -> web.Response:
        """The provider tells what became of a message; the act that sent it stands in the query."""
        form = await self._door.read_form(request)
        call_sid, act_id = request.query.get("call", ""), request.query.get("act", "")
        if act_id:
            with about_call(call_sid):
                await self._desk.message_seen(call_sid, act_id, form.get("MessageSid", ""))
        return web.Response(body=EMPTY, content_type=XML)

    async def recordings(self, request: web.Request) -> web.Response:
        """The provider tells that a recording is ready, or that there is none."""
        form = await self._door.read_form(request)
        garbage: list[str] = []
        made = read_recording(form, garbage)
        with about_call(form.get("CallSid", "")):
            if made is None:
                log.warning("recording_unreadable", garbage=garbage)
            else:
                status = form.get("RecordingStatus", "")
                log.info("recording_told", recording=made.sid, status=status, seconds=made.duration_s)
        return web.Response(body=EMPTY, content_type=XML)


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


async def readyz(request: web.Request) -> web.Response:
    """Calls can be answered: Redis is there and a program is live; not SQL, not Twilio, without which calls go on."""
    await request.app[REDIS].execute("PING")
    live = request.app[PROGRAMS].live
    if live is None:
        text = "No program is live, or this version cannot read it (see the log): publish a workspace.\n"
        return web.Response(status=503, text=text)
    lag = await lag_of(request.app[REDIS])
    facts = {"ready": True, "program": live.id, "center": live.center.name}
    return web.json_response(facts | {"timeline": {"waiting": lag.entries, "behind_s": lag.behind_s()}})


async def metrics(request: web.Request) -> web.Response:
    """Prometheus' text format."""
    with suppress(RedisError):  # what is counted in this process is told all the same
        request.app[METRICS].journals(await lag_of(request.app[REDIS]))
    return web.Response(body=generate_latest(request.app[METRICS].registry), content_type="text/plain")
