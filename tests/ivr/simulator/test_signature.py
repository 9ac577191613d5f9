"""The simulator's own signature against the vendor's documented examples and the vendor's own checker."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from ivr.simulator.signature import sign

if TYPE_CHECKING:
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
)


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (f"{URL}#rc=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://ana:secret@mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:80/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_the_documented_signatures_come_out(url: str, signature: str) -> None:
    """Over HTTPS without port, over HTTP with it, never with user or fragment."""
    assert sign(TOKEN, url, FORM) == signature


CALL = (
    "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&CallSid=CA00000000000000000000000000000001"
    "&Direction=inbound&Called=%2B15550100001&Caller=%2B15550100002&From=%2B15550100002&To=%2B15550100001"
)
PLACES = (
    "&CalledCity=&CalledCountry=US&CalledState=OK&CalledZip=&CallerCity=AUSTIN&CallerCountry=US&CallerState=TX"
    "&CallerZip=&FromCity=AUSTIN&FromCountry=US&FromState=TX&FromZip=&ToCity=&ToCountry=US&ToState=OK&ToZip="
)


@pytest.mark.parametrize(
    ("raw", "path", "signature"),
    [
        (f"{CALL}&CallStatus=ringing{PLACES}", "inbound", "VQhDhASgVFmfmYQNFTik1ejp/bE="),
        (f"{CALL}&CallStatus=in-progress&Digits=", "menu", "lM1TaD+fD0lIk1asfjZ8m3vQEbc="),
    ],
)
def test_captured_bodies_sign_as_the_vendor_signs_them(raw: str, path: str, signature: str) -> None:
    """Blank values and all."""
    assert (
        sign(TOKEN, f"https://ivr.example.com/voice/{path}", tuple(parse_qsl(raw, keep_blank_values=True))) == signature
    )


async def test_every_kind_of_request_satisfies_the_vendors_checker(application: Application, caller: Caller) -> None:
    """Documents by POST and GET, status callbacks, and the spaces and plus signs of what was said."""
    application["/voice"] = '<Gather input="speech" action="/said?a=b%20c#rc=2"/>'
    application["/said"] = '<Redirect method="GET">/end?x=%2B1</Redirect>'
    application["/end"] = "<Say>Goodbye</Say>"

    await caller.dials("+12025550100")
    await caller.says("one + one & two = Größe")
    await caller.hears_the_end()

    validator = RequestValidator(TOKEN)
    assert [request.path for request in application.requests] == ["/voice", "/said", "/end", "/status"]
    assert application.form("/said")["SpeechResult"] == "one + one & two = Größe"
    for request in application.requests:
        assert validator.validate(request.url, request.form, request.headers["X-Twilio-Signature"]), request.url
        assert not validator.validate(request.url + "x", request.form, request.headers["X-Twilio-Signature"])
