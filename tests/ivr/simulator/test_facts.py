"""Facts of the vendor's documents that belong to no single verb.

Source: twilio.com/docs/voice/twiml; twilio.com/docs/voice/api/call-resource; twilio.com/docs/api/errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from ivr.simulator import Answers
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

pytestmark = VENDOR_LIBRARY

CUSTOMER = "+12025550150"


async def test_comments_and_blanks_mean_nothing(application: Application, caller: Caller) -> None:
    """Numbers and addresses may stand on lines of their own."""
    application["/voice"] = "<!-- a note -->\n<Redirect>\n   /next\n</Redirect>"
    application["/next"] = "<Say>\n  Hello\n  there\n</Say>"

    await caller.dials(NUMBER)

    await caller.hears("Hello there")


async def test_a_leading_hangup_answers_and_a_leading_pause_rings(
    application: Application, caller: Caller, simulator: Simulator, time: SteppedTime
) -> None:
    """Both end completed: an answered call is one that costs."""
    application["/voice"] = "<Hangup/>"
    await caller.dials(NUMBER)
    await caller.hears_the_end()
    application["/voice"] = "<Pause length='3'/>"
    await caller.telephone.dial(NUMBER)
    await time.advance(2)
    ringing = [call.status for call in simulator.calls.values()]
    await time.advance(2)

    assert ringing == ["completed", "ringing"]
    assert [call.status for call in simulator.calls.values()] == ["completed", "completed"]


async def test_relative_addresses_follow_the_document_that_was_answered(
    application: Application, caller: Caller
) -> None:
    """After a redirect of HTTP, the address it led to."""
    application["/voice"] = web.Response(status=302, headers={"Location": "/deep/document"})
    application["/deep/document"] = "<Redirect>next</Redirect>"
    application["/deep/next"] = "<Say>Found</Say>"

    await caller.dials(NUMBER)

    await caller.hears("Found")


@pytest.mark.parametrize(
    ("verb", "code"), [("<Record/>", 11100), ("<Record action='/done'/>", 15004), ("<Gather action='/done'/>", 15004)]
)
async def test_inline_twiml_has_no_address(
    application: Application, caller: Caller, twilio: Client, verb: str, code: int
) -> None:
    """An action in it must be absolute; a recording must have one."""
    application["/voice"] = "<Gather timeout='60'/>"
    await caller.dials(NUMBER)
    inline = f"<Response>{verb}</Response>"

    assert await refusal(twilio.calls(caller.call_sid).update_async(twiml=inline)) == (400, code)


async def test_a_call_is_moved_or_ended_but_never_given_an_application(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """ApplicationSid is for new calls only; it is refused by name."""
    application["/voice"] = "<Gather timeout='60'/>"
    await caller.dials(NUMBER)
    url = f"{simulator.base_url}/2010-04-01/Accounts/{simulator.account_sid}/Calls/{caller.call_sid}.json"
    credentials = {"Authorization": aiohttp.encode_basic_auth(simulator.account_sid, simulator.auth_token)}
    async with (
        aiohttp.ClientSession(headers=credentials) as session,
        session.post(url, data={"ApplicationSid": "AP1"}) as response,
    ):
        body = await response.json()

    assert (response.status, body["code"]) == (400, 20001)
    assert "'ApplicationSid'" in body["message"]


async def test_with_an_address_and_twiml_the_address_wins(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """Of a new call; an update takes only one of them."""
    simulator.people.put(CUSTOMER, Answers(after_s=1))
    application["/out"] = "<Say>From the address</Say>"

    made = await twilio.calls.create_async(
        to=CUSTOMER, from_=NUMBER, url=f"{application.url}/out", twiml="<Response><Say>Inline</Say></Response>"
    )
    await time.advance(5)

    said = [heard.text for heard in simulator.calls[made.sid].heard if heard.kind == "say"]
    assert said == ["From the address"]


async def test_legs_of_a_dial_do_not_wait_their_turn(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Only calls made by REST leave one a second."""
    simulator.people.put("*", Answers(after_s=10))
    application["/voice"] = "<Dial>" + "".join(f"<Number>+1202555017{i}</Number>" for i in range(5)) + "</Dial>"

    await caller.dials(NUMBER)
    await time.settle()

    legs = [call for call in simulator.calls.values() if call.parent]
    assert [leg.status for leg in legs] == ["ringing"] * 5
    assert {leg.queue_time_ms for leg in legs} == {0}
