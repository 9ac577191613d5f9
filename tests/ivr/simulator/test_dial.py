"""<Dial> with numbers, clients and SIP addresses.

| attribute | values | default |
|---|---|---|
| action, method | URL, GET/POST | none: the next verb follows; POST |
| timeout | 5 to 600 seconds; 5 more are rung | 30 |
| timeLimit | seconds connected | 14400 |
| callerId | the caller's number, or one of ours | the caller's |
| answerOnBridge | the caller hears ringing until somebody is connected | false |
| hangupOnStar | the caller's * ends the connection | false |
| sequential | one after the other | all at once |

Nouns: Number, Client, Sip, up to 10; their url is executed on whoever answers.
Source: twilio.com/docs/voice/twiml/dial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ivr.simulator import Answers, Busy, Declines, NoAnswer, NotInService
from tests.ivr.simulator.conftest import NUMBER, VENDOR_LIBRARY

if TYPE_CHECKING:
    from twilio.rest import Client

    from ivr.simulator import Simulator, SteppedTime, Telephone
    from ivr.simulator.call import Call
    from ivr.simulator.people import Line
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

pytestmark = VENDOR_LIBRARY

ANA = "+12025550161"
BEN = "+12025550162"


@pytest.fixture(autouse=True)
def documents(application: Application) -> None:
    application["/done"] = "<Say>Anything else?</Say><Pause length='60'/>"
    application["/leg"] = web.Response(status=204)


def telephone(simulator: Simulator, number: str) -> Telephone:
    held = simulator.telephone(number)
    held.register()
    return held


def legs(simulator: Simulator) -> list[Call]:
    return [call for call in simulator.calls.values() if call.direction == "outbound-dial"]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (Answers(stays_s=10), "completed"),
        (Busy(), "busy"),
        (NoAnswer(), "no-answer"),
        (Declines(), "no-answer"),
        (NotInService(), "failed"),
    ],
)
async def test_the_action_is_told_what_became_of_it(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, line: Line, status: str
) -> None:
    """And drives the call on when the other side has gone."""
    simulator.people.put(ANA, line)
    application["/voice"] = f'<Dial action="/done">{ANA}</Dial>'

    await caller.dials(NUMBER)
    await time.advance(40)

    form = application.form("/done")
    (leg,) = legs(simulator)
    assert (form["DialCallStatus"], form["DialCallSid"], form["CallStatus"]) == (status, leg.sid, "in-progress")
    assert (form["DialBridged"], form.get("DialCallDuration")) == (
        ("true", "10") if status == "completed" else ("false", None)
    )
    assert leg.status == status
    assert (caller.ending, simulator.errors) == ("", [])


async def test_without_action_the_next_verb_follows(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Whatever became of the Dial."""
    simulator.people.put(ANA, Busy())
    application["/voice"] = f"<Dial>{ANA}</Dial><Say>Nobody is there</Say>"

    await caller.dials(NUMBER)
    await time.advance(1)

    await caller.hears("Nobody is there")


