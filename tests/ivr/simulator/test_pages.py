"""Long lists come in pages.

| parameter | values | default |
|---|---|---|
| PageSize | 1 to 1000 | 50 |
| Page | from 0 | 0 |
| PageToken | where the page begins, from next_page_uri | none |

Source: twilio.com/docs/usage/twilios-response#pagination.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.ivr.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, VENDOR_LIBRARY

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator

pytestmark = VENDOR_LIBRARY

LIST = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Queues.json"


async def get(base_url: str, path: str) -> dict[str, Any]:
    credentials = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, AUTH_TOKEN)}
    async with aiohttp.ClientSession(headers=credentials) as session, session.get(base_url + path) as response:
        body: dict[str, Any] = await response.json()
        return body


async def make(twilio: Client, *names: str) -> None:
    for name in names:
        await twilio.queues.create_async(friendly_name=name)


def names(page: dict[str, Any]) -> list[str]:
    return [row["friendly_name"] for row in page["queues"]]


async def test_a_page_says_where_it_stands(twilio: Client, base_url: str) -> None:
    """And where the others are; the last has none behind it."""
    await make(twilio, *"abcde")

    first = await get(base_url, f"{LIST}?PageSize=2")
    second = await get(base_url, first["next_page_uri"])
    third = await get(base_url, second["next_page_uri"])
    back = await get(base_url, third["previous_page_uri"])

    assert [names(page) for page in (first, second, third, back)] == [["a", "b"], ["c", "d"], ["e"], ["c", "d"]]
    assert [(page["page"], page["start"], page["end"]) for page in (first, second, third)] == [
        (0, 0, 1),
        (1, 2, 3),
        (2, 4, 4),
    ]
    assert {page["page_size"] for page in (first, second, third)} == {2}
    assert (first["previous_page_uri"], third["next_page_uri"]) == (None, None)
    assert first["uri"].startswith(LIST)
    assert first["first_page_uri"] == third["first_page_uri"]


async def test_the_next_page_goes_on_where_this_one_ended(simulator: Simulator, twilio: Client, base_url: str) -> None:
    """Whatever was deleted before it meanwhile."""
    await make(twilio, *"abcd")

    first = await get(base_url, f"{LIST}?PageSize=2")
    (sid,) = [queue.sid for queue in simulator.queues.queues.values() if queue.name == "a"]
    await twilio.queues(sid).delete_async()
    second = await get(base_url, first["next_page_uri"])

    assert names(second) == ["c", "d"]


async def test_an_empty_list_is_one_page(base_url: str) -> None:
    """Beginning and ending at nothing."""
    page = await get(base_url, LIST)

    assert (page["queues"], page["page"], page["start"], page["end"], page["page_size"]) == ([], 0, 0, 0, 50)
    assert page["next_page_uri"] is page["previous_page_uri"] is None


@pytest.mark.parametrize("query", ["PageSize=0", "PageSize=1001", "PageSize=many", "Page=-1", "Order=desc"])
async def test_a_wrong_page_is_refused_by_name(base_url: str, query: str) -> None:
    """With the vendor's envelope."""
    refused = await get(base_url, f"{LIST}?{query}")

    assert (refused["status"], refused["code"]) == (400, 20001)
    assert query.partition("=")[0] in refused["message"]
