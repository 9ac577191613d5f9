"""Calls to the account's own numbers and applications: what goes out comes in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ivr.simulator import Answers, Number
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY, refusal

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime
    from ivr.simulator.call import Call
    from tests.ivr.simulator.conftest import Application

pytestmark = VENDOR_LIBRARY

OTHER = "+12025550101"
APPLICATION = f"AP{'1' * 32}"


@pytest.fixture(autouse=True)
def other(application: Application, simulator: Simulator) -> None:
    """A second number of the account."""
    simulator.numbers[OTHER] = Number(f"{application.url}/other", status_callback=f"{application.url}/status")


def legs(simulator: Simulator) -> tuple[Call, Call]:
    """The call that went out, and the one that came in."""
    outgoing, incoming = simulator.calls.values()
    return outgoing, incoming


def heard(call: Call, kind: str = "say") -> list[str]:
    return [one.text for one in call.heard if one.kind == kind]


async def test_a_call_to_an_own_number_is_two_calls(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """With their own sids and directions; each hears what the other's document says."""
    application["/out"] = '<Gather input="speech" speechTimeout="1" action="/heard"/>'
    application["/heard"] = "<Say>Thank you</Say><Pause length='3'/>"
    application["/other"] = "<Say>What is your name</Say><Pause length='60'/>"

    made = await twilio.calls.create_async(to=OTHER, from_=NUMBER, url=f"{application.url}/out")
    await time.advance(8)

    outgoing, incoming = legs(simulator)
    assert (outgoing.sid, outgoing.direction, incoming.direction) == (made.sid, "outbound-api", "inbound")
    assert {(call.from_, call.to) for call in (outgoing, incoming)} == {(NUMBER, OTHER)}
    assert application.form("/other")["CallStatus"] == "ringing"
    assert application.form("/heard")["SpeechResult"] == "What is your name"
    assert heard(incoming, "status") == ["ringing", "in-progress"]


