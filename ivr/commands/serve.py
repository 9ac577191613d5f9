"""``ivr serve``: the server. One supervising process, the embedded engine where no Redis is given, and the workers."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.supervisor import CannotListenError, Child, Supervisor, listen
from ivr.valkey import EmbeddedValkey, EngineError, find_binary

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from ivr.settings import Settings

NO_ACCOUNT = (
    "{missing} is not set, so no webhook could be proved. "
    "Take it from console.twilio.com, put it into .env, and start again; to try without an account: ivr demo"
)


@dataclass(frozen=True, slots=True)
class Run:
    """One start of a server: its settings, the environment of its processes, and what runs beside its workers.

    ``telephones`` is the simulator that lends a browser its telephone: a demo's, and nobody else's.
    """

    settings: Settings
    env: dict[str, str]
    publish: str = "first"
    beside: Sequence[Child] = field(default_factory=tuple)
    telephones: str = ""


def serve() -> None:
    """Answer calls until SIGTERM or Ctrl-C."""
    settings = settings_or_refuse()
    for name in ("twilio_account_sid", "twilio_auth_token"):
        if not getattr(settings, name):
            raise CannotRun(NO_ACCOUNT.format(missing=f"IVR_{name.upper()}"))
    run_server(Run(settings, dict(os.environ)), on_ready=lambda url: say(f"ready on {url}"))


def run_server(run: Run, *, on_ready: Callable[[str], None]) -> None:
    """Run until told to stop, then leave with the supervisor's status; ``on_ready`` gets the server's local address.

    Raises CannotRun for a port, a folder or an engine that cannot be had.
    """
    settings = run.settings
    if settings.redis_url:
        look_at_redis(settings.redis_url)
    try:
        sockets = listen(settings.host, settings.port)
        engine = None
        if not settings.redis_url:
            engine = EmbeddedValkey.start(settings.data_dir, find_binary(settings.valkey_bin), settings.redis_fsync)
    except (CannotListenError, EngineError) as error:
        raise CannotRun(str(error)) from error
    env = run.env | {"IVR_PORT": str(sockets[0].getsockname()[1])}
    worker = [sys.executable, "-m", "ivr.worker", run.publish, run.telephones]
    workers = [Child(f"worker {number + 1}", worker, env) for number in range(settings.workers)]
    timeline = Child("timeline", [sys.executable, "-m", "ivr.timeline.process"], env)
    supervisor = Supervisor([*run.beside, *workers, timeline], engine=engine, sockets=sockets, log=say)
    try:
        status = supervisor.run(lambda: _ready(settings, sockets, on_ready))
    finally:
        with suppress(OSError):
            (settings.data_dir / "server.json").unlink()
    raise typer.Exit(status)


def look_at_redis(url: str) -> None:
    """Refuse by name a Redis that is not there at the first start; later ones wait for it (``ivr/server.py``)."""
    # Loaded only here: this process needs neither when the engine is its own, and people wait for its start.
    import asyncio

    from routing.redis import Redis, RedisError

    async def look() -> None:
        await (await Redis.connect(url, name="ivr-serve")).close()

    try:
        asyncio.run(look())
    except (RedisError, ValueError) as error:
        raise CannotRun(f"{error}; check IVR_REDIS_URL") from error


def _ready(settings: Settings, sockets: Sequence[socket.socket], on_ready: Callable[[str], None]) -> None:
    """Tell the other commands, which look into the data folder, and then people, where the server is."""
    port = sockets[0].getsockname()[1]
    host = "127.0.0.1" if settings.host in {"", "0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    facts = {"pid": os.getpid(), "url": url, "twilio_api_url": settings.twilio_api_url}
    (settings.data_dir / "server.json").write_text(json.dumps(facts), encoding="utf-8")
    on_ready(url)


def say(text: str) -> None:
    """A line of the supervising process, to people."""
    print(f"ivr: {text}", file=sys.stderr, flush=True)
