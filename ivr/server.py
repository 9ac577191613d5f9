"""One server process: serves the application on a socket it is given, until it is told to stop.

SIGTERM and SIGINT drain: the socket closes, turns and acts under way finish, then the process ends with 0.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from flows.problems import render
from ivr.app import PROGRAMS, make_app
from ivr.calls import TURN_BUDGET_S
from ivr.clock import parse_clock
from ivr.programs import Published, Refused
from ivr.timeline.timeline import Timeline
from ivr.valkey import NoServerRuns, socket_url
from ivr.workspace import read_workspace
from routing.redis import Redis, RedisUnavailable

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from ivr.programs import Programs
    from ivr.settings import Settings

log = structlog.get_logger()

# A turn under way may use its whole budget; a second more for its answer to leave.
DRAIN_S = TURN_BUDGET_S + 1.0
# A Redis that fails over or reads a gigabyte from disk is back by then; the supervisor tries twice more.
REDIS_START_S = 60.0
LOOK_AGAIN_S = 0.2


class WorkspaceProblemsError(Exception):
    """The workspace that was to go live has mistakes; the text is all of them, as people read them."""


async def serve(
    settings: Settings,
    listening: Sequence[socket.socket],
    *,
    publish: str,
    telephones: str = "",
    on_ready: Callable[[], object],
) -> None:
    """Serve on ``listening`` until SIGTERM or SIGINT.

    ``publish`` is ``first`` (publish the workspace when nothing is live yet) or ``changed`` (also when it differs from
    what is live). ``telephones`` is a demo's simulator. ``on_ready`` is called once, when calls can be answered.
    Raises WorkspaceProblemsError when the publication is refused, RedisUnavailable when there is no Redis.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    redis = await connect(settings, stop)
    try:
        clock = parse_clock(settings.clock)
        app = make_app(settings, redis, clock, timeline=Timeline(settings, clock), telephones=telephones)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_S)
        await runner.setup()
        try:
            await publish_workspace(settings, app[PROGRAMS], publish)
            for each in listening:
                await web.SockSite(runner, each).start()
            log.info("serving", address=settings.base_url)
            on_ready()
            await stop.wait()
            log.info("draining")
        finally:
            await runner.cleanup()
    finally:
        await redis.close()


async def connect(settings: Settings, stop: asyncio.Event) -> Redis:
    """Redis, waited for: it may be starting again, or reading what it keeps, at the moment when we are.

    Raises RedisUnavailable or NoServerRuns after ``REDIS_START_S``, or when ``stop`` is set.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + REDIS_START_S
    while True:
        try:
            return await Redis.connect(settings.redis_url or socket_url(settings.data_dir))
        except (RedisUnavailable, NoServerRuns) as error:
            if stop.is_set() or loop.time() > until:
                raise
            log.warning("waiting_for_redis", error=str(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_AGAIN_S)


async def publish_workspace(settings: Settings, programs: Programs, publish: str) -> None:
    """Make the workspace live where ``publish`` says so; raises WorkspaceProblemsError when it has mistakes."""
    # Asked again: this process may not have been able to read what is live, and must never replace it for that.
    if publish == "first" and not await programs.nothing_is_live():
        await programs.refresh()  # another process may have published since this one looked
        refuse_what_it_lacks(programs)
        return
    workspace = await asyncio.to_thread(read_workspace, settings.workspace)
    outcome = await programs.publish(workspace, author="ivr serve", message="first start")
    if isinstance(outcome, Refused):
        raise WorkspaceProblemsError(render(outcome.problems, workspace.files))
    if isinstance(outcome, Published):
        log.info("published", workspace=str(settings.workspace), program=outcome.program.id[:12])


def refuse_what_it_lacks(programs: Programs) -> None:
    """Raise WorkspaceProblemsError when what is live needs settings that this process was started without."""
    problems = () if programs.live is None else programs.lacking(programs.live)
    if problems:
        raise WorkspaceProblemsError("\n".join(str(problem) for problem in problems))
