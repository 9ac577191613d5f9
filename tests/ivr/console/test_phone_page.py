"""Who gets the telephone's page, and what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.support.house import NUMBER

if TYPE_CHECKING:
    from tests.support.house import House, Server

PAGE = "/console/phone"
STYLE = "/console/static/base.css"


async def get(url: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers."""
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text(), dict(answer.headers)


async def test_a_demo_offers_the_numbers_of_its_centre(demo: Server, center: House) -> None:
    """The page knows the network's address and the live centre, and holds no secret."""
    status, text, _ = await get(f"{demo.base_url}{PAGE}")

    assert status == 200
    assert f'data-dial="{NUMBER}"' in text
    assert f"{center.network_url.replace('http', 'ws')}/handset" in text
    assert "Acme Support" in text
    assert center.network.auth_token not in text


async def test_the_page_may_load_nothing_from_elsewhere(demo: Server) -> None:
    """No script or style inside, none from other hosts, no frames; connections only to the telephone's network."""
    _, text, headers = await get(f"{demo.base_url}{PAGE}")
    policy = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert policy["frame-ancestors"] == "'none'"
    assert "<style" not in text
    assert " style=" not in text
    assert "https://" not in text


@pytest.mark.parametrize("path", [PAGE, STYLE])
async def test_a_server_that_is_no_demo_has_no_such_page(center: House, path: str) -> None:
    """``ivr serve`` never has it, and a demo that others can reach has not."""
    exposed = await center.open(telephones=center.network_url, host="0.0.0.0")  # noqa: S104 - what is being refused

    assert (await get(f"{center.server.base_url}{path}"))[0] == 404
    assert (await get(f"{exposed.base_url}{path}"))[0] == 404


@pytest.mark.parametrize("path", [PAGE, STYLE])
async def test_a_foreign_name_finds_nothing(demo: Server, path: str) -> None:
    """A page elsewhere whose name was made to lead here (DNS rebinding), or a tunnel to the demo."""
    assert (await get(f"{demo.base_url}{path}", Host="evil.example:8080"))[0] == 404
    assert (await get(f"{demo.base_url}{path}", Host="localhost:8080"))[0] == 200


@pytest.mark.parametrize(
    "path", ["../page.py", "%2e%2e/page.py", "phone", "nothing.js", "phone/%00.js", "..%2fpages/phone.html"]
)
async def test_only_what_is_meant_to_be_served_is(demo: Server, path: str) -> None:
    """Scripts, styles and pictures of the folder; no templates, no sources."""
    assert (await get(f"{demo.base_url}/console/static/{path}"))[0] == 404