async def test_the_two_hear_each_other(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """From the moment they are connected until one leaves."""
    ana = telephone(simulator, ANA)
    application["/voice"] = f'<Dial action="/done">{ANA}</Dial>'
    await caller.dials(NUMBER)
    await time.settle()
    (leg,) = legs(simulator)
    before = simulator.hears(caller.call_sid, leg)

    await ana.answer()
    await time.settle()
    during = simulator.hears(caller.call_sid, leg), simulator.hears(leg, caller.call_sid)
    await caller.telephone.speak("I lost my card")
    await ana.press("7")
    await ana.hang_up()
    await time.settle()

    assert (before, during) == (False, (True, True))
    assert not simulator.hears(leg, caller.call_sid)
    assert ("voice", "I lost my card") in [(one.kind, one.text) for one in ana.heard]
    assert ("tones", "7") in [(one.kind, one.text) for one in caller.telephone.heard]
    assert application.form("/done")["DialCallStatus"] == "completed"


async def test_a_caller_who_hangs_up_takes_the_other_along(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """The action is still told, with the call completed; its answer is not executed."""
    simulator.people.put(ANA, Answers(after_s=1))
    application["/voice"] = f'<Dial action="/done">{ANA}</Dial>'

    await caller.dials(NUMBER)
    await time.advance(21)
    await caller.hangs_up()
    await time.settle()

    form = application.form("/done")
    assert (form["CallStatus"], form["DialCallStatus"], form["DialCallDuration"]) == ("completed", "completed", "20")
    assert [leg.status for leg in legs(simulator)] == ["completed"]
    assert "Anything else?" not in caller.conversation


async def test_a_caller_who_gives_up_stops_the_ringing(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """The leg is canceled."""
    ana = telephone(simulator, ANA)
    application["/voice"] = f'<Dial action="/done">{ANA}</Dial>'

    await caller.dials(NUMBER)
    await time.advance(3)
    await caller.hangs_up()
    await time.settle()

    assert (ana.is_ringing, ana.heard[-1].text) == (False, "canceled")
    assert application.form("/done")["DialCallStatus"] == "canceled"


@pytest.mark.parametrize("timeout_s", [5, 30])
async def test_it_rings_as_long_as_asked_and_five_seconds(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, timeout_s: int
) -> None:
    """The vendor's buffer."""
    simulator.people.put(ANA, NoAnswer())
    application["/voice"] = f'<Dial action="/done" timeout="{timeout_s}">{ANA}</Dial>'

    await caller.dials(NUMBER)
    await time.advance(timeout_s + 4.9)
    before = application.received("/done")
    await time.advance(0.1)

    assert before == []
    assert application.form("/done")["DialCallStatus"] == "no-answer"


async def test_of_several_who_ring_the_first_wins(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """The others are canceled."""
    simulator.people.put("client:ana", Answers(after_s=9))
    simulator.people.put("sip:ben@example.com", Answers(after_s=4))
    simulator.people.put(BEN, Busy())
    application["/voice"] = f"<Dial><Client>ana</Client><Sip>sip:ben@example.com</Sip><Number>{BEN}</Number></Dial>"

    await caller.dials(NUMBER)
    await time.advance(10)

    assert {leg.to: leg.status for leg in legs(simulator)} == {
        "client:ana": "canceled",
        "sip:ben@example.com": "in-progress",
        BEN: "busy",
    }


async def test_one_after_the_other_is_rung(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Each for the whole timeout."""
    simulator.people.put(ANA, NoAnswer())
    simulator.people.put(BEN, Answers(after_s=1))
    application["/voice"] = f'<Dial sequential="true" timeout="10"><Number>{ANA}</Number><Number>{BEN}</Number></Dial>'

    await caller.dials(NUMBER)
    await time.advance(14.9)
    first = [leg.to for leg in legs(simulator)]
    await time.advance(2)

    assert first == [ANA]
    assert [leg.status for leg in legs(simulator)] == ["no-answer", "in-progress"]


async def test_with_answer_on_bridge_the_caller_hears_ringing(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """And pays from the connection on."""
    ana = telephone(simulator, ANA)
    application["/voice"] = f'<Dial answerOnBridge="true">{ANA}</Dial>'

    await caller.telephone.dial(NUMBER)
    await time.advance(8)
    status = simulator.calls[caller.call_sid].status
    await ana.answer()
    await time.settle()

    assert (status, simulator.calls[caller.call_sid].status) == ("ringing", "in-progress")


async def test_a_star_ends_the_connection_not_the_call(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Only where hangupOnStar says so."""
    simulator.people.put(ANA, Answers(after_s=0))
    application["/voice"] = f'<Dial hangupOnStar="true" action="/done">{ANA}</Dial>'
    await caller.dials(NUMBER)
    await time.settle()

    await caller.telephone.press("1")
    await caller.telephone.press("*")
    await caller.hears("Anything else?")

    assert [leg.status for leg in legs(simulator)] == ["completed"]


async def test_the_time_limit_ends_the_connection(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """The caller goes on."""
    simulator.people.put(ANA, Answers(after_s=0))
    application["/voice"] = f'<Dial timeLimit="20" action="/done">{ANA}</Dial>'

    await caller.dials(NUMBER)
    await time.advance(20)

    assert application.form("/done")["DialCallDuration"] == "20"


async def test_a_leg_is_screened_before_it_is_connected(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Press 1 to accept: who does not press is not connected, and counts as no answer."""
    ana = telephone(simulator, ANA)
    application["/screen"] = '<Gather numDigits="1" action="/accepted"><Say>Press 1</Say></Gather><Hangup/>'
    application["/accepted"] = "<Say>Connecting</Say>"
    application["/voice"] = f'<Dial action="/done"><Number url="/screen">{ANA}</Number></Dial>'
    await caller.dials(NUMBER)
    await time.settle()
    await ana.answer()
    await time.advance(2)
    (leg,) = legs(simulator)
    screening = simulator.hears(leg, caller.call_sid)

    await ana.press("1")
    await time.advance(2)

    form = application.form("/screen")
    assert (form["CallSid"], form["ParentCallSid"], form["Direction"]) == (leg.sid, caller.call_sid, "outbound-dial")
    assert (screening, simulator.hears(leg, caller.call_sid)) == (False, True)


@pytest.mark.parametrize("option", ["no-answer", "completed"])
async def test_who_fails_the_screening_is_not_connected(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, option: str
) -> None:
    """What the Dial then says is the simulator's option, since the vendor does not say."""
    simulator.screened_out = option
    simulator.people.put(ANA, Answers(after_s=0))
    application["/screen"] = '<Gather numDigits="1" action="/accepted"/><Hangup/>'
    application["/voice"] = f'<Dial action="/done"><Number url="/screen">{ANA}</Number></Dial>'

    await caller.dials(NUMBER)
    await time.advance(6)

    form = application.form("/done")
    assert (form["DialCallStatus"], form["DialBridged"]) == (option, "false")


async def test_a_leg_tells_how_far_it_has_come(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """With the caller's call as its parent."""
    simulator.people.put(ANA, Answers(stays_s=5))
    application["/voice"] = (
        '<Dial><Number statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">'
        f"{ANA}</Number></Dial>"
    )

    await caller.dials(NUMBER)
    await time.advance(20)

    forms = sorted((request.form for request in application.received("/leg")), key=lambda form: form["SequenceNumber"])
    assert [form["CallStatus"] for form in forms] == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["ParentCallSid"] for form in forms} == {caller.call_sid}
    assert (forms[-1]["CallDuration"], forms[-1]["From"]) == ("5", caller.number)


@pytest.mark.parametrize(("caller_id", "code"), [("", 0), (NUMBER, 0), ("+12025550143", 0), ("+15005550006", 13214)])
async def test_the_caller_id_must_be_ours(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, caller_id: str, code: int
) -> None:
    """Or the caller's own, which it is if none is given."""
    simulator.people.put(ANA, Answers())
    application["/fallback"] = "<Hangup/>"
    attribute = f'callerId="{caller_id}"' if caller_id else ""
    application["/voice"] = f"<Dial {attribute}>{ANA}</Dial>"

    await caller.dials(NUMBER)
    await time.advance(5)

    assert [error.code for error in simulator.errors] == ([code] if code else [])
    assert [leg.from_ for leg in legs(simulator)] == ([] if code else [caller_id or caller.number])


async def test_a_moved_caller_leaves_the_leg_behind(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime, twilio: Client
) -> None:
    """Which ends; the action is not told. A moved leg goes its own way, and the caller goes on."""
    simulator.people.put(ANA, Answers(after_s=0))
    application["/moved"] = "<Say>Moved</Say><Pause length='60'/>"
    application["/voice"] = f'<Dial action="/done">{ANA}</Dial>'
    await caller.dials(NUMBER)
    await time.settle()

    await twilio.calls(caller.call_sid).update_async(url=f"{application.url}/moved")
    await caller.hears("Moved")
    await time.settle()
    first = [leg.status for leg in legs(simulator)], len(application.received("/done"))
    await twilio.calls(caller.call_sid).update_async(url=f"{application.url}/voice")
    await time.settle()
    leg = legs(simulator)[-1]
    await twilio.calls(leg.sid).update_async(url=f"{application.url}/moved")
    await time.settle()

    assert first == (["completed"], 0)
    assert application.form("/done")["DialCallStatus"] == "completed"
    assert leg.status == "in-progress"
    assert [heard.text for heard in leg.heard if heard.kind == "say"] == ["Moved"]


@pytest.mark.parametrize(
    ("dial", "code"),
    [
        ("<Dial>me</Dial>", 13223),
        ("<Dial/>", 13223),
        (f'<Dial timeout="4">{ANA}</Dial>', 13212),
        (f'<Dial timeout="601">{ANA}</Dial>', 13212),
        (f'<Dial colour="red">{ANA}</Dial>', 12200),
        (f'<Dial answerOnBridge="yes">{ANA}</Dial>', 13219),
        ("<Dial><Sip>ben</Sip></Dial>", 13223),
        ("<Dial><Client/></Dial>", 13223),
        ("<Dial><Say>a</Say></Dial>", 12200),
        (f'<Dial><Number statusCallbackEvent="gone">{ANA}</Number></Dial>', 12200),
        (f"<Dial>{f'<Number>{ANA}</Number>' * 11}</Dial>", 12200),
    ],
)
async def test_a_wrong_dial_is_refused(
    application: Application, simulator: Simulator, caller: Caller, dial: str, code: int
) -> None:
    """With the whole document."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = dial

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [code]
    assert legs(simulator) == []


async def test_a_screening_document_must_not_dial(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """13201; whoever answered is not connected."""
    simulator.people.put(ANA, Answers(after_s=0))
    application["/screen"] = f"<Dial>{BEN}</Dial>"
    application["/voice"] = f'<Dial action="/done"><Number url="/screen">{ANA}</Number></Dial>'

    await caller.dials(NUMBER)
    await time.advance(5)

    assert [error.code for error in simulator.errors] == [13201]
    assert application.form("/done")["DialBridged"] == "false"
