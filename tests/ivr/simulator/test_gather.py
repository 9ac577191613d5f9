"""<Gather>, as the vendor documents it.

| attribute | values | default |
|---|---|---|
| input | dtmf, speech, dtmf speech | dtmf |
| action, method | URL; GET, POST | current document; POST |
| timeout | seconds, auto | 5 |
| speechTimeout | seconds, auto | value of timeout |
| finishOnKey | one of 0-9 # *, or nothing | # |
| numDigits | 1 and up | unlimited |
| hints | up to 500, of up to 100 characters | |
| language | tags of the providers | en-US |
| speechModel | a list of names | default |
| enhanced, profanityFilter | true, false | false, true |
| partialResultCallback, …Method | URL; GET, POST | none; POST |
| actionOnEmptyResult | true, false | false |

Source: twilio.com/docs/voice/twiml/gather.
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
    ("attributes", "keys", "digits"),
    [
        ("", "12#", "12"),
        ('numDigits="1"', "1", "1"),
        ('numDigits="4"', "1234", "1234"),
        ('numDigits="4"', "12#", "12"),
        ('numDigits="2"', "12345", "12"),
        ('finishOnKey="*"', "1#2*", "1#2"),
        ('finishOnKey="0"', "120", "12"),
        ('finishOnKey="" numDigits="3"', "1#*", "1#*"),
        ('input="dtmf speech"', "7#", "7"),
        ('input="speech dtmf"', "7#", "7"),
    ],
)
async def test_digits_are_posted_as_soon_as_they_are_complete(
    application: Application, caller: Caller, simulator: Simulator, attributes: str, keys: str, digits: str
) -> None:
    """By the finishing key, which is not among them, or by their number; no time passes."""
    application["/voice"] = f'<Gather action="/action" {attributes}><Say>Your choice?</Say></Gather>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    began_ms = simulator.time.now_ms()
    await caller.presses(keys)

    assert application.form("/action")["Digits"] == digits
    assert simulator.time.now_ms() == began_ms
    assert "SpeechResult" not in application.form("/action")
    assert simulator.errors == []


async def test_digits_without_an_end_are_posted_when_the_timeout_has_passed(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """It runs anew from each key."""
    application["/voice"] = '<Gather action="/action" timeout="3"/>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.presses("1")
    await time.advance(2.9)
    await caller.presses("2")
    await time.advance(2.9)
    before = application.received("/action")
    await time.advance(0.1)

    assert before == []
    assert application.form("/action")["Digits"] == "12"


async def test_the_first_key_stops_the_prompt(application: Application, caller: Caller) -> None:
    """And those behind it are not heard at all."""
    application["/voice"] = (
        '<Gather action="/action" numDigits="2"><Say>A long list of choices</Say><Say>and more</Say></Gather>'
    )
    application["/action"] = "<Say>thank you</Say>"

    await caller.dials(NUMBER)
    await caller.presses("12")
    await caller.hears("thank you")

    assert "and more" not in caller.conversation
    assert "listening" not in caller.conversation


async def test_with_barge_in_off_keys_count_when_the_prompt_is_over(application: Application, caller: Caller) -> None:
    """The whole prompt is heard first."""
    application["/voice"] = (
        '<Gather action="/action" numDigits="1" bargeIn="false"><Say>First</Say><Say>second</Say></Gather>'
    )
    application["/action"] = "<Say>thank you</Say>"

    await caller.dials(NUMBER)
    await caller.presses("1")
    await caller.hears("second")
    await caller.hears("thank you")

    assert application.form("/action")["Digits"] == "1"


async def test_the_timeout_starts_when_the_prompts_have_ended(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """Not when they begin: a prompt longer than the timeout does not use it up."""
    application["/voice"] = f"<Gather><Say>{'a' * 300}</Say></Gather><Say>Nothing came</Say>"

    await caller.dials(NUMBER)
    await time.advance(20 + 4.9)
    before = caller.conversation
    await time.advance(0.1)

    assert "Nothing came" not in before
    assert "Nothing came" in caller.conversation


@pytest.mark.parametrize("attributes", ["", 'timeout="9"', 'input="dtmf speech"', 'input="speech"'])
async def test_without_input_the_next_verb_follows(application: Application, caller: Caller, attributes: str) -> None:
    """The action is not asked."""
    application["/voice"] = f'<Gather action="/action" {attributes}/><Say>Nothing came</Say>'

    await caller.dials(NUMBER)
    await caller.stays_silent()
    await caller.hears("Nothing came")

    assert application.received("/action") == []


@pytest.mark.parametrize(
    ("kinds", "empty"),
    [
        ("dtmf", {"Digits": ""}),
        ("speech", {"SpeechResult": ""}),
        ("dtmf speech", {"Digits": "", "SpeechResult": ""}),
    ],
)
async def test_without_input_the_action_is_asked_if_it_wants_to_be(
    application: Application, caller: Caller, kinds: str, empty: dict[str, str]
) -> None:
    """With empty values."""
    application["/voice"] = f'<Gather action="/action" input="{kinds}" actionOnEmptyResult="true"/><Say>never</Say>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.stays_silent()
    await caller.hears_the_end()

    assert empty.items() <= application.form("/action").items()
    assert "never" not in caller.conversation


async def test_the_finishing_key_pressed_first_is_no_input(application: Application, caller: Caller) -> None:
    """The next verb follows at once."""
    application["/voice"] = '<Gather action="/action"/><Say>Nothing came</Say>'

    await caller.dials(NUMBER)
    await caller.presses("#")
    await caller.hears("Nothing came")

    assert application.received("/action") == []


async def test_without_an_action_the_current_document_is_asked(application: Application, caller: Caller) -> None:
    """With the digits, and the query it had."""
    application["/voice"] = "<Redirect>/menu?level=2</Redirect>"
    application["/menu"] = ['<Gather numDigits="1"/>', "<Hangup/>"]

    await caller.dials(NUMBER)
    await caller.presses("5")
    await caller.hears_the_end()

    first, second = application.received("/menu")
    assert first.url == second.url == f"{application.url}/menu?level=2"
    assert second.form["Digits"] == "5"


async def test_an_action_by_get_finds_the_digits_in_the_query(application: Application, caller: Caller) -> None:
    """Behind its own."""
    application["/voice"] = '<Gather action="/action?a=1" method="GET" numDigits="1"/>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.presses("5")
    await caller.hears_the_end()

    (request,) = application.received("/action")
    assert "?a=1&" in request.url
    assert "&Digits=5" in request.url


async def test_speech_is_posted_with_its_confidence_after_a_silence(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """Words said before the silence are one result; its confidence is the least."""
    application["/voice"] = '<Gather input="speech" action="/action" speechTimeout="2"/>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.telephone.speak("I need help", 0.9)
    await time.advance(1)
    await caller.says("with my bill", 0.7)
    await caller.hears_the_end()

    form = application.form("/action")
    assert (form["SpeechResult"], form["Confidence"]) == ("I need help with my bill", "0.7")
    assert "Digits" not in form


@pytest.mark.parametrize(
    ("attributes", "silence_s"),
    [("", 5), ('timeout="8"', 8), ('speechTimeout="3"', 3), ('speechTimeout="auto"', 1)],
)
async def test_the_silence_after_speech_is_the_speech_timeout(
    application: Application, caller: Caller, time: SteppedTime, attributes: str, silence_s: int
) -> None:
    """Which is the timeout's if it is not given; fifteen characters take a second to say."""
    application["/voice"] = f'<Gather input="speech" action="/action" {attributes}/>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.telephone.speak("fifteen letters")
    await time.advance(1 + silence_s - 0.1)
    before = application.received("/action")
    await time.advance(0.1)

    assert before == []
    assert application.form("/action")["SpeechResult"] == "fifteen letters"


