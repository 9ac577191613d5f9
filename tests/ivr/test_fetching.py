"""Asking other systems for a flow: real HTTP on loopback, and nothing that a flow should not reach."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from flows.events import Answered, EffectFailed
from flows.hidden import Hidden
from flows.instructions import Fetch
from ivr.fetching import MOST_BYTES, Fetcher, blotted, is_public
from ivr.sealing import Vault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flows.hidden import Reveal

KEPT = (("method",), ("sent",), ("key",))


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

    planned: list[int] = []
    asked: list[int] = []

    async def plan(request: web.Request) -> web.Response:
        planned[:] = [int(status) for status in request.query_string.split(",")]
        return web.Response()

    async def answer_as_planned(request: web.Request) -> web.Response:
        asked.append(status := planned.pop(0))
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"asked": len(asked)}, status=status or 200)

    async def form(request: web.Request) -> web.Response:
        return web.json_response(dict(await request.post()))

    async def deep(_request: web.Request) -> web.Response:
        return web.Response(text='{"a": ' + "[" * 900 + "]" * 900 + "}", content_type="application/json")

    app = web.Application()
    app.router.add_get("/packed", packed)
    app.router.add_get("/deep", deep)
    app.router.add_post("/form", form)
    app.router.add_post("/plan", plan)
    app.router.add_route("*", "/planned", answer_as_planned)
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
    fetch = Fetch("POST", f"{elsewhere}/echo", 2, headers=(("X-Key", ("k",)),), body=('{"order": "0123"}',), keep=KEPT)

    assert await fetcher.fetch(fetch, within_s=5) == Answered(
        {"status": 200, "body": {"method": "POST", "sent": {"order": "0123"}, "key": "k"}}
    )


@pytest.mark.parametrize(("path", "status"), [("text", 503), ("redirect", 302)])
async def test_any_status_is_an_answer(elsewhere: str, fetcher: Fetcher, path: str, status: int) -> None:
    """What a status means is for the flow to say; a redirect is not followed, for it could lead anywhere."""
    assert await fetcher.fetch(Fetch("GET", f"{elsewhere}/{path}", 2), within_s=5) == Answered(
        {"status": status, "body": None}
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
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://[64:ff9b::7f00:1]/",
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
    # What is no address at all does not get so far.
    assert outcome.reason == (
        "failed" if url in {"http://a:99999/", "http://2130706433/", "http://127.1/"} else "refused"
    )


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


# ------------------------------------------------------------------------------------ hidden values


VAULT = Vault({"shop": "s3cret-of-the-shop", "quoted": 'a"b\\c & d'}, ("k" * 32,))


def revealing(**cards: str) -> Reveal:
    """How a call's gaps are filled, in which these were keyed in."""
    seal = VAULT.sealing("CA1")
    return VAULT.revealing("CA1", {name: seal(value, name) for name, value in cards.items()})


async def test_hidden_values_are_opened_on_the_wire_and_blotted_out_of_the_answer(
    elsewhere: str, fetcher: Fetcher
) -> None:
    """The other system gets them as they are, each spelled as its place asks for; what it echoes is not kept."""
    body = ('{"order": "', Hidden("secret", "quoted", "json"), '", "card": "', Hidden("sealed", "card", "json"), '"}')
    fetch = Fetch("POST", f"{elsewhere}/echo", 2, headers=(("X-Key", ("k ", Hidden("secret", "shop"))),), body=body)
    kept = replace(fetch, keep=KEPT)
    answer = await fetcher.fetch(kept, within_s=5, reveal=revealing(card="4111111111111111"))

    assert answer == Answered(
        {
            "status": 200,
            "body": {"method": "POST", "key": "k " + "*" * 18, "sent": {"order": "*" * 9, "card": "*" * 16}},
        }
    )


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"card": 4111111111111111, "balance": 5}, {"card": None, "balance": 5}),
        ({"pin": "1234", "pins": ["1234", 1234]}, {"pin": "****", "pins": ["****", None]}),
        ({"balance": 12340, "note": "call 12345 now"}, {"balance": 12340, "note": "call 12345 now"}),
        ({"card 4111111111111111": True}, {"card ****************": True}),
    ],
)
def test_an_echo_is_blotted_wherever_it_stands_and_the_rest_can_be_read(answer: object, kept: object) -> None:
    """A number, a short text, a name of a field: what is blotted out takes nothing else of the answer with it."""
    assert blotted(answer, ["4111111111111111", "1234"]) == kept


