"""Who may use the telephones and look at the calls: programs, and pages of this machine it was told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

if TYPE_CHECKING:
    from ivr.simulator import Simulator

PAGE = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("headers", "is_welcome"),
    [
        ({}, True),
        ({"Origin": PAGE}, True),
        ({"Origin": "http://localhost:8080"}, True),
        ({"Origin": "http://[::1]:8080"}, True),
        ({"Origin": "http://127.0.0.1:8081"}, False),
        ({"Origin": "https://127.0.0.1:8080"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://127.0.0.1.evil.example:8080"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://[evil"}, False),
        ({"Host": "evil.example"}, False),
        ({"Host": "evil.example:8090", "Origin": "http://evil.example:8090"}, False),
        ({"Host": "localhost:8090"}, True),
        ({"Host": "127.0.0.1.evil.example"}, False),
    ],
)
async def test_telephones_are_lent_to_known_visitors(
    simulator: Simulator, headers: dict[str, str], *, is_welcome: bool
) -> None:
    """Other pages, and foreign names that were made to lead here, get 403; so with the inspector and the memory."""
    simulator.pages.add(PAGE)
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"{simulator.base_url}/inspector/calls.json") as answer:
            seen = answer.status
        try:
            async with session.ws_connect(f"{simulator.base_url}/handset"):
                lent = 101
        except aiohttp.WSServerHandshakeError as error:
            lent = error.status

    assert (seen, lent) == ((200, 101) if is_welcome else (403, 403))


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "null"}, {"Origin": "file://"}, {"Host": "[evil"}, {"Host": "a]b"}, {"Host": "127.0.0.1:x"}],
)
async def test_what_is_no_address_opens_nothing(simulator: Simulator, headers: dict[str, str]) -> None:
    """Not even where a page was named without its scheme: a page in a frame or a file is ``null`` to everybody."""
    simulator.pages.add("127.0.0.1:8080")
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{simulator.base_url}/inspector/calls.json") as answer,
    ):
        assert answer.status == 403


async def test_its_own_page_is_known(simulator: Simulator) -> None:
    """The inspector orders misfortunes from where it was loaded, under whatever address of this machine."""
    url = simulator.base_url.replace("127.0.0.1", "localhost")
    async with (
        aiohttp.ClientSession(headers={"Origin": url}) as session,
        session.delete(f"{url}/inspector/misfortunes.json") as answer,
    ):
        assert answer.status == 204


async def test_programs_with_credentials_may_call_it_by_any_name(simulator: Simulator) -> None:
    """In a network of containers it has a name; the REST API asks for an account, not for where one comes from."""
    proof = aiohttp.encode_basic_auth(simulator.account_sid, simulator.auth_token)
    url = f"{simulator.base_url}/2010-04-01/Accounts/{simulator.account_sid}/Calls.json"
    async with (
        aiohttp.ClientSession(headers={"Host": "telephone-network", "Authorization": proof}) as session,
        session.get(url) as answer,
    ):
        assert answer.status == 200
