"""The simulator: a telephone network in a process, with numbers, calls, a REST API and telephones to call with.

It knows the vendor's documentation and nothing of the application it calls. Everything that happens is kept: ``calls``,
``exchanges``, ``messages``, ``errors``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ivr.simulator.audio import Library
from ivr.simulator.call import Call
from ivr.simulator.callbacks import Callbacks
from ivr.simulator.clock import RealTime
from ivr.simulator.conference import Rooms
from ivr.simulator.delivery import Courier
from ivr.simulator.faults import Faults
from ivr.simulator.forgetting import forget
from ivr.simulator.handset import Telephone
from ivr.simulator.heard import Heard
from ivr.simulator.history import History
from ivr.simulator.interpreter import converse
from ivr.simulator.outgoing import Dispatch
from ivr.simulator.people import People
from ivr.simulator.problems import Reported
from ivr.simulator.queues import Queues
from ivr.simulator.server import make_app
from ivr.simulator.sound.speakers import Tones
from ivr.simulator.steps import Goto

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from ivr.simulator.clock import Time
    from ivr.simulator.delivery import Request
    from ivr.simulator.ends import Ear
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.recordings import Recording
    from ivr.simulator.records import Exchange, Message, Number
    from ivr.simulator.sound.sounds import Sound
    from ivr.simulator.sound.speakers import Speaker
    from ivr.simulator.steps import Step


class Simulator:
    """``numbers`` are the account's, by E.164, ``applications`` by sid; more may be added while it runs.

    ``calls_per_second`` leave the account when the application makes more; 0 is without limit. ``screened_out`` is what
    a Dial says of somebody who answered and hung up, or was hung up on, while being screened: the vendor does not.
    ``deletes_silent_recordings`` is a setting of the vendor's accounts: they are ``absent`` then. ``requests`` to the
    REST API are under way. ``keeps`` so many calls that are over; None keeps all. ``pages`` are the addresses of web
    pages that may use the telephones; its own may. ``speaker`` says texts, in tones unless it is given; ``ffmpeg`` is
    the program that knows MP3, without which what is MP3 sounds like music.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        numbers: Mapping[str, Number],
        time: Time | None = None,
        calls_per_second: float = 1.0,
        keeps: int | None = None,
        speaker: Speaker | None = None,
        ffmpeg: str | None = None,
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.numbers = dict(numbers)
        self.applications: dict[str, Number] = {}
        self.time: Time = time or RealTime()
        self.created_ms = self.time.now_ms()
        self.speaker: Speaker = speaker or Tones()
        self.library = Library(ffmpeg)
        self.faults = Faults()
        self.people = People()
        self.rooms = Rooms(self)
        self.recordings: dict[str, Recording] = {}
        self.queues = Queues(self.time)
        self.screened_out = "no-answer"
        self.deletes_silent_recordings = False
        self.dispatch = Dispatch(self.time, calls_per_second)
        self.calls: dict[str, Call] = {}
        self.messages: dict[str, Message] = {}
        self.exchanges: list[Exchange] = []
        self.errors: list[Reported] = []
        self.history = History(keeps)
        self.pages: set[str] = set()
        self.requests = 0
        self.base_url = ""
        self.callbacks = Callbacks(self)
        self.courier = Courier(auth_token, self.time, self.faults, self._record)
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self._is_stopping = False

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve the REST API and telephones; the base URL. Port 0 takes a free one; OSError if it is taken."""
        await self.courier.open()
        self._runner = web.AppRunner(make_app(self), shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        name = f"[{host}]" if ":" in host else host
        self.base_url = f"http://{name}:{self._runner.addresses[0][1]}"
        return self.base_url

    async def stop(self) -> None:
        """End every call and connection."""
        self._is_stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()
        await self.courier.close()

    def telephone(self, number: str) -> Telephone:
        """A telephone to call with, whose number is ``number``."""
        return Telephone(self, number)

    def place(self, to: str, *, from_: str, ear: Ear, pace: str = "natural") -> Call | None:
        """Ring ``to``; None, after saying so to ``ear``, when it is not one of the account's numbers."""
        number = self.numbers.get(to)
        if number is None:
            ear.hear(Heard("ended", "not-in-service", at_ms=self.time.now_ms()))
            return None
        return self.receive(number, ear=ear, to=to, from_=from_, pace=pace)

    def connect(
        self, application: str, *, from_: str, ear: Ear, custom: Mapping[str, str], pace: str = "natural"
    ) -> Call:
        """A client calls in through ``application``; its voice URL is told ``custom``, whose ``To`` is whom it calls.

        Raises KeyError for an application that is not among ``applications``.
        """
        number = self.applications[application]
        given = dict(custom)
        to, more = given.pop("To", ""), tuple(given.items())
        call = self.receive(number, ear=ear, to=to, from_=from_, custom=more, pace=pace)
        call.application_sid = application
        return call

    def receive(
        self, number: Number, *, ear: Ear, to: str, from_: str, custom: Parameters = (), pace: str = "natural"
    ) -> Call:
        """A call comes in at ``number``, whose voice URL is told ``custom``, too."""
        fallback, callback = (number.fallback_url, number.fallback_method), number.callback
        call = Call(
            self, to=to, from_=from_, direction="inbound", ear=ear, fallback=fallback, callback=callback, pace=pace
        )
        call.hear(Heard("status", "ringing"))

        async def begin(_: Call) -> Step:
            return Goto(number.voice_url, number.voice_method, custom)

        self.launch(call, begin)
        return call

    def launch(self, call: Call, begin: Callable[[Call], Coroutine[Any, Any, Step]]) -> None:
        """Run ``call`` from ``begin``, which leads to its first document, to its end."""
        self.calls[call.sid] = call
        self.history.touch(call.sid)
        self.spawn(self._live(call, begin))

    async def _live(self, call: Call, begin: Callable[[Call], Coroutine[Any, Any, Step]]) -> None:
        try:
            await converse(call, begin)
        finally:
            forget(self, self.history.end(call.sid))

    def _record(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        self.history.note(exchange)

    async def say(self, text: str, language: str) -> Sound:
        """What ``text`` sounds like."""
        with self.time.working():
            return await self.speaker.say(text, language)

    def hears(self, listener: Call | str, speaker: Call | str) -> bool:
        """Whether ``listener`` hears what ``speaker`` says now; calls or their sids."""
        one, other = self._call(listener), self._call(speaker)
        return one.place is not None and one.place is other.place and one.place.hears(one, other)

    def _call(self, call: Call | str) -> Call:
        return self.calls[call] if isinstance(call, str) else call

    def notify(self, request: Request) -> None:
        """Post a callback beside everything else."""
        self.callbacks.post(request)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside the rest; a bug in it is among ``errors`` with code 0."""
        if self._is_stopping:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()):
            self.errors.append(Reported("", 0, "", f"a bug of the simulator: {bug!r}"))
