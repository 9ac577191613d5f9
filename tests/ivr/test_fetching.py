"""Asking other systems for a flow: real HTTP on loopback, and nothing that a flow should not reach."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from flows.events import Answered, EffectFailed
from flows.instructions import Fetch
from ivr.fetching import MOST_BYTES, Fetcher, is_public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def elsewhere() -> AsyncIterator[str]:
    """Another system's address: echoes JSON, has text, redirects, hangs, and talks without end."""

    async def echo(request: web.Request) -> web.Response:
        return web.json_response(
            {"method": request.method, "sent": await request.json(), "key": request.headers["X-Key"]}
        )

    async def text(_request: web.Request) -> web.Response:
        return web.Response(text="out of order", status=503)

    async def redirect(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/text")

    async def hang(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _chunk in range(MOST_BYTES // 1024 + 1):
            await response.write(b"x" * 1024)
        return response

    async def packed(_request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"x" * 50_000_000, 9), headers={"Content-Encoding": "gzip"})

    app = web.Application()
    app.router.add_get("/packed", packed)
    for path, handler in (("text", text), ("redirect", redirect), ("hang", hang), ("endless", endless)):
        app.router.add_get(f"/{path}", handler)
    app.router.add_post("/echo", echo)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """A fetcher whose operator lets flows ask this machine."""
    made = Fetcher(["127.0.0.1", "localhost"])
    yield made
    await made.close()


async def test_json_is_sent_and_read_as_data(elsewhere: str, fetcher: Fetcher) -> None:
    """A flow's data goes out as JSON with its headers, and the answer comes back as data."""
    fetch = Fetch("POST", f"{elsewhere}/echo", 2, headers=(("X-Key", "k"),), json={"order": "0123"})

    assert await fetcher.fetch(fetch, within_s=5) == Answered(
        {"status": 200, "body": {"method": "POST", "sent": {"order": "0123"}, "key": "k"}}
    )


@pytest.mark.parametrize(("path", "status", "body"), [("text", 503, "out of order"), ("redirect", 302, "302: Found")])
async def test_any_status_is_an_answer(elsewhere: str, fetcher: Fetcher, path: str, status: int, body: str) -> None:
    """What a status means is for the flow to say; a redirect is not followed, for it could lead anywhere."""
    assert await fetcher.fetch(Fetch("GET", f"{elsewhere}/{path}", 2), within_s=5) == Answered(
        {"status": status, "body": body}
    )


async def test_a_system_that_hangs_costs_no_more_than_the_turn_has_left(elsewhere: str, fetcher: Fetcher) -> None:
    """The step's own limit or what is left of the turn, whichever is shorter."""
    assert await fetcher.fetch(Fetch("GET", f"{elsewhere}/hang", 8), within_s=0.05) == EffectFailed("timeout")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-host.invalid/"])
async def test_a_system_that_is_not_there_is_a_failure_by_name(fetcher: Fetcher, url: str) -> None:
    """A refused connection or an unknown name is ``failed``, never an exception."""
    assert await fetcher.fetch(Fetch("GET", url, 5), within_s=5) == EffectFailed("failed")


async def test_an_answer_without_end_is_cut_off(elsewhere: str, fetcher: Fetcher) -> None:
    """More than 256 KiB is a failure, and is not kept in memory."""
    assert await fetcher.fetch(Fetch("GET", f"{elsewhere}/endless", 5), within_s=5) == EffectFailed("failed")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "http:///",
        "not a url",
        "http://a:99999/",
    ],
)
async def test_nothing_inside_our_own_network_is_asked(url: str) -> None:
    """Loopback, private and metadata addresses, names that lead there, and other schemes are refused or fail."""
    fetcher = Fetcher([])
    try:
        outcome = await fetcher.fetch(Fetch("GET", url, 5), within_s=5)
    finally:
        await fetcher.close()

    assert isinstance(outcome, EffectFailed)
    assert outcome.reason == ("failed" if url.endswith("99999/") else "refused")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("240.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("2606:4700::1", True),
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("::127.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("2002:808:808::", True),
    ],
)
def test_public_addresses_are_those_of_the_internet(address: str, *, public: bool) -> None:
    """Shared, link-local and private ranges are inside."""
    assert is_public(address) is public


async def test_an_answer_is_never_unpacked(elsewhere: str, fetcher: Fetcher) -> None:
    """Fifty kilobytes that would become fifty megabytes are a failure; we never said that we would take such."""
    assert await fetcher.fetch(Fetch("GET", f"{elsewhere}/packed", 5), within_s=5) == EffectFailed("failed")


async def test_data_that_cannot_be_json_is_a_failure(elsewhere: str, fetcher: Fetcher) -> None:
    """A number beyond 64 bits: the flow goes on at ``failed``."""
    fetch = Fetch("POST", f"{elsewhere}/echo", 2, json={"order": 2**70})

    assert await fetcher.fetch(fetch, within_s=5) == EffectFailed("failed")
