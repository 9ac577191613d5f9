"""What is no TwiML: everything the vendor refuses or warns about leads to the fallback URL, and is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ivr.simulator import verbs
from ivr.simulator.documents import read_document
from ivr.simulator.problems import DocumentError
from ivr.simulator.verbs import DOCUMENT, VERBS

if TYPE_CHECKING:
    from ivr.simulator import Simulator
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

NUMBER = "+12025550100"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 12100),
        ("<Response>", 12100),
        ("<Response><Say>a & b</Say></Response>", 12100),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><Response>&b;</Response>", 12100),
        ("<response/>", 12102),
        ("<Say>a</Say>", 12102),
        ("<Response>hello</Response>", 12200),
        ("<Response><Say>a</Say>hello</Response>", 12200),
        ("<Response lang='en'/>", 12200),
        ("<Response><say>a</say></Response>", 12200),
        ("<Response><Number>1</Number></Response>", 12200),
        ("<Response><Pause>a</Pause></Response>", 12200),
        ("<Response><Hangup reason='a'/></Response>", 12200),
        ("<Response><Hangup><Say>a</Say></Hangup></Response>", 12200),
        ("<Response><Gather action='/a'/></Response>", 15004),
        ("<Response><Gather/></Response>", 11100),
        ("<Response><Redirect>/a</Redirect></Response>", 15004),
        ("<Response><Redirect/></Response>", 15004),
        ("<Response><Say>fine</Say><Say/></Response>", 13520),
    ],
)
def test_a_document_that_is_none_is_refused_as_a_whole(body: str, code: int) -> None:
    """Before its first verb; these stand in inline TwiML, where URLs must be absolute."""
    with pytest.raises(DocumentError) as refused:
        read_document(body, "", DOCUMENT)

    assert refused.value.code == code


def test_comments_and_white_space_do_not_count() -> None:
    """Nor does the declaration before the document."""
    body = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- a -->\n<Response>\n <!-- b -->\n <Hangup/>\n</Response>\n'

    assert len(read_document(body, "", DOCUMENT).verbs) == 1


def test_every_verb_has_its_file_and_its_test() -> None:
    """The folder's listing is the table of contents."""
    folder = Path(verbs.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}

    assert {name.lower() for name in VERBS} == files
    assert files <= tests


LONG = "<Response><Say>" + "a" * 70_000 + "</Say></Response>"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (web.Response(text="<Response/>", content_type="text/plain"), 12300),
        (web.Response(text="{}", content_type="application/json"), 12300),
        (web.Response(text="", content_type="text/xml"), 11770),
        (web.Response(text=LONG, content_type="text/xml"), 11750),
        (web.Response(status=404), 11200),
        (web.Response(status=500, text="<Response/>", content_type="text/xml"), 11200),
        (web.Response(text="<Nothing/>", content_type="text/xml"), 12102),
        (web.Response(body=b'<?xml version="1.0" encoding="bogus"?><Response/>', content_type="text/xml"), 12100),
        (web.Response(body=b"<Response><Say>\xff</Say></Response>", content_type="text/xml"), 12100),
    ],
)
async def test_an_answer_that_is_no_document_leads_to_the_fallback(
    application: Application, caller: Caller, simulator: Simulator, answer: web.Response, code: int
) -> None:
    """Which is told the code and the URL, and whose document drives the call."""
    application["/voice"] = answer
    application["/fallback"] = "<Say>We will be with you</Say>"

    await caller.dials(NUMBER)
    await caller.hears("We will be with you")

    form = application.form("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == (str(code), f"{application.url}/voice")
    assert [(error.code, error.call_sid) for error in simulator.errors] == [(code, caller.call_sid)]


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml", "text/html"])
async def test_a_document_may_have_any_of_three_content_types(
    application: Application, caller: Caller, simulator: Simulator, content_type: str
) -> None:
    """With or without a charset."""
    application["/voice"] = web.Response(text="<Response><Hangup/></Response>", content_type=content_type)

    await caller.dials(NUMBER)

    assert await caller.hears_the_end() == "completed"
    assert simulator.errors == []


async def test_a_failing_fallback_ends_the_call_with_an_apology(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """The fallback is asked once."""
    application["/voice"] = "<Say/>"

    await caller.dials(NUMBER)
    await caller.hears("application error")

    assert await caller.hears_the_end() == "completed"
    assert len(application.received("/fallback")) == 1
    assert [error.code for error in simulator.errors] == [13520, 11200]
