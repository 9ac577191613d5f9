"""``POST /api/v1/events``: who may post, what is stored, and what is said about each event."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from ivr.settings import Settings
from ivr.timeline.api import MOST_BYTES, EventsApi
from ivr.timeline.reading import Wanted, read_page
from ivr.timeline.timeline import Timeline
from ivr.timeline.tokens import read_tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from ivr.clock import SteppedClock
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database

    Post = Callable[..., Awaitable[tuple[int, Any]]]

MAIL, ALL = "m" * 32, "a" * 32
TOKENS = read_tokens(f"mail={MAIL}:/mail, all={ALL}:*")
LETTER = {
    "specversion": "1.0",
    "id": "1",
    "source": "/mail",
    "type": "email.received",
    "time": "2026-03-02T09:00:00Z",
    "subject": "email:Ana@Example.com",
    "data": {"subject": "Invoice 42", "text": "is wrong"},
}


@pytest.fixture
async def timeline(url: str, tmp_path: Path, clock: SteppedClock) -> AsyncIterator[Timeline]:
    """A server process's own, not opened yet."""
    configured = "" if url.startswith("sqlite") else url.replace("+asyncpg", "")
    made = Timeline(Settings(database_url=configured, data_dir=tmp_path), clock, find_s=10)
    yield made
    await made.close()


@pytest.fixture
async def post(timeline: Timeline, clock: SteppedClock) -> AsyncIterator[Post]:
    """Posts a body, JSON or bytes, with a token; the status and what is answered."""
    app = web.Application(client_max_size=1_000)
    app.add_routes(EventsApi(timeline, TOKENS, clock).routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1/events"

    async def send(body: Any, token: str = ALL, scheme: str = "Bearer") -> tuple[int, Any]:
        data = io.BytesIO(body if isinstance(body, bytes) else orjson.dumps(body))
        headers = {"Authorization": f"{scheme} {token}"} if token else {}
        async with aiohttp.ClientSession() as session, session.post(address, data=data, headers=headers) as answer:
            return answer.status, await answer.json()

    yield send
    await runner.cleanup()


async def test_an_event_is_there_when_it_is_answered(
    post: Post, timeline: Timeline, database: Database, customers: Customers
) -> None:
    """Its customer was made from its subject; posted again it is a duplicate."""
    await timeline.open()
    first, second = await post(LETTER), await post(LETTER, MAIL)
    ana = await customers.with_identity("email", "ana@example.com")
    assert ana is not None
    page = await read_page(database, Wanted(customers=ana.members))

    assert first == (200, {"stored": 1, "duplicates": 0, "errors": []})
    assert second == (200, {"stored": 0, "duplicates": 1, "errors": []})
    assert [(event.type, event.data["subject"]) for event in page.events] == [("email.received", "Invoice 42")]
    assert await timeline.find("email", "ana@example.com") == {
        "id": ana.id,
        "email": "ana@example.com",
        "tags": [],
        "last_contact": "2026-03-02T09:00:00+00:00",
    }


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"specversion": "0.3"}, 'specversion must be "1.0"'),
    ({"type": "email.recieved"}, 'no type of event is named "email.recieved"; did you mean "email.received"?'),
    ({"type": 7}, "type must be a text of 1 to 200 characters"),
    ({"id": ""}, "id must be a text of 1 to 200 characters"),
    ({"id": "x" * 201}, "id has 201 characters; at most 200 are kept"),
    ({"source": "/cordboard/calls"}, "source: what begins with /cordboard/ is ours; choose another"),
    ({"source": "/m\x00"}, "source holds a character that cannot be printed"),
    ({"time": "1970-01-01T00:00:00Z"}, "time is 1970-01-01T00:00:00Z, which is more than 20 years ago or ahead of"),
    ({"time": "2090-01-01T00:00:00Z"}, "time is 2090-01-01T00:00:00Z, which is more than 20 years ago or ahead of"),
    ({"time": "2026-03-02T09:00:00"}, "time must be RFC 3339 with an offset, such as 2026-03-02T10:00:00Z"),
    ({"time": 5}, "time must be RFC 3339 with an offset"),
    ({"subject": "ana"}, 'subject: "ana" is no identity; write kind:value'),
    ({"subject": "phone:12"}, 'subject: "12" is no telephone number in E.164'),
    ({"data": []}, "data must be a JSON object"),
    ({"data": {"text": 5}}, "data.text must be a text, and is '5'"),
    ({"data": {"text": "x" * 70_000}}, "data has 70011 bytes; at most 65536 are kept, so put a link there"),
    ({"type": "note.added", "data": {}}, 'data lacks "text", which is a text'),
    ({"channel": "pigeon"}, "channel must be one of voice, sms,"),
    ({"sequence": -1}, "sequence must be a whole number from 0 to 2^53"),
    ({"customer": "c" * 17}, 'there is no customer "ccccccccccccccccc"; or name one by subject, kind:value'),
    ({"custmer": "x"}, 'no attribute is named "custmer"; did you mean "customer"?'),
]


