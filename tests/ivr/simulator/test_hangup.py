"""<Hangup>: no attributes; it ends the call, answering it first if need be.

Source: twilio.com/docs/voice/twiml/hangup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.simulator import Simulator
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller


async def test_a_hangup_ends_the_call_and_what_follows_is_not_said(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """Verbs behind a Hangup are unreachable, and the call is completed."""
    application["/voice"] = "<Hangup/><Say>never</Say>"

    await caller.dials("+12025550100")

    assert await caller.hears_the_end() == "completed"
    assert "never" not in caller.conversation
    assert simulator.errors == []
