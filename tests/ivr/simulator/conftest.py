"""A bare web application under each test's control, and the simulator that calls it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from ivr.simulator import Number, Simulator, SteppedTime
from tests.ivr.simulator.media_server import MediaServer
from tests.support.telephone import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "12345"
NUMBER = "+12025550100"

# aiohttp is about to drop the credentials' class that the vendor's library still uses
VENDOR_LIBRARY = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]

Answer = str | web.Response


@dataclass(slots=True)
class Request:
    """What the application received."""

    method: str
    path: str
    url: str
    form: dict[str, str]
    headers: dict[str, str]


@dataclass(slots=True)
class Application:
    """Answers each path with what the test put there: TwiML, a response, or one after the other from a list."""

    url: str = ""
    answers: dict[str, Answer | deque[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    before_answer: Callable[[str], Awaitable[None]] | None = None

    def __setitem__(self, path: str, answer: Answer | list[Answer]) -> None:
        self.answers[path] = deque(answer) if isinstance(answer, list) else answer

    async def handle(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        url = f"{self.url}{request.raw_path}"
        self.requests.append(Request(request.method, request.path, url, form, dict(request.headers)))
        if self.before_answer:
            await self.before_answer(request.path)
        answer = self.answers.get(request.path, web.Response(status=404))
        if isinstance(answer, deque):
            answer = answer.popleft() if len(answer) > 1 else answer[0]
        if isinstance(answer, str):
            return web.Response(text=f"<Response>{answer}</Response>", content_type="text/xml")
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    def received(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def form(self, path: str) -> dict[str, str]:
        """The parameters of the one request for ``path``."""
        (request,) = self.received(path)
        return request.form


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    application = Application()
    app = web.Application(client_max_size=10**7)
    app.router.add_route("*", "/{path:.*}", application.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    application.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield application
    await runner.cleanup()


@pytest.fixture
async def media_server() -> AsyncIterator[MediaServer]:
    server = MediaServer()
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"ws://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
def time() -> SteppedTime:
    return SteppedTime()


@pytest.fixture
async def simulator(application: Application, time: SteppedTime) -> AsyncIterator[Simulator]:
    number = Number(
        f"{application.url}/voice",
        fallback_url=f"{application.url}/fallback",
        status_callback=f"{application.url}/status",
    )
    application["/status"] = web.Response(status=204)
    simulator = Simulator(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, numbers={NUMBER: number}, time=time)
    await simulator.start()
    yield simulator
    await simulator.stop()
    await asyncio.sleep(0)


@pytest.fixture
def caller(simulator: Simulator) -> Caller:
    return Caller(simulator)


class Rewriting(AsyncTwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """The vendor's client, with the simulator's address in place of the vendor's."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return await super().request(method, url.replace("https://api.twilio.com", self._base_url), *args, **kwargs)


@pytest.fixture
async def base_url(simulator: Simulator) -> str:
    return simulator.base_url


@pytest.fixture
async def twilio(base_url: str) -> AsyncIterator[Client]:
    http = Rewriting(base_url)
    yield Client(ACCOUNT_SID, AUTH_TOKEN, http_client=http)
    await http.close()


async def refusal(work: Any) -> tuple[int, int]:
    """The HTTP status and code with which ``work`` is refused."""
    with pytest.raises(TwilioRestException) as refused:
        await work
    return refused.value.status, refused.value.code
