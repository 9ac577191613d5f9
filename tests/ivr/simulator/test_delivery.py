"""How requests reach the application: headers, retries, redirects, cookies, and what a URL's fragment asks for."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ivr.simulator.overrides import Overrides, read_overrides
from ivr.simulator.problems import DeliveryFailed

if TYPE_CHECKING:
    from ivr.simulator import Simulator
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

NUMBER = "+12025550100"
OVERLOADED = web.Response(status=503)
OUR_POLICY = "#rc=2&rp=ct,rt,5xx&rt=9000"


def rent(simulator: Simulator, **changes: str) -> None:
    """Change what the number asks."""
    simulator.numbers[NUMBER] = dataclasses.replace(simulator.numbers[NUMBER], **changes)


def tokens(simulator: Simulator, path: str) -> list[tuple[int, str]]:
    """Attempt and idempotency token of each request for ``path``."""
    return [(one.attempt, one.token) for one in simulator.exchanges if one.url.endswith(path)]


async def test_the_first_request_is_the_vendors(application: Application, caller: Caller) -> None:
    """Its headers and all its parameters, with blank places."""
    application["/voice"] = "<Hangup/>"

    await caller.dials(NUMBER)

    (request,) = application.received("/voice")
    assert request.method == "POST"
    assert request.headers["User-Agent"] == "TwilioProxy/1.1"
    assert request.headers["Accept"] == "text/xml, application/xml, text/html"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=utf-8"
    assert len(request.headers["I-Twilio-Idempotency-Token"]) == 36
    places = {
        f"{who}{what}": "" for who in ("Called", "Caller", "From", "To") for what in ("City", "State", "Zip", "Country")
    }
    assert request.form == {
        "AccountSid": "AC00000000000000000000000000000001",
        "ApiVersion": "2010-04-01",
        "CallSid": caller.call_sid,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "Called": NUMBER,
        "Caller": caller.number,
        "From": caller.number,
        "To": NUMBER,
        **places,
    }


@pytest.mark.parametrize(
    ("fragment", "overrides"),
    [
        ("", Overrides()),
        (OUR_POLICY, Overrides(read_ms=9000, retries=2, retry_on=frozenset({"ct", "rt", "5xx"}))),
        ("#ct=100&tt=100", Overrides(connect_ms=100, total_ms=100)),
        ("#rp=all&rc=5&sni=n&e=dublin,ashburn", Overrides(retries=5, retry_on=frozenset({"all"}))),
    ],
)
def test_a_fragment_overrides_the_vendors_defaults(fragment: str, overrides: Overrides) -> None:
    """One retry on connect failure, five seconds to connect and fifteen in all, if it says nothing."""
    assert read_overrides(f"https://example.com/a?b=c{fragment}") == ("https://example.com/a?b=c", overrides)


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("#rp=3xx", 11243),
        ("#rp=ct;rt", 11243),
        ("#rc=6", 11100),
        ("#rt=99", 11100),
        ("#tt=15001", 11100),
        ("#ct=fast", 11100),
        ("#retries=2", 11100),
        ("#top", 11100),
    ],
)
def test_a_fragment_out_of_range_is_refused(fragment: str, code: int) -> None:
    """A bad retry policy has a code of its own."""
    with pytest.raises(DeliveryFailed) as failed:
        read_overrides(f"https://example.com/{fragment}")

    assert failed.value.code == code


async def test_a_5xx_is_retried_only_if_the_url_asks_for_it(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """By default it goes to the fallback at once."""
    application["/voice"] = OVERLOADED
    application["/fallback"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert len(application.received("/voice")) == 1
    assert [error.code for error in simulator.errors] == [11200]


async def test_retries_repeat_the_token_and_may_succeed(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """Two overloaded answers and then a document: the caller notices nothing, and nothing is wrong."""
    rent(simulator, voice_url=f"{application.url}/voice{OUR_POLICY}")
    application["/voice"] = [OVERLOADED, OVERLOADED, "<Hangup/>"]

    await caller.dials(NUMBER)

    assert await caller.hears_the_end() == "completed"
    attempts = tokens(simulator, "/voice")
    assert [attempt for attempt, _ in attempts] == [1, 2, 3]
    assert len({token for _, token in attempts}) == 1
    assert simulator.errors == []


async def test_retries_come_to_an_end(application: Application, caller: Caller, simulator: Simulator) -> None:
    """Two retries are three attempts, then the fallback."""
    rent(simulator, voice_url=f"{application.url}/voice{OUR_POLICY}")
    application["/voice"] = OVERLOADED
    application["/fallback"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert len(application.received("/voice")) == 3
    assert application.form("/fallback")["ErrorUrl"] == f"{application.url}/voice"


async def test_a_4xx_is_not_a_5xx(application: Application, caller: Caller, simulator: Simulator) -> None:
    """A policy that names one does not retry the other."""
    rent(simulator, voice_url=f"{application.url}/voice{OUR_POLICY}")
    application["/voice"] = web.Response(status=404)
    application["/fallback"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert len(application.received("/voice")) == 1


async def test_a_refused_connection_is_retried_once_by_default(caller: Caller, simulator: Simulator) -> None:
    """Then the fallback."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    rent(simulator, voice_url=f"http://127.0.0.1:{port}/voice")

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [attempt for attempt, _ in tokens(simulator, "/voice")] == [1, 2]
    assert simulator.errors[0].code == 11202


