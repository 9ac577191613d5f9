"""Who is at the far end: telephones somebody holds, scripts, machines and chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from ivr.simulator import Answers, Busy, Chance, Misuse, NoAnswer, NotInService, Number
from ivr.simulator.outgoing import Outgoing
from ivr.simulator.steps import Inline
from tests.ivr.simulator.test_handset import Wire

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application

ANA = "client:ana"
HELLO = (
    '<Response><Gather timeout="60" numDigits="1" action="http://127.0.0.1:1/"><Say>Press one</Say></Gather></Response>'
)


def ring(simulator: Simulator, to: str, twiml: str = HELLO) -> str:
    """Let the network call ``to``; the call's sid."""
    from ivr.simulator.call import Call

    call = Call(simulator, to=to, from_="+12025550100", direction="outbound-api")
    simulator.launch(call, Outgoing(Inline(twiml), timeout_s=20).begin)
    return call.sid


async def test_a_registered_telephone_rings_and_is_answered(simulator: Simulator, time: SteppedTime) -> None:
    """Whoever holds it sees who calls."""
    telephone = simulator.telephone(ANA)
    telephone.register()

    sid = ring(simulator, ANA)
    await time.settle()
    rings = telephone.is_ringing
    await telephone.answer()
    await time.settle()

    assert rings
    assert [(one.kind, one.text) for one in telephone.heard] == [
        ("rings", "+12025550100"),
        ("status", "in-progress"),
        ("say", "Press one"),
    ]
    assert simulator.calls[sid].status == "in-progress"


async def test_a_telephone_declines_and_is_busy_while_it_talks(simulator: Simulator, time: SteppedTime) -> None:
    """A second caller hears the busy tone; hanging up while it rings is declining."""
    telephone = simulator.telephone(ANA)
    telephone.register()

    declined = ring(simulator, ANA)
    await time.settle()
    await telephone.hang_up()
    await time.settle()
    answered = ring(simulator, ANA)
    await time.settle()
    await telephone.answer()
    await time.settle()
    second = ring(simulator, ANA)
    await time.settle()

    assert [simulator.calls[sid].status for sid in (declined, answered, second)] == [
        "no-answer",
        "in-progress",
        "busy",
    ]
    with pytest.raises(Misuse, match="does not ring"):
        await telephone.answer()


async def test_a_telephone_left_to_ring_stops(simulator: Simulator, time: SteppedTime) -> None:
    """After the timeout and its buffer it cannot be answered any more; unregistered it is not in service."""
    telephone = simulator.telephone(ANA)
    telephone.register()

    sid = ring(simulator, ANA)
    await time.advance(25)
    telephone.unregister()
    gone = ring(simulator, ANA)
    await time.advance(5)

    assert not telephone.is_ringing
    assert telephone.heard[-1].text == simulator.calls[sid].status == "no-answer"
    assert simulator.calls[gone].status == "failed"


async def test_a_script_gives_an_entry_to_each_question(
    application: Application, simulator: Simulator, time: SteppedTime
) -> None:
    """Keys are pressed, words are said, and at its time the person hangs up."""
    application["/one"] = '<Gather input="speech" action="/two"/>'
    application["/two"] = '<Pause length="600"/>'
    simulator.people.put("+1202555*", Answers(script=("1", "my bill"), stays_s=30))

    sid = ring(simulator, "+12025550143", HELLO.replace("http://127.0.0.1:1/", f"{application.url}/one"))
    await time.advance(90)

    assert application.form("/one")["Digits"] == "1"
    assert application.form("/two")["SpeechResult"] == "my bill"
    assert (simulator.calls[sid].status, simulator.calls[sid].duration_s) == ("completed", 30)


def test_what_was_put_last_is_at_a_number(simulator: Simulator) -> None:
    """Patterns may overlap."""
    everybody, one = NoAnswer(), Busy()
    simulator.people.put("+1*", everybody)
    simulator.people.put("+12025550143", one)

    assert simulator.people.find("+12025550143") is one
    assert simulator.people.find("+12025550144") is everybody
    assert isinstance(simulator.people.find("+442025550144"), NotInService)


async def test_chance_repeats_itself_with_its_seed(simulator: Simulator, time: SteppedTime) -> None:
    """The same calls meet the same people."""
    courses = []
    for _ in range(2):
        simulator.people.put("+1*", Chance(3, [(2, Answers(stays_s=1)), (1, Busy())]))
        sids = [ring(simulator, "+12025550143") for _ in range(12)]
        await time.advance(30)
        courses.append([simulator.calls[sid].status for sid in sids])

    assert courses[0] == courses[1]
    assert set(courses[0]) == {"completed", "busy"}


async def test_a_telephone_on_the_wire_registers_and_rings(simulator: Simulator) -> None:
    """It answers one call, declines the next, and is gone when the connection closes."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{simulator.base_url}/handset") as socket:
        wire = Wire(socket)
        await wire.do("register", number=ANA)
        await wire.do("answer")
        misuse = await wire.until("error")
        first = ring(simulator, ANA)
        rings = await wire.until("rings")
        await wire.do("answer")
        await wire.until("say")
        await wire.do("hang_up")
        ended = await wire.until("ended")
        ring(simulator, ANA)
        await wire.until("rings")
        await wire.do("decline")
        declined = await wire.until("ended")

    assert "does not ring" in misuse["text"]
    assert (rings["text"], ended["text"], declined["text"]) == ("+12025550100", "completed", "no-answer")
    assert simulator.calls[first].status == "completed"


async def test_a_browser_calls_in_through_an_application(
    application: Application, simulator: Simulator, time: SteppedTime
) -> None:
    """Its own parameters are told with the first request, and the application with each."""
    simulator.applications["AP1"] = Number(f"{application.url}/browser", status_callback=f"{application.url}/status")
    application["/browser"] = "<Say>Hello Ana</Say><Redirect>/next</Redirect>"
    application["/next"] = "<Hangup/>"
    telephone = simulator.telephone(ANA)

    with pytest.raises(Misuse, match="no application 'AP2'"):
        await telephone.connect("AP2")
    await telephone.connect("AP1", {"offer": "o1", "To": "room"})
    await time.advance(5)

    form, following = application.form("/browser"), application.form("/next")
    assert (form["From"], form["To"], form["offer"], form["Direction"]) == (ANA, "room", "o1", "inbound")
    assert (form["ApplicationSid"], following["ApplicationSid"], "offer" in following) == ("AP1", "AP1", False)
    assert application.form("/status")["CallStatus"] == "completed"
