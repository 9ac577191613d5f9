"""<Say>, as the vendor documents it.

| attribute | values | default |
|---|---|---|
| voice | man, woman, Polly.*, Google.* (alice is old) | man |
| language | xx-YY | en-US |
| loop | 0 (until hang-up, at most 1000 times) and up | 1 |

Texts: at most 4096 characters for basic voices, 3000 for Polly, 5000 for Google; an empty text is an error.
Source: twilio.com/docs/voice/twiml/say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

NUMBER = "+12025550100"


async def test_a_text_is_heard_with_its_voice_and_language(application: Application, caller: Caller) -> None:
    """The defaults are the voice man and American English; white space around the text does not count."""
    application["/voice"] = (
        '<Say>\n  Hello   there </Say><Say voice="Polly.Lupe-Neural" language="es-US">Hola <break time="1s"/> Ana</Say>'
    )

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    said = [(one.text, one.voice, one.language) for one in caller.telephone.heard if one.kind == "say"]
    assert said == [("Hello there", "man", "en-US"), ("Hola Ana", "Polly.Lupe-Neural", "es-US")]


@pytest.mark.parametrize(("attributes", "times"), [("", 1), ('loop="3"', 3), ('loop="0"', 1000)])
async def test_a_text_is_repeated_as_often_as_asked(
    application: Application, caller: Caller, attributes: str, times: int
) -> None:
    """Loop says how often; 0 is until hang-up, which the vendor ends at a thousand."""
    application["/voice"] = f"<Say {attributes}>a</Say>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert sum(one.kind == "say" for one in caller.telephone.heard) == times


async def test_speech_takes_its_time(application: Application, caller: Caller, time: SteppedTime) -> None:
    """A text of 150 characters lasts ten seconds: the call is still in progress before, and over after."""
    application["/voice"] = f"<Say>{'a' * 150}</Say>"

    await caller.dials(NUMBER)
    await time.advance(9.9)
    before = caller.ending
    await time.advance(0.1)

    assert (before, caller.ending) == ("", "completed")


@pytest.mark.parametrize(
    ("twiml", "code"),
    [
        ("<Say/>", 13520),
        ("<Say>  </Say>", 13520),
        ('<Say loop="-1">a</Say>', 13510),
        ('<Say loop="often">a</Say>', 13510),
        ('<Say voice="Siri">a</Say>', 13511),
        ('<Say language="english">a</Say>', 13512),
        (f"<Say>{'a' * 4097}</Say>", 13521),
        (f'<Say voice="Polly.Joanna">{"a" * 3001}</Say>', 13521),
        (f'<Say voice="Google.en-US-Standard-A">{"a" * 5001}</Say>', 13521),
        (f'<Say voice="Google.en-US-Standard-A">{"a b " * 1250} </Say>', 13521),  # blanks count
        (f'<Say voice="Google.en-US-Standard-A">{"<s>a</s>" * 700}</Say>', 13521),  # and tags
        (f"<Say>{'a ' * 1600}</Say>", 13521),  # in a URL a blank is three characters
        ('<Say><break time="1s"/>a</Say>', 13511),
        ('<Say voice="Polly.Joanna"><s><p>a</p></s></Say>', 12200),
        ('<Say voice="Polly.Joanna"><Pause/>a</Say>', 12200),
        ('<Say pitch="high">a</Say>', 12200),
    ],
)
async def test_what_cannot_be_said_is_an_error(
    application: Application, caller: Caller, simulator: Simulator, twiml: str, code: int
) -> None:
    """Where the vendor would warn or guess, the fallback is asked and the error kept."""
    application["/voice"] = twiml
    application["/fallback"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [code]
    assert application.form("/fallback")["ErrorCode"] == str(code)
