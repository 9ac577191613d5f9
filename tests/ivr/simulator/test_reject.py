"""<Reject>.

| attribute | values | default |
|---|---|---|
| reason | rejected (ends no-answer), busy (ends busy) | rejected |

Only the first verb of a call that is not answered. Source: twilio.com/docs/voice/twiml/reject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ivr.simulator import Simulator
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

NUMBER = "+12025550100"


@pytest.mark.parametrize(
    ("attributes", "ending"), [("", "no-answer"), ('reason="rejected"', "no-answer"), ('reason="busy"', "busy")]
)
async def test_a_rejected_call_is_never_answered(
    application: Application, caller: Caller, simulator: Simulator, attributes: str, ending: str
) -> None:
    """The caller hears no answer or the busy tone, and nothing is billed."""
    application["/voice"] = f"<Reject {attributes}/><Say>never</Say>"

    await caller.dials(NUMBER)

    call = simulator.calls[caller.call_sid]
    assert caller.ending == ending
    assert call.answered_ms is None
    assert "in-progress" not in caller.conversation
    assert simulator.errors == []


@pytest.mark.parametrize(("twiml", "code"), [("<Say>a</Say><Reject/>", 12200), ('<Reject reason="lazy"/>', 13810)])
async def test_a_reject_in_the_wrong_place_or_for_a_wrong_reason_is_an_error(
    application: Application, caller: Caller, simulator: Simulator, twiml: str, code: int
) -> None:
    """It refuses before anything else or not at all."""
    application["/voice"] = twiml

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors[0].code == code


async def test_an_answered_call_cannot_be_rejected(
    application: Application, caller: Caller, simulator: Simulator
) -> None:
    """Not even first in a later document."""
    application["/voice"] = "<Redirect>/late</Redirect>"
    application["/late"] = "<Reject/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors[0].code == 12200
