"""Facts of the vendor's documents that belong to no single verb, and the list of all with their tests: facts.txt.

Source: twilio.com/docs/voice/twiml; twilio.com/docs/voice/api/call-resource; twilio.com/docs/api/errors.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from ivr.simulator import Answers, Number, Voicemail
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal

if TYPE_CHECKING:
    from typing import Any

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


@pytest.mark.parametrize(
    "verbs",
    [
        "<Redirect>/next</Redirect>",
        "<Record action='/next' timeout='1'/>",
        "<Gather action='/next' timeout='1' actionOnEmptyResult='true'/>",
        "<Dial action='/next'>+12025550199</Dial>",
        "<Enqueue action='/next' waitUrl='/wait'>support</Enqueue>",
    ],
)
async def test_what_stands_behind_a_followed_address_is_never_reached(
    application: Application, caller: Caller, time: SteppedTime, verbs: str
) -> None:
    """The new document takes the old one's place."""
    application["/voice"] = f"{verbs}<Say>Never</Say>"
    application["/next"] = "<Say>Next</Say>"
    application["/wait"] = "<Leave/>"

    await caller.telephone.dial(NUMBER)
    await time.advance(30)

    assert [heard.text for heard in caller.telephone.heard if heard.kind == "say"] == ["Next"]


@pytest.mark.parametrize("verb", ["<Dial>+12025550199</Dial>", "<Record/>", "<Enqueue>other</Enqueue>"])
async def test_who_waits_in_a_queue_does_nothing_else(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, verb: str
) -> None:
    """The wait document is refused whole, and the Enqueue's action is told of an error."""
    application["/voice"] = '<Enqueue action="/after" waitUrl="/wait">support</Enqueue>'
    application["/wait"] = f"<Say>Please wait</Say>{verb}"
    application["/after"] = "<Hangup/>"

    await caller.telephone.dial(NUMBER)
    await time.advance(5)

    assert application.form("/after")["QueueResult"] == "error"
    assert [error.code for error in simulator.errors] == [12200]


async def test_speech_is_listened_to_for_a_minute(application: Application, caller: Caller, time: SteppedTime) -> None:
    """Then what was said so far is the result, though the caller speaks on."""
    application["/voice"] = '<Gather input="speech" action="/next"/>'
    application["/next"] = "<Hangup/>"

    await caller.dials(NUMBER)
    for _ in range(2):
        await caller.telephone.speak("nine times a word " * 33)  # 39.6 s; of the second time 21 s are heard
        await time.advance(39)

    assert application.form("/next")["SpeechResult"].count("nine") == 33 + 18


