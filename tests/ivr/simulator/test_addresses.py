"""Addresses nobody could ever request: refused by name wherever one is given, never a failure inside.

| address | what is wrong with it |
|---|---|
| ``http://[`` | a broken IPv6 address |
| ``http://x:99999/`` | a port out of range |
| ``http://a..b/`` | an empty label |

Source: twilio.com/docs/usage/webhooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from ivr.simulator import Answers, Number, Simulator
from ivr.simulator.addresses import is_requestable, resolve
from tests.ivr.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER, VENDOR_LIBRARY, refusal

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

pytestmark = VENDOR_LIBRARY

NOWHERE = (
    "http://[",
    "http://[::1",
    "http://x:99999/",
    "http://x:abc/",
    "http://a..b/",
    "http://.../",
    f"http://{'a' * 64}/",
    "ftp://a/",
    "http://under_score/",
)
"""Absolute, and no address."""


@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        ("http://127.0.0.1:8080/a?b=c", True),
        ("https://ana:hush@xn--bcher-kva.example", True),
        ("http://bücher.example/", True),
        ("http://[::1]:8080/", True),
        ("HTTP://A/", True),
        ("/a", False),
        ("", False),
        ("http:///a", False),
        *((url, False) for url in NOWHERE),
    ],
)
def test_an_address_is_known_for_what_it_is(url: str, *, is_right: bool) -> None:
    """Before anybody tries to reach it."""
    assert is_requestable(url) is is_right


def test_a_relative_address_is_seen_from_where_it_stands() -> None:
    """And is empty where that is no address."""
    assert resolve("http://a/b/c", "d") == "http://a/b/d"
    assert resolve("http://a/b/c", "") == "http://a/b/c"
    assert resolve("http://a/b/c", "http://[") == ""
    assert resolve("", "d") == ""


@pytest.mark.parametrize("url", NOWHERE)
@pytest.mark.parametrize("verb", ["<Redirect>{}</Redirect>", "<Play>{}</Play>", "<Gather action='{}'/>"])
async def test_a_document_with_such_an_address_is_refused(
    application: Application, simulator: Simulator, caller: Caller, verb: str, url: str
) -> None:
    """Whole: 11100, and the fallback drives the call."""
    application["/voice"] = f"<Say>Hello</Say>{verb.format(url)}"
    application["/fallback"] = "<Say>Sorry</Say>"

    await caller.dials(NUMBER)
    await caller.hears("Sorry")
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [11100]
    assert caller.ending == "completed"


@pytest.mark.parametrize("url", NOWHERE)
async def test_a_redirect_of_http_to_such_an_address_is_refused(
    application: Application, simulator: Simulator, caller: Caller, url: str
) -> None:
    """11216; it is not retried."""
    application["/voice"] = web.Response(status=302, headers={"Location": url})
    application["/fallback"] = "<Say>Sorry</Say>"

    await caller.dials(NUMBER)
    await caller.hears("Sorry")

    assert [error.code for error in simulator.errors] == [11216]
    assert len(application.received("/voice")) == 1


@pytest.mark.parametrize("url", NOWHERE)
async def test_rest_refuses_such_an_address(simulator: Simulator, twilio: Client, url: str) -> None:
    """By name; no call is made."""
    simulator.people.put("*", Answers())

    assert await refusal(twilio.calls.create_async(to="+12025550150", from_=NUMBER, url=url)) == (400, 21205)
    assert simulator.calls == {}


async def test_a_number_may_lead_to_nowhere(simulator: Simulator, caller: Caller) -> None:
    """The caller hears the apology."""
    simulator.numbers[NUMBER] = Number("http://[", status_callback="http://x:99999/")

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [11100, 15003]


async def test_the_simulator_has_an_address_itself(time: SteppedTime) -> None:
    """Also where that has colons."""
    simulator = Simulator(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, numbers={}, time=time)
    try:
        url = await simulator.start("::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    async with aiohttp.ClientSession() as session, session.get(f"{url}/simulator/calls.json") as answer:
        assert answer.status == 200
    await simulator.stop()
