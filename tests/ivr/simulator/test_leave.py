"""<Leave>: no attributes; it stands in the documents of those who wait in a queue.

Source: twilio.com/docs/voice/twiml/leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ivr.simulator.conftest import NUMBER

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller


async def test_a_caller_leaves_the_queue(application: Application, caller: Caller, time: SteppedTime) -> None:
    """What follows in the wait document is not heard; the action drives the call on."""
    application["/voice"] = '<Enqueue waitUrl="/wait" action="/done">support</Enqueue>'
    application["/wait"] = '<Pause length="5"/><Leave/><Say>never</Say>'
    application["/done"] = "<Say>Goodbye</Say>"

    await caller.dials(NUMBER)
    await time.advance(5)
    await caller.hears("Goodbye")

    form = application.form("/done")
    assert (form["QueueResult"], form["QueueTime"], form["CallStatus"]) == ("leave", "5", "in-progress")
    assert "never" not in caller.conversation


async def test_nobody_leaves_a_queue_from_outside(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """It is a mistake of the document."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = "<Leave/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [12200]