async def test_when_one_ends_so_does_the_other(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """Both are completed."""
    application["/out"] = "<Say>Hello</Say><Pause length='2'/>"
    application["/other"] = "<Pause/><Gather timeout='60'/>"

    await twilio.calls.create_async(to=OTHER, from_=NUMBER, url=f"{application.url}/out")
    await time.advance(20)

    assert [call.status for call in legs(simulator)] == ["completed", "completed"]


@pytest.mark.parametrize(
    ("document", "status"), [("<Reject reason='busy'/>", "busy"), ("<Reject/>", "no-answer"), (None, "completed")]
)
async def test_what_the_number_does_with_it_is_what_becomes_of_it(
    application: Application,
    time: SteppedTime,
    twilio: Client,
    document: str | None,
    status: str,
) -> None:
    """A number whose document fails answers with an apology."""
    application["/out"] = "<Pause length='60'/>"
    if document:
        application["/other"] = document

    made = await twilio.calls.create_async(to=OTHER, from_=NUMBER, url=f"{application.url}/out")
    await time.advance(30)

    assert (await twilio.calls(made.sid).fetch_async()).status == status


async def test_a_call_given_up_while_it_rings_ends_there_too(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """The call that came in was never answered."""
    application["/other"] = "<Pause length='60'/>"

    made = await twilio.calls.create_async(to=OTHER, from_=NUMBER, url=f"{application.url}/out", timeout=5)
    await time.advance(3)
    await twilio.calls(made.sid).update_async(status="canceled")
    await time.settle()

    assert [call.status for call in legs(simulator)] == ["canceled", "no-answer"]


async def test_a_dial_reaches_an_own_number(application: Application, simulator: Simulator, time: SteppedTime) -> None:
    """Words and keys pass through to its document and back."""
    caller = simulator.telephone("+12025550143")
    application["/voice"] = f'<Dial callerId="{NUMBER}">{OTHER}</Dial>'
    application["/other"] = '<Gather numDigits="2" action="/keys"><Say>Your number</Say></Gather>'
    application["/keys"] = "<Say>Forty-two it is</Say>"

    await caller.dial(NUMBER)
    await time.advance(2)
    await caller.press("42")
    await time.advance(3)

    assert application.form("/keys")["Digits"] == "42"
    assert [one.text for one in caller.heard if one.kind == "voice"] == ["Your number", "Forty-two it is"]


async def test_numbers_that_forward_to_each_other_come_to_an_end(
    application: Application, simulator: Simulator, time: SteppedTime
) -> None:
    """The circle is broken after ten rounds."""
    application["/voice"] = f"<Dial>{OTHER}</Dial>"
    application["/other"] = f"<Dial>{NUMBER}</Dial>"

    await simulator.telephone("+12025550143").dial(NUMBER)
    await time.advance(60)

    assert len([call for call in simulator.calls.values() if call.direction == "inbound"]) == 11
    assert {call.status for call in simulator.calls.values()} == {"completed", "failed"}


async def test_somebody_put_at_an_own_number_answers_there(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """A test may want a person in its place."""
    simulator.people.put(OTHER, Answers())
    application["/out"] = "<Say>Hello</Say>"

    await twilio.calls.create_async(to=OTHER, from_=NUMBER, url=f"{application.url}/out")
    await time.advance(10)

    assert len(simulator.calls) == 1
    assert application.received("/other") == []


async def test_two_own_numbers_in_one_room_do_not_echo_for_ever(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """Both ends of the same call are in the room: what somebody says there passes between them once.

    The speaker hears it back once, and one end twice: from the speaker, and from the other end.
    """
    room = '<Dial><Conference waitUrl="">room</Conference></Dial>'
    application["/voice"] = application["/other"] = application["/out"] = room
    caller = simulator.telephone("+12025550143")
    await caller.dial(NUMBER)
    await twilio.calls.create_async(to=OTHER, from_=NUMBER, url=f"{application.url}/out")
    await time.advance(5)

    await caller.speak("is anybody there")
    await time.advance(60)

    voices = [heard(call, "voice") for call in simulator.calls.values()]
    assert sorted(len(said) for said in voices) == [1, 1, 2]


async def test_an_application_handles_a_call(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """Its addresses are asked, its sid is told; the request's own are ignored."""
    simulator.people.put("+12025550143", Answers(after_s=1))
    simulator.applications[APPLICATION] = Number(
        f"{application.url}/app", fallback_url=f"{application.url}/rescue", status_callback=f"{application.url}/told"
    )
    application["/app"] = web.Response(status=500)
    application["/rescue"] = "<Say>Sorry</Say>"
    application["/told"] = web.Response(status=204)

    await twilio.calls.create_async(
        to="+12025550143", from_=NUMBER, application_sid=APPLICATION, status_callback=f"{application.url}/ignored"
    )
    await time.advance(10)

    assert application.form("/app")["ApplicationSid"] == APPLICATION
    assert application.form("/rescue")["ErrorCode"] == "11200"
    assert application.form("/told")["CallStatus"] == "completed"
    assert application.received("/ignored") == []


async def test_an_application_is_called_into_a_conference(
    application: Application, simulator: Simulator, time: SteppedTime, twilio: Client
) -> None:
    """With parameters of its own."""
    simulator.applications[APPLICATION] = Number(f"{application.url}/app")
    application["/app"] = "<Pause length='1'/><Say>I am a machine</Say><Pause length='60'/>"

    await twilio.conferences("room").participants.create_async(
        to=f"app:{APPLICATION}?mood=calm", from_="client:supervisor"
    )
    await time.advance(3)

    form = application.form("/app")
    (room,) = simulator.rooms.conferences.values()
    assert (form["mood"], form["ApplicationSid"], form["From"]) == ("calm", APPLICATION, "client:supervisor")
    assert len(room.participants) == 1


async def test_wrong_addresses_are_refused(application: Application, twilio: Client) -> None:
    """Oneself, an application the account has not, an application and an address at once."""
    url = f"{application.url}/out"
    create = twilio.calls.create_async

    oneself = await refusal(create(to=NUMBER, from_=NUMBER, url=url))
    unknown = await refusal(create(to=OTHER, from_=NUMBER, application_sid=APPLICATION))
    both = await refusal(create(to=OTHER, from_=NUMBER, url=url, application_sid=APPLICATION))
    only_in_rooms = await refusal(create(to=f"app:{APPLICATION}", from_=NUMBER, url=url))
    nowhere = await refusal(twilio.conferences("room").participants.create_async(to=f"app:{APPLICATION}", from_=NUMBER))

    assert oneself == only_in_rooms == (400, 21211)
    assert unknown == nowhere == (400, 21218)
    assert both == (400, 20001)