async def test_a_client_may_have_an_address_to_be_notified_at(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """It changes nothing here."""
    simulator.people.put("client:ana", Answers(after_s=1))
    application["/voice"] = '<Dial><Client clientNotificationUrl="/notified">ana</Client></Dial>'

    await caller.telephone.dial(NUMBER)
    await time.advance(3)

    assert simulator.errors == []
    assert "connected" in [heard.kind for heard in caller.telephone.heard]


async def test_a_browser_is_recorded_for_ten_minutes(
    application: Application, simulator: Simulator, time: SteppedTime
) -> None:
    """However long the Record would have it."""
    simulator.applications["AP1"] = Number(f"{application.url}/voice")
    application["/voice"] = '<Record action="/next" maxLength="3600" timeout="0" playBeep="false"/>'
    application["/next"] = "<Hangup/>"

    await simulator.telephone("client:ana").connect("AP1")
    await time.advance(3600)

    assert application.form("/next")["RecordingDuration"] == "600"


@pytest.mark.parametrize(
    ("mode", "line", "verdict"),
    [
        ("Enable", Answers(after_s=1, stays_s=60), "human"),
        ("Enable", Voicemail(after_s=1), "machine_start"),
        ("DetectMessageEnd", Voicemail(after_s=1), "machine_end_beep"),
    ],
)
async def test_who_answers_a_dial_is_told_beside_it(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    mode: str,
    line: Any,
    verdict: str,
) -> None:
    """The two are connected at once."""
    simulator.people.put(CUSTOMER, line)
    number = f'<Number machineDetection="{mode}" amdStatusCallback="/amd">{CUSTOMER}</Number>'
    application["/voice"] = f"<Dial>{number}</Dial>"
    application["/amd"] = web.Response(status=204)

    await caller.telephone.dial(NUMBER)
    await time.advance(1.5)
    kinds = [heard.kind for heard in caller.telephone.heard]
    await time.advance(20)

    assert "connected" in kinds
    assert application.form("/amd")["AnsweredBy"] == verdict


async def test_detection_that_nobody_is_told_of_is_complained_of(simulator: Simulator, twilio: Client) -> None:
    """21262; the call is made."""
    made = await twilio.calls.create_async(
        to=CUSTOMER, from_=NUMBER, twiml="<Response/>", machine_detection="Enable", async_amd="true"
    )

    assert [(error.call_sid, error.code) for error in simulator.errors] == [(made.sid, 21262)]


async def test_answers_of_the_api_have_the_vendors_headers(simulator: Simulator) -> None:
    """Refusals, too."""
    credentials = {"Authorization": aiohttp.encode_basic_auth(simulator.account_sid, simulator.auth_token)}
    seen = []
    for headers in (credentials, {}):
        url = f"{simulator.base_url}/2010-04-01/Accounts/{simulator.account_sid}/Calls.json"
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
            seen.append((answer.status, answer.headers["Twilio-Concurrent-Requests"]))
            assert answer.headers["Twilio-Request-Id"].startswith("RQ")
            assert float(answer.headers["Twilio-Request-Duration"]) >= 0

    assert seen == [(200, "1"), (401, "1")]


async def test_of_one_channel_there_are_not_two(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """400 and 16113; the one that runs must be named when there are several, and one that is over cannot be paused."""
    application["/voice"] = '<Pause length="60"/>'
    await caller.telephone.dial(NUMBER)
    await time.advance(1)
    simulator.calls[caller.call_sid].answer()
    recordings = twilio.calls(caller.call_sid).recordings
    first, second = await recordings.create_async(), await recordings.create_async()
    several = await refusal(recordings("Twilio.CURRENT").update_async(status="paused"))
    await time.advance(2)
    await recordings(first.sid).update_async(status="stopped")
    over = await refusal(recordings(first.sid).update_async(status="paused"))
    await time.advance(3)
    url = f"{simulator.recordings[first.sid].url}?RequestedChannels=2"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        dual = answer.status, (await answer.json())["code"]

    assert first.sid != second.sid
    assert (several, over, dual) == ((400, 20001), (400, 16114), (400, 16113))


async def test_who_speaks_in_a_conference_is_told(
    application: Application, simulator: Simulator, time: SteppedTime
) -> None:
    """From the first word to the last; not of somebody who is muted."""
    events = 'statusCallback="/events" statusCallbackEvent="speaker"'
    application["/voice"] = [
        f"<Dial><Conference {events}>room</Conference></Dial>",
        f'<Dial><Conference muted="true" {events}>room</Conference></Dial>',
    ]
    application["/events"] = web.Response(status=204)
    ana, ben = simulator.telephone("+12025550143"), simulator.telephone("+12025550144")
    for telephone in (ana, ben):
        await telephone.dial(NUMBER)
        await time.settle()
    await ben.speak("Can anybody hear me")
    await ana.speak("It is quiet in here, is it not")
    await time.advance(1)
    started = [request.form["StatusCallbackEvent"] for request in application.received("/events")]
    await time.advance(2)

    assert ana.call
    assert started == ["participant-speech-start"]
    forms = [request.form for request in application.received("/events")]
    assert [form["StatusCallbackEvent"] for form in forms] == ["participant-speech-start", "participant-speech-stop"]
    assert {form["CallSid"] for form in forms} == {ana.call.sid}


@pytest.mark.parametrize("verb", ["<Dial>+12025550199</Dial>", "<Enqueue waitUrl='/leave'>support</Enqueue>"])
async def test_what_ends_without_action_goes_on(
    application: Application, caller: Caller, time: SteppedTime, verb: str
) -> None:
    """With the next verb."""
    application["/voice"] = f"{verb}<Say>And then</Say>"
    application["/leave"] = "<Leave/>"

    await caller.telephone.dial(NUMBER)
    await time.advance(10)

    assert [heard.text for heard in caller.telephone.heard if heard.kind == "say"] == ["And then"]


@pytest.mark.parametrize(
    ("resource", "form"),
    [("Streams", {"Url": "ws://127.0.0.1:9/nobody"}), ("Transcriptions", {"Name": "words"})],
)
async def test_what_begins_beside_a_call_is_created_with_200(
    application: Application, simulator: Simulator, caller: Caller, resource: str, form: dict[str, str]
) -> None:
    """Not with 201, as everything else."""
    application["/voice"] = "<Gather timeout='60'/>"
    await caller.dials(NUMBER)
    credentials = {"Authorization": aiohttp.encode_basic_auth(simulator.account_sid, simulator.auth_token)}
    url = f"{simulator.base_url}/2010-04-01/Accounts/{simulator.account_sid}/Calls/{caller.call_sid}/{resource}.json"

    async with aiohttp.ClientSession(headers=credentials) as session, session.post(url, data=form) as answer:
        assert answer.status == 200, await answer.text()


LIST = (Path(__file__).parent / "facts.txt").read_text().partition("\n# ")[2].splitlines()[1:]
NOT_SIMULATED = "not simulated: "


def proofs(fact: str) -> list[str]:
    """The tests that a fact names; none where it says why there is none."""
    proof = fact.split(" -> ")[1]
    return [] if proof.removeprefix(NOT_SIMULATED) != proof else proof.split(", ")


def test_every_fact_has_its_test() -> None:
    """There is a test of that name, or a reason why there is none."""
    folder = Path(__file__).parent
    tests = {
        f"{path.stem.removeprefix('test_')}.{name}"
        for path in folder.glob("test_*.py")
        for name in re.findall(r"^(?:async )?def test_(\w+)\(", path.read_text(), re.MULTILINE)
    }
    facts = [line for line in LIST if " -> " in line]

    assert [name for fact in facts for name in proofs(fact) if name not in tests] == []
    assert len(set(facts)) == len(facts) > 150


def test_the_list_of_facts_is_read_to_its_end() -> None:
    """A line that is no fact is a heading."""
    assert [line for line in LIST if line and not line.startswith("# ") and " -> " not in line] == []
