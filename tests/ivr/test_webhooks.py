"""The front door over real sockets: what is not proved gets nothing, whatever was posted, and never a 500."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import aiohttp
import pytest

from ivr.app import REDIS
from ivr.keys import call
from tests.support.engine import keys_like
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from tests.support.house import House
    from tests.support.posting import Poster


async def sessions(house: House) -> int:
    """How many calls the store knows."""
    return len(await keys_like(house.server.app[REDIS], "{p??}:call:*"))


@pytest.mark.parametrize("signature", ["", "wrong", "ä", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
async def test_what_is_not_proved_is_refused(house: House, poster: Poster, signature: str) -> None:
    """No signature, or not ours: 403 with the two settings to look at, and nothing began."""
    await house.publish(small_workspace())
    reply = await poster.post("/twilio/voice", poster.form(), signature=signature)

    assert reply.status == 403
    assert "IVR_PUBLIC_URL" in reply.text
    assert await sessions(house) == 0


@pytest.mark.parametrize("path", ["/twilio/voice", "/twilio/calls/CA1/turns/1", "/twilio/status", "/twilio/messages"])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe=%ff", "application/x-www-form-urlencoded"),
        (b"%ff=%fe", "application/x-www-form-urlencoded"),
        (b'{"property": "value"}', "application/json"),
        (b"&" * 2000, "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"\x00" * 100, ""),
    ],
)
async def test_garbage_is_refused_at_every_door(house: House, path: str, body: bytes, content_type: str) -> None:
    """Invalid UTF-8, JSON where a form belongs, too many fields: 403, never a 500."""
    headers = {"Content-Type": content_type, "X-Twilio-Signature": "x"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(house.server.base_url + path, data=body, headers=headers) as response,
    ):
        assert response.status == 403


@pytest.mark.parametrize("path", ["/twilio/voice", "/twilio/calls/CA1/turns/1", "/twilio/status", "/twilio/messages"])
async def test_a_body_that_cannot_be_unpacked_is_refused(house: House, path: str) -> None:
    """It says gzip and is none: the sender's mistake, not ours."""
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(house.server.base_url + path, data=b"A=1", headers=headers) as response,
    ):
        assert 400 <= response.status < 500


async def test_a_form_of_ten_megabytes_is_cut_off(house: House) -> None:
    """413 after a quarter of a megabyte, with nothing kept."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(house.server.base_url + "/twilio/voice", data=io.BytesIO(b"A=" + b"x" * 10_000_000)) as response,
    ):
        assert response.status == 413


async def test_a_proved_form_without_a_call_is_a_bad_request(poster: Poster) -> None:
    """Signed, but it names no call: 400 says which field."""
    reply = await poster.post("/twilio/voice", {"AccountSid": "AC1"})

    assert (reply.status, "CallSid is missing" in reply.text) == (400, True)


async def test_another_accounts_calls_are_not_ours(poster: Poster) -> None:
    """A subaccount may sign with its own token; only the configured account is answered."""
    assert (await poster.voice(AccountSid="AC" + "6" * 32)).status == 403


async def test_a_turn_belongs_to_the_call_of_its_address(poster: Poster) -> None:
    """A form about one call, posted to the address of another, moves neither."""
    assert (await poster.post("/twilio/calls/CA2/turns/1", poster.form())).status == 400


@pytest.mark.parametrize(
    "path", ["/twilio/calls/CA1/turns/-1", "/twilio/calls/CA1/turns/1e9", "/twilio/calls/CA1/turns/1234567"]
)
async def test_an_address_that_we_never_gave_out_is_not_found(poster: Poster, path: str) -> None:
    """Turns are small whole numbers."""
    assert (await poster.post(path, poster.form())).status == 404


async def test_garbage_in_a_proved_form_does_not_end_the_call(house: House, poster: Poster) -> None:
    """Digits that are no keys count as silence: the caller is asked again."""
    await house.publish(small_workspace())
    await poster.voice()
    reply = await poster.turn(1, Digits="drop table", Confidence="high")

    assert reply.status == 200
    assert "I heard nothing." in reply.text


async def test_nobody_published_anything_yet(house: House, poster: Poster) -> None:
    """A call before the first publication hears "one moment" and comes back; /readyz says why."""
    reply = await poster.voice()
    async with aiohttp.ClientSession() as session, session.get(house.server.base_url + "/readyz") as ready:
        assert ready.status == 503

    assert "One moment" in reply.text
    assert f"{house.server.base_url}/twilio/voice#rc=2" in reply.text


async def test_operators_see_that_it_lives_is_ready_and_how_fast_it_is(house: House, poster: Poster) -> None:
    """/healthz, /readyz and /metrics answer without a signature, and tell nothing about callers."""
    await house.publish(small_workspace())
    await poster.voice()
    async with aiohttp.ClientSession(house.server.base_url) as session:
        texts = {}
        for path in ("/healthz", "/readyz", "/metrics"):
            async with session.get(path) as response:
                texts[path] = (response.status, await response.text())

    assert {status for status, _text in texts.values()} == {200}
    assert '"center": "Test"' in texts["/readyz"][1]
    assert "ivr_turn_seconds_count 1.0" in texts["/metrics"][1]
    assert all("2025550143" not in text for _status, text in texts.values())


async def test_a_prompt_is_served_to_anybody_for_ever(center: House) -> None:
    """Audio is found by the hash of its bytes, may be cached, and an unknown hash is not found."""
    live = center.server.programs.live
    assert live is not None
    audio = await keys_like(center.redis, "audio:*")
    assert audio, "the sample workspace plays a chime"
    async with aiohttp.ClientSession(center.server.base_url) as session:
        async with session.get("/audio/" + audio[0].decode().removeprefix("audio:")) as found:
            content = await found.read()
        async with session.get("/audio/" + "0" * 64) as missing:
            pass

    assert (found.status, found.content_type, content[:4]) == (200, "audio/wav", b"RIFF")
    assert "immutable" in found.headers["Cache-Control"]
    assert missing.status == 404


async def test_what_is_stored_of_a_call_dies_with_it(house: House, poster: Poster) -> None:
    """A session lives 25 hours from its last turn, and ten minutes past the call's end."""
    await house.publish(small_workspace())
    await poster.voice()
    living = await house.redis.execute("TTL", call("CA1"))
    await poster.status()
    ended = await house.redis.execute("TTL", call("CA1"))

    assert 24 * 3600 < living <= 25 * 3600
    assert 0 < ended <= 600
