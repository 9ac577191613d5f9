"""The vendor's code of each attribute that has one.

Source: twilio.com/docs/api/errors.
"""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ivr.simulator.codes import CODES
from ivr.simulator.documents import read_document
from ivr.simulator.problems import DocumentError
from ivr.simulator.verbs import DOCUMENT

BASE = "http://127.0.0.1/voice"
WHOLE = {
    "Conference": "<Dial><Conference>room</Conference></Dial>",
    "Dial": "<Dial>+12025550150</Dial>",
    "Enqueue": "<Enqueue>support</Enqueue>",
    "Gather": "<Gather/>",
    "Number": "<Dial><Number>+12025550150</Number></Dial>",
    "Pause": "<Pause/>",
    "Play": "<Play digits='1'/>",
    "Queue": "<Dial><Queue>support</Queue></Dial>",
    "Record": "<Record/>",
    "Redirect": "<Redirect/>",
    "Reject": "<Reject/>",
    "Say": "<Say>Hello</Say>",
    "Sip": "<Dial><Sip>sip:ana@pbx.example</Sip></Dial>",
}
"""A right document with each element."""


@pytest.mark.parametrize("name", sorted(CODES))
def test_a_wrong_value_has_its_own_code(name: str) -> None:
    """The same document is right without it."""
    element, attribute = name.split(".")
    response = ElementTree.fromstring(f"<Response>{WHOLE[element]}</Response>")  # noqa: S314 - it stands above
    read_document(ElementTree.tostring(response), BASE, DOCUMENT)
    found = response.find(f".//{element}")
    assert found is not None
    found.set(attribute, " / ")

    with pytest.raises(DocumentError) as refused:
        read_document(ElementTree.tostring(response), BASE, DOCUMENT)

    assert refused.value.code == CODES[name]