@pytest.mark.parametrize(("change", "error"), WRONG, ids=lambda value: str(value)[:40])
async def test_a_bad_event_is_named_and_its_neighbours_are_stored(
    post: Post, timeline: Timeline, change: dict[str, Any], error: str
) -> None:
    """With its place, its id and what it should be."""
    await timeline.open()
    status, answer = await post([LETTER, LETTER | {"id": "2"} | change, LETTER | {"id": "3"}])

    assert (status, answer["stored"], answer["duplicates"]) == (422, 2, 0)
    assert [(one["index"], one["error"].startswith(error)) for one in answer["errors"]] == [(1, True)], answer


async def test_a_token_speaks_for_its_source(post: Post, timeline: Timeline) -> None:
    """And what is below it; not for one whose name only begins alike."""
    await timeline.open()
    posted = [LETTER | {"id": source, "source": source} for source in ("/mail", "/mail/inbox", "/mailing", "/crm")]
    status, answer = await post(posted, MAIL)

    assert (status, answer["stored"]) == (422, 2)
    assert [one["id"] for one in answer["errors"]] == ["/mailing", "/crm"]
    assert answer["errors"][0]["error"] == "source: token mail speaks for /mail, not for /mailing"


@pytest.mark.parametrize(("token", "scheme"), [("", ""), ("x" * 32, "Bearer"), (ALL, "Basic"), (ALL + "a", "Bearer")])
async def test_nobody_else_may_post(post: Post, timeline: Timeline, token: str, scheme: str) -> None:
    """No token, a wrong one, another scheme."""
    await timeline.open()

    assert (await post(LETTER, token, scheme))[0] == 401


BODIES = [
    (b"{", 400, "the body is not JSON"),
    (b"[]", 400, "from 1 to 1000 events at once, and here are 0"),
    (b"[" + b"1," * 1_000 + b"1]", 400, "from 1 to 1000 events at once, and here are 1001"),
    (b'"' + b"x" * MOST_BYTES + b'"', 413, f"at most {MOST_BYTES} bytes at once"),
]


@pytest.mark.parametrize(("body", "status", "error"), BODIES, ids=[error for _, _, error in BODIES])
async def test_a_bad_body_is_refused_by_name(
    post: Post, timeline: Timeline, body: bytes, status: int, error: str
) -> None:
    """Not JSON, nothing, too many, too long."""
    await timeline.open()
    got, answer = await post(body)

    assert (got, answer["error"].startswith(error)) == (status, True), answer


async def test_a_thousand_at_once_are_fine(post: Post, timeline: Timeline) -> None:
    """A whole batch, and again."""
    await timeline.open()
    batch = [LETTER | {"id": str(number), "subject": f"phone:+1202555{number:04d}"} for number in range(1_000)]

    assert await post(batch) == (200, {"stored": 1_000, "duplicates": 0, "errors": []})
    assert await post(batch) == (200, {"stored": 0, "duplicates": 1_000, "errors": []})


async def test_without_a_database_the_poster_is_told_to_come_again(
    post: Post, timeline: Timeline, database: Database
) -> None:
    """While it is loaded, and when a table is not to be had; nothing is stored then."""
    loading = await post(LETTER)
    await timeline.open()
    async with database.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE events RENAME TO elsewhere")
    broken = await post(LETTER)
    async with database.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO events")

    assert loading == broken == (503, {"error": "nothing was stored; post the same again soon"})
    assert (await post(LETTER))[1]["stored"] == 1


TOKEN_MISTAKES = [
    (f"mail={MAIL}", "must be name=token:scope"),
    (f"={MAIL}:*", "must be name=token:scope"),
    ("mail=short:*", "mail: a token has at least 32 characters"),
    (f"a={MAIL}:*,a={ALL}:*", "names two tokens alike"),
]


@pytest.mark.parametrize(("text", "error"), TOKEN_MISTAKES)
def test_tokens_that_cannot_be_read_are_refused_without_showing_them(text: str, error: str) -> None:
    """The setting's mistake is named, the token is not."""
    with pytest.raises(ValueError, match=error) as caught:
        read_tokens(text)

    assert MAIL not in str(caught.value)