async def test_a_value_in_a_form_cannot_become_a_second_field(elsewhere: str, fetcher: Fetcher) -> None:
    """``&`` in a secret is a character of it."""
    fetch = Fetch("POST", f"{elsewhere}/form", 2, body=("a=", Hidden("secret", "quoted", "form")), keep=(("a",),))
    fetch = replace(fetch, headers=(("Content-Type", ("application/x-www-form-urlencoded",)),))

    assert await fetcher.fetch(fetch, within_s=5, reveal=revealing()) == Answered(
        {"status": 200, "body": {"a": "*" * 9}}
    )


@pytest.mark.parametrize(
    "hidden", [Hidden("secret", "nobody"), Hidden("sealed", "nobody"), Hidden("secret", "a_break")], ids=str
)
async def test_what_cannot_be_opened_or_sent_is_a_failure_that_does_not_tell_it(
    elsewhere: str, fetcher: Fetcher, hidden: Hidden
) -> None:
    """A secret that is not set, a value not keyed in, one with a break of line in it: ``failed``, and no value told."""
    vault = Vault({"a_break": "never\nshown"}, ("k" * 32,))
    fetch = Fetch("GET", f"{elsewhere}/text", 2, headers=(("X-Key", (hidden,)),))

    with capture_logs() as logged:
        answer = await fetcher.fetch(fetch, within_s=5, reveal=vault.revealing("CA1", {}))

    assert answer == EffectFailed("failed")
    assert len(logged) == 1
    assert "shown" not in str(logged)


# ------------------------------------------------------------------------------------ again


@pytest.mark.parametrize(
    ("plan", "attempts", "status", "asked"),
    [
        ([503, 200], 2, 200, 2),
        ([0, 200], 2, 200, 2),
        ([429, 502, 504, 200], 4, 200, 4),
        ([503, 503], 2, 503, 2),
        ([503], 1, 503, 1),
        ([500, 200], 2, 500, 1),
        ([404, 200], 3, 404, 1),
    ],
)
async def test_it_is_sent_again_only_where_that_may_help(
    elsewhere: str, fetcher: Fetcher, plan: list[int], attempts: int, status: int, asked: int
) -> None:
    """A broken connection or "not now", as often as the step allows; any other answer counts."""
    await fetcher.fetch(Fetch("POST", f"{elsewhere}/plan?{','.join(map(str, plan))}", 2), within_s=5)
    fetch = Fetch("GET", f"{elsewhere}/planned", 5, attempts=attempts, keep=(("asked",),))
    answer = await fetcher.fetch(fetch, within_s=5)

    assert answer == Answered({"status": status, "body": {"asked": asked}})


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "GET"])
async def test_nothing_is_sent_twice_behind_the_flows_back(elsewhere: str, fetcher: Fetcher, method: str) -> None:
    """Where the step allows one attempt, a connection that breaks costs one request, whatever the method is."""
    await fetcher.fetch(Fetch("POST", f"{elsewhere}/plan?0,200", 2), within_s=5)
    answer = await fetcher.fetch(Fetch(method, f"{elsewhere}/planned", 5), within_s=5)

    assert answer == EffectFailed("failed")


async def test_all_attempts_have_one_deadline(fetcher: Fetcher) -> None:
    """Sending again does not take longer than the step may."""
    fetch = Fetch("GET", "http://127.0.0.1:1/", 5, attempts=4)

    assert await fetcher.fetch(fetch, within_s=0.5) == EffectFailed("timeout")


async def test_a_body_nested_without_end_is_cut_off(elsewhere: str, fetcher: Fetcher) -> None:
    """What is kept can be written down, however deep another system nests it."""
    fetch = Fetch("GET", f"{elsewhere}/deep", 5, keep=(("a",),))
    answer = await fetcher.fetch(fetch, within_s=5)

    assert isinstance(answer, Answered)
    assert len(orjson.dumps(answer.value)) < 500