async def test_speech_first_leaves_keys_unheard(application: Application, caller: Caller) -> None:
    """Not even the finishing key ends it."""
    application["/voice"] = '<Gather input="dtmf speech" action="/action"/>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.telephone.speak("my bill")
    await caller.telephone.press("12#")
    await caller.stays_silent()
    await caller.hears_the_end()

    assert application.form("/action")["SpeechResult"] == "my bill"
    assert "Digits" not in application.form("/action")


async def test_keys_first_leave_speech_unheard(application: Application, caller: Caller) -> None:
    """What was begun with a key is finished with keys."""
    application["/voice"] = '<Gather input="dtmf speech" action="/action"/>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.telephone.press("1")
    await caller.telephone.speak("my bill")
    await caller.presses("2#")
    await caller.hears_the_end()

    assert application.form("/action")["Digits"] == "12"
    assert "SpeechResult" not in application.form("/action")


@pytest.mark.parametrize(("kinds", "speaks"), [("speech", False), ("dtmf", True)])
async def test_the_kind_that_is_not_asked_for_changes_nothing(
    application: Application, caller: Caller, kinds: str, speaks: bool
) -> None:
    """Keys do not interrupt a gather of speech, nor words one of keys."""
    application["/voice"] = f'<Gather input="{kinds}" action="/action"><Say>One</Say><Say>two</Say></Gather>'

    await caller.dials(NUMBER)
    await (caller.telephone.speak("hello") if speaks else caller.telephone.press("1"))
    await caller.hears("two")
    await caller.stays_silent()

    assert await caller.hears_the_end() == "completed"
    assert application.received("/action") == []


