"""The whole house for a test: server, embedded Valkey and telephone network, real sockets between them, one clock.

The time is the network's own, stepped by the test; the server reads the same. Nothing is replaced by anything.
"""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from flows.problems import render
from ivr.app import DESK, PROGRAMS, SWEEPER, make_app
from ivr.clock import Clock
from ivr.journal import read_entry
from ivr.keys import PARTITIONS, PERMANENT, journal, partition
from ivr.programs import Refused
from ivr.settings import Settings
from ivr.simulator import Number, Simulator, SteppedTime
from ivr.twilio.links import Links
from ivr.workspace import Workspace
from routing.redis import Redis
from tests.support.engine import keys_without_ttl
from tests.support.telephone import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from ivr.calls import CallDesk
    from ivr.journal import Entry
    from ivr.outbox import OutboxSweeper
    from ivr.programs import Programs

ACCOUNT = "AC" + "5" * 32
TOKEN = "a token for tests"
NUMBER = "+12025550100"


class NetworkClock(Clock):
    """The server's clock, moved by the network's time."""

    def __init__(self, time: SteppedTime) -> None:
        self._time = time

    def now_ms(self) -> int:
        return self._time.now_ms()


class Server:
    """One server process's application on a port of its own; several may share a house."""

    def __init__(self, app: web.Application, runner: web.AppRunner, base_url: str) -> None:
        self.app = app
        self.base_url = base_url
        self._runner = runner

    @property
    def desk(self) -> CallDesk:
        return self.app[DESK]

    @property
    def programs(self) -> Programs:
        return self.app[PROGRAMS]

    @property
    def sweeper(self) -> OutboxSweeper:
        return self.app[SWEEPER]

    async def stop(self) -> None:
        await self._runner.cleanup()


class House:
    """What a story needs: ``caller()`` to ring, ``server`` to look into, ``journal()`` for what was written down."""

    def __init__(self, redis: Redis, network: Simulator, time: SteppedTime, stack: AsyncExitStack) -> None:
        self.redis = redis
        self.network = network
        self.time = time
        self.clock = NetworkClock(time)
        self.network_url = ""
        self._stack = stack
        self.server: Server

    def caller(self, number: str = "+12025550143") -> Caller:
        """Somebody with a telephone."""
        return Caller(self.network, number)

    async def open(self, *, listen_on: int = 0, telephones: str = "", **settings: Any) -> Server:
        """Start a server in the house; signatures are made over its own address, if ``public_url`` says no other.

        With ``telephones``, a simulator's address, it is a demo's.
        """
        listening = socket.create_server(("127.0.0.1", listen_on))
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        values: dict[str, Any] = {"public_url": base_url, "twilio_account_sid": ACCOUNT, "twilio_auth_token": (TOKEN,)}
        values |= {"twilio_api_url": self.network_url} | settings
        app = make_app(Settings(**values), self.redis, self.clock, telephones=telephones)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        self._stack.push_async_callback(runner.cleanup)
        return Server(app, runner, base_url)

    async def publish(self, files: Mapping[str, str] | Workspace) -> None:
        """Make a workspace live, given by its files' texts or as it was read."""
        if not isinstance(files, Workspace):
            files = Workspace({path: text.encode() for path, text in files.items()}, {}, {})
        outcome = await self.server.programs.publish(files, author="a test", message="")
        assert not isinstance(outcome, Refused), render(outcome.problems, files.files)

    def connect(self, server: Server, *, number: str = NUMBER) -> None:
        """Let the network send ``number``'s calls to ``server``."""
        links = Links(server.base_url)
        self.network.numbers[number] = Number(links.voice, status_callback=links.status)

    async def journal(self, call_sid: str) -> list[Entry]:
        """The call's turns as they were written down."""
        rows = await self.redis.execute("XRANGE", journal(partition(call_sid)), "-", "+")
        entries = [read_entry(fields[1]) for _id, fields in rows]
        return [entry for entry in entries if entry.call_sid == call_sid]


@asynccontextmanager
async def a_house(redis_url: str) -> AsyncIterator[House]:
    """A house with one open server that the number leads to; nothing of it is left afterwards."""
    async with AsyncExitStack() as stack:
        redis = await Redis.connect(redis_url)
        stack.push_async_callback(redis.close)
        time = SteppedTime()
        network = Simulator(account_sid=ACCOUNT, auth_token=TOKEN, numbers={}, time=time)
        house = House(redis, network, time, stack)
        house.network_url = await network.start()
        stack.push_async_callback(network.stop)
        house.server = await house.open()
        house.connect(house.server)
        yield house
        # Routing's own tests look after its keys, those of who still waits or is signed in among them.
        kept = (*PERMANENT, *(f"{part}:outbox" for part in PARTITIONS), "{r:")
        assert await keys_without_ttl(redis, permanent=kept) == []
        assert network.errors == [], "the network found fault with what we answered"
