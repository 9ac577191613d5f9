"""The life of a call: statuses, who ends it, and the one status callback at its end."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from ivr.simulator import Misuse
from tests.support.telephone import Caller

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application

NUMBER = "+12025550100"


async def test_the_status_callback_tells_once_how_the_call_ended(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """With its seconds, its begun minutes and the standard parameters; the end of the document is the end."""
    application["/voice"] = '<Pause length="5"/><Pause length="61"/>'

    await caller.dials(NUMBER)
    await time.advance(61)
    await caller.hears_the_end()
    await time.settle()

    form = application.form("/status")
    assert (form["CallStatus"], form["CallDuration"], form["Duration"]) == ("completed", "61", "2")
    assert (form["SequenceNumber"], form["CallbackSource"]) == ("0", "call-progress-events")
    assert parsedate_to_datetime(form["Timestamp"]).timestamp() == time.now_ms() // 1000
    assert (form["CallSid"], form["From"], form["FromZip"]) == (caller.call_sid, caller.number, "")
    assert application.received("/status")[0].headers["Accept"] == "*/*"


async def test_a_call_that_is_not_answered_lasts_no_time(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """A caller who gives up while it rings ends it as no-answer."""
    application["/voice"] = '<Pause length="30"/>'

    await caller.telephone.dial(NUMBER)
    await time.advance(10)
    await caller.hangs_up()
    await time.settle()

    form = application.form("/status")
    assert (form["CallStatus"], form["CallDuration"]) == ("no-answer", "0")


async def test_a_document_without_verbs_is_a_short_call(application: Application, caller: Caller) -> None:
    """Answered and ended."""
    application["/voice"] = ""

    await caller.dials(NUMBER)

    assert await caller.hears_the_end() == "completed"


async def test_a_number_nobody_rented_is_not_in_service(caller: Caller, simulator: Simulator) -> None:
    """There is no call, and nobody is asked."""
    await caller.telephone.dial("+12025550199")

    assert caller.ending == "not-in-service"
    assert simulator.calls == {}
    assert simulator.exchanges == []


async def test_no_call_lasts_longer_than_four_hours(
    application: Application, caller: Caller, time: SteppedTime
) -> None:
    """The network ends it."""
    application["/voice"] = '<Pause length="999999"/>'

    await caller.telephone.dial(NUMBER)
    await time.advance(4 * 3600)

    assert caller.ending == "no-answer"


async def test_a_telephone_is_used_as_telephones_are(application: Application, caller: Caller) -> None:
    """One call at a time, twelve keys, and words only into a call."""
    application["/voice"] = '<Gather timeout="60"/>'
    telephone = caller.telephone

    with pytest.raises(Misuse, match="not in a call"):
        await telephone.press("1")
    await caller.dials(NUMBER)
    with pytest.raises(Misuse, match="in a call already"):
        await telephone.dial(NUMBER)
    with pytest.raises(Misuse, match="keys are"):
        await telephone.press("1A")
    with pytest.raises(Misuse, match="confidence"):
        await telephone.speak("hello", 1.1)
    await caller.hangs_up()

    assert caller.ending == "completed"


async def test_keys_pressed_when_nobody_asks_are_lost(application: Application, caller: Caller) -> None:
    """As on any telephone."""
    application["/voice"] = '<Say>Hello</Say><Gather action="/action" numDigits="1"/>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await caller.telephone.press("1")
    await caller.presses("2")
    await caller.hears_the_end()

    assert application.form("/action")["Digits"] == "2"


async def test_two_callers_do_not_hear_each_other(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """Each call has its own sid, digits and end."""
    other = Caller(simulator, "+12025550144")
    application["/voice"] = '<Gather numDigits="1" action="/action"/>'
    application["/action"] = "<Hangup/>"

    await caller.dials(NUMBER)
    await other.dials(NUMBER)
    await other.presses("2")
    await caller.presses("1")

    received = {request.form["CallSid"]: request.form["Digits"] for request in application.received("/action")}
    assert received == {caller.call_sid: "1", other.call_sid: "2"}