@pytest.mark.parametrize(("policy", "attempts"), [("rc=1&rp=rt", 2), ("rc=1&rp=ct", 1)])
async def test_a_slow_answer_is_a_read_timeout(
    application: Application, caller: Caller, simulator: Simulator, policy: str, attempts: int
) -> None:
    """Retried where the policy names it; measured in real time."""
    rent(simulator, voice_url=f"{application.url}/voice#rt=100&{policy}")
    application["/voice"] = application["/fallback"] = "<Hangup/>"
    released = asyncio.Event()

    async def dawdle(path: str) -> None:
        if path == "/voice":
            await released.wait()

    application.before_answer = dawdle
    await caller.dials(NUMBER)
    await caller.hears_the_end()
    released.set()

    assert len(application.received("/voice")) == attempts
    assert [error.code for error in simulator.errors] == [11203]


async def test_retries_keep_within_the_total_time(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """Five retries of 100 ms do not fit into 250."""
    rent(simulator, voice_url=f"{application.url}/voice#rt=100&tt=250&rc=5&rp=rt")
    application["/voice"] = application["/fallback"] = "<Hangup/>"
    released = asyncio.Event()

    async def dawdle(path: str) -> None:
        if path == "/voice":
            await released.wait()

    application.before_answer = dawdle
    await caller.dials(NUMBER)
    await caller.hears_the_end()
    released.set()

    assert 2 <= len(application.received("/voice")) <= 3
    assert sum(one.took_ms for one in simulator.exchanges if one.url.endswith("/voice")) < 400


async def test_redirects_are_followed_with_a_new_signature(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """303 becomes a GET, 307 stays a POST with its form; relative URLs then resolve against the last address."""
    application["/voice"] = web.Response(status=307, headers={"Location": "/a/moved"})
    application["/a/moved"] = "<Redirect>next</Redirect>"
    application["/a/next"] = web.Response(status=303, headers={"Location": "/end"})
    application["/end"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    moved, end = application.received("/a/moved")[0], application.received("/end")[0]
    first = application.received("/voice")[0]
    assert (moved.method, moved.form["CallSid"]) == ("POST", caller.call_sid)
    assert moved.headers["X-Twilio-Signature"] != first.headers["X-Twilio-Signature"]
    assert (end.method, end.form) == ("GET", {})
    assert simulator.errors == []


async def test_endless_redirects_are_given_up(application: Application, caller: Caller, simulator: Simulator) -> None:
    """After ten."""
    application["/voice"] = web.Response(status=302, headers={"Location": "/voice"})

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors[0].code == 11215
    assert len(application.received("/voice")) == 11


async def test_cookies_are_kept_for_the_call(application: Application, caller: Caller) -> None:
    """And not for the next one."""
    application["/voice"] = web.Response(
        text="<Response><Redirect>/next</Redirect></Response>",
        content_type="text/xml",
        headers={"Set-Cookie": "visit=1; Path=/"},
    )
    application["/next"] = "<Hangup/>"

    for _ in range(2):
        await caller.dials(NUMBER)
        await caller.hears_the_end()

    assert [request.headers.get("Cookie") for request in application.received("/voice")] == [None, None]
    assert [request.headers.get("Cookie") for request in application.received("/next")] == ["visit=1", "visit=1"]


async def test_a_user_in_the_url_is_told_only_when_asked_for(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """First without, and after a 401 with Basic credentials."""
    rent(simulator, voice_url=f"{application.url.replace('//', '//ana:s%20t@')}/voice")
    asked = web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="a"'})
    application["/voice"] = [asked, "<Hangup/>"]

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    first, second = application.received("/voice")
    assert "Authorization" not in first.headers
    assert second.headers["Authorization"] == "Basic YW5hOnMgdA=="
    assert simulator.errors == []


async def test_an_answer_that_breaks_off_is_not_retried(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """Whatever the policy says."""

    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<Resp")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    rent(simulator, voice_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/voice#rc=3&rp=all")
    application["/fallback"] = "<Hangup/>"
    await caller.dials(NUMBER)
    await caller.hears_the_end()
    server.close()

    assert [attempt for attempt, _ in tokens(simulator, "/voice")] == [1]
    assert simulator.errors[0].code == 11206
