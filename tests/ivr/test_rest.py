"""The outgoing REST client over real HTTP: what may be asked again is, what may not is not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from ivr.settings import read_settings
from ivr.twilio import retrying
from ivr.twilio.rest import TwilioRest
from ivr.twilio.rest_errors import RestError, RestNotDoneError, RestRefusedError, RestUnclearError
from ivr.twilio.retrying import is_create
from tests.support.processes import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ACCOUNT = "AC" + "5" * 32
SINCE = datetime(2026, 3, 2, tzinfo=UTC)
MESSAGE = {"sid": "SM1", "body": "Hello.", "to": "+12025550143"}
HANG, BREAK, NONSENSE = 0, 1, 2


NOWHERE = Path("/nonexistent/.env")


class Provider:
    """Answers each request with the next status of ``plan``, then as it should; ``asked`` are methods and queries."""

    def __init__(self) -> None:
        self.plan: list[int] = []
        self.asked: list[str] = []
        self.authorization = ""
        self.over = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.method)
        self.authorization = request.headers["Authorization"]
        status = self.plan.pop(0) if self.plan else 200
        if status == HANG:
            await self.over.wait()
        if status == BREAK:
            assert request.transport is not None
            request.transport.abort()
        if status == NONSENSE:
            return web.Response(text="<html>Sign in to the hotel's network</html>", status=201)
        if status >= 400:
            return web.json_response({"code": 20000 + status, "message": "as planned", "status": status}, status=status)
        if request.method == "POST":
            return web.json_response(MESSAGE, status=201)
        if request.path.endswith("Messages.json"):
            return web.json_response({"messages": [MESSAGE], "next_page_uri": None})
        return web.json_response({"sid": ACCOUNT, "friendly_name": "Acme"})


@pytest.fixture
async def provider() -> AsyncIterator[tuple[Provider, str]]:
    """The provider and its address."""
    made = Provider()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}"
    made.over.set()
    await runner.cleanup()


@pytest.fixture
async def rest(provider: tuple[Provider, str]) -> AsyncIterator[TwilioRest]:
    """A client of it."""
    made = client(provider[1])
    yield made
    await made.close()


def client(url: str, **settings: str) -> TwilioRest:
    given = {"twilio_api_url": url, "twilio_account_sid": ACCOUNT, "twilio_auth_token": "t"} | settings
    return TwilioRest(read_settings({f"IVR_{name.upper()}": text for name, text in given.items()}, env_file=NOWHERE))


async def create(rest: TwilioRest) -> str:
    return await rest.send_message(
        to="+12025550143", sender="+12025550100", body="Hello.", status_callback="http://h/s"
    )


async def read(rest: TwilioRest) -> str | None:
    return await rest.find_message(to="+12025550143", sender="+12025550100", body="Hello.", sent_after=SINCE)


ASK = {"create": create, "read": read}


@pytest.mark.parametrize(
    ("method", "url", "create"),
    [
        ("POST", "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls.json", True),
        ("POST", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json?x=1", True),
        ("post", "https://api.twilio.com/2010-04-01/Accounts/AC1/Conferences/CF1/Participants.json", True),
        ("POST", "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls/CA1.json", False),
        ("POST", "https://api.twilio.com/2010-04-01/Accounts/AC1/Conferences/CF1/Participants/CA1.json", False),
        ("GET", "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls.json", False),
        ("DELETE", "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.json", False),
    ],
)
def test_a_create_is_a_post_to_a_collection(method: str, url: str, *, create: bool) -> None:
    """What Twilio would make a second time if it were asked again; an update of one thing is none."""
    assert is_create(method, url) is create


@pytest.mark.parametrize(
    ("what", "plan", "outcome", "asked"),
    [
        ("create", [], "SM1", 1),
        ("read", [], "SM1", 1),
        ("create", [429, 429], "SM1", 3),
        ("read", [429, 503, 500], "SM1", 4),
        ("read", [BREAK], "SM1", 2),
        ("create", [429] * 4, RestNotDoneError, 4),
        ("read", [503] * 4, RestNotDoneError, 4),
        ("create", [500], RestUnclearError, 1),
        ("create", [BREAK], RestUnclearError, 1),
        ("create", [NONSENSE], RestUnclearError, 1),
        ("read", [NONSENSE], RestError, 1),
        ("create", [400], RestRefusedError, 1),
        ("read", [401], RestError, 1),
    ],
)
async def test_what_is_asked_again(
    provider: tuple[Provider, str], rest: TwilioRest, what: str, plan: list[int], outcome: str | type, asked: int
) -> None:
    """ "Too many requests" did nothing; a 5xx or a broken connection may have made something, so reads go again."""
    provider[0].plan = list(plan)
    if isinstance(outcome, str):
        assert await ASK[what](rest) == outcome
    else:
        with pytest.raises(outcome):
            await ASK[what](rest)

    assert len(provider[0].asked) == asked


@pytest.mark.parametrize(("what", "error", "asked"), [("create", RestUnclearError, 1), ("read", RestNotDoneError, 4)])
async def test_a_provider_that_hangs_is_given_up(
    provider: tuple[Provider, str],
    rest: TwilioRest,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    error: type[RestError],
    asked: int,
) -> None:
    """After the time-out: a create is unclear, a read is asked again until we give up."""
    monkeypatch.setattr(retrying, "REQUEST_TIMEOUT_S", 0.1)
    provider[0].plan = [HANG] * 4
    with pytest.raises(error):
        await ASK[what](rest)

    assert len(provider[0].asked) == asked


@pytest.mark.parametrize("what", list(ASK))
async def test_a_provider_that_is_not_there_did_nothing(what: str) -> None:
    """A refused connection, a create's too: tried again, then "not done"."""
    rest = client(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(RestNotDoneError):
        await ASK[what](rest)
    await rest.close()


async def test_a_refusal_tells_the_providers_code(provider: tuple[Provider, str], rest: TwilioRest) -> None:
    """Status and code as values, and no telephone number in the text."""
    provider[0].plan = [400]
    with pytest.raises(RestRefusedError) as refused:
        await create(rest)

    assert (refused.value.status, refused.value.code) == (400, 20400)
    assert "2025550143" not in str(refused.value)


async def test_a_message_of_other_words_is_not_ours(rest: TwilioRest) -> None:
    """Same people, same minute, another text."""
    assert await rest.find_message(to="+1", sender="+2", body="Other.", sent_after=SINCE) is None


@pytest.mark.parametrize(
    ("settings", "authorization"),
    [({}, f"{ACCOUNT}:t"), ({"twilio_api_key": "SK1", "twilio_api_secret": "s"}, "SK1:s")],
)
async def test_an_api_key_is_used_where_there_is_one(
    provider: tuple[Provider, str], settings: dict[str, str], authorization: str
) -> None:
    """Else the account and its (newer) token; the account's name is its own."""
    rest = client(provider[1], **settings)
    name = await rest.account_name()
    await rest.close()

    assert name == "Acme"
    assert provider[0].authorization == aiohttp.encode_basic_auth(*authorization.split(":"))
