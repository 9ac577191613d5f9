"""<Redirect>.

| attribute | values | default |
|---|---|---|
| method | GET, POST | POST |

Text: a URL, relative allowed; empty is the current document. Source: twilio.com/docs/voice/twiml/redirect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

NUMBER = "+12025550100"


@pytest.mark.parametrize(
    ("url", "path"),
    [("/next", "/next"), ("next", "/deep/next"), (" \n../next\n ", "/next"), ("?page=2", "/deep/voice")],
)
async def test_a_relative_url_resolves_against_the_current_document(
    application: Application, caller: Caller, simulator: Simulator, url: str, path: str
) -> None:
    """As a browser would resolve it."""
    application["/voice"] = "<Redirect>/deep/voice</Redirect>"
    application["/deep/voice"] = [f"<Redirect>{url}</Redirect>", "<Hangup/>"]
    application.answers.setdefault(path, "<Hangup/>")

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors == []
    assert application.requests[-2].path == path


async def test_an_empty_redirect_asks_for_the_same_document_again(application: Application, caller: Caller) -> None:
    """The second request says that the call is in progress."""
    application["/voice"] = ["<Redirect/><Say>never</Say>", "<Say>second</Say>"]

    await caller.dials(NUMBER)
    await caller.hears("second")

    assert [request.form["CallStatus"] for request in application.received("/voice")] == ["ringing", "in-progress"]
    assert "never" not in caller.conversation


async def test_a_redirect_by_get_carries_the_parameters_in_the_query(application: Application, caller: Caller) -> None:
    """Behind the query the URL already had."""
    application["/voice"] = '<Redirect method="GET">/next?a=1</Redirect>'
    application["/next"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    (request,) = application.received("/next")
    assert request.method == "GET"
    assert "?a=1&AccountSid=" in request.url
    assert f"CallSid={caller.call_sid}" in request.url


@pytest.mark.parametrize(
    ("twiml", "code"),
    [
        ('<Redirect method="PUT">/a</Redirect>', 13710),
        ("<Redirect>ftp://example.com/a</Redirect>", 11100),
        ("<Redirect>http://under_score.example.com/a</Redirect>", 11100),
        ("<Redirect><Say>a</Say></Redirect>", 12200),
    ],
)
async def test_a_redirect_to_nowhere_is_an_error(
    application: Application, caller: Caller, simulator: Simulator, twiml: str, code: int
) -> None:
    """A URL that could not be requested is found before it is."""
    application["/voice"] = twiml

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors[0].code == code


async def test_an_application_that_goes_round_in_circles_is_stopped(
    application: Application, caller: Caller, simulator: Simulator, time: SteppedTime
) -> None:
    """A document that only redirects to itself ends in the fallback, not in a call without end."""
    application["/voice"] = "<Redirect/>"
    application["/fallback"] = "<Say>enough</Say>"

    await caller.dials(NUMBER)
    await time.advance(200)

    assert caller.ending == "completed"
    assert "enough" in caller.conversation
    assert [error.code for error in simulator.errors] == [11215]