async def test_partial_results_are_posted_beside_the_call(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """Numbered from 0, and what they answer does not matter."""
    application["/voice"] = '<Gather input="speech" action="/action" partialResultCallback="/partial"/>'
    application["/action"] = "<Hangup/>"
    application["/partial"] = "<Say>never</Say>"

    await caller.dials(NUMBER)
    await caller.telephone.speak("I need")
    await time.advance(1)
    await caller.says("help")
    await caller.hears_the_end()

    partials = [request.form for request in application.received("/partial")]
    assert [(form["SequenceNumber"], form["UnstableSpeechResult"]) for form in partials] == [
        ("0", "I need"),
        ("1", "I need help"),
    ]


async def test_a_caller_who_hangs_up_during_a_gather_causes_no_action(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """Only the status callback tells of it."""
    application["/voice"] = '<Gather action="/action"><Say>Hello</Say></Gather>'

    await caller.dials(NUMBER)
    await caller.telephone.press("1")
    await caller.hangs_up()

    assert caller.ending == "completed"
    assert application.received("/action") == []
    assert simulator.errors == []


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('input="voice"', 13326),
        ('method="PUT"', 13312),
        ('timeout="-1"', 13313),
        ('timeout="0"', 13313),
        ('timeout="soon"', 13313),
        ('speechTimeout="soon"', 13327),
        ('numDigits="0"', 13314),
        ('numDigits="x"', 13314),
        ('finishOnKey="12"', 13310),
        ('finishOnKey="A"', 13310),
        ('language="english please"', 13331),
        ('speechModel="psychic"', 13334),
        ('speechModel="phone_call" speechTimeout="auto"', 13335),
        ('actionOnEmptyResult="yes"', 13338),
        ('profanityFilter="1"', 13333),
        (f'hints="{",".join(["a"] * 501)}"', 12200),
        (f'hints="{"a" * 101}"', 12200),
        ('dtmfDetection="true"', 12200),
        ('Action="/a"', 12200),
    ],
)
async def test_a_wrong_attribute_is_an_error(
    application: Application, caller: Caller, simulator: Simulator, attributes: str, code: int
) -> None:
    """With the vendor's code for it."""
    application["/voice"] = f"<Gather {attributes}/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors[0].code == code


@pytest.mark.parametrize("child", ["<Hangup/>", "<Gather/>", "<Redirect>/a</Redirect>", "<Reject/>", "<say>a</say>"])
async def test_only_prompts_may_stand_inside(
    application: Application, caller: Caller, simulator: Simulator, child: str
) -> None:
    """Say, Play and Pause."""
    application["/voice"] = f"<Gather>{child}</Gather>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors[0].code == 13320
