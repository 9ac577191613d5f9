"""<Pause>.

| attribute | values | default |
|---|---|---|
| length | seconds, more than 0 | 1 |

As the first verb of a call it delays the answer. Source: twilio.com/docs/voice/twiml/pause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

NUMBER = "+12025550100"


@pytest.mark.parametrize(("attributes", "seconds"), [("", 1), ('length="7"', 7)])
async def test_a_pause_lasts_its_length(
    application: Application, caller: Caller, attributes: str, seconds: int
) -> None:
    """Not a tenth of a second less."""
    application["/voice"] = f"<Say>a</Say><Pause {attributes}/><Say>b</Say>"

    await caller.dials(NUMBER)
    await caller.hears("b")

    pause, after = caller.telephone.heard[-2:]
    assert (pause.kind, after.at_ms - pause.at_ms) == ("pause", seconds * 1000)


async def test_a_leading_pause_delays_the_answer(
    application: Application, caller: Caller, simulator: Simulator, time: SteppedTime
) -> None:
    """The telephone rings for its length."""
    application["/voice"] = '<Pause length="4"/><Say>hello</Say>'

    await caller.telephone.dial(NUMBER)
    await time.advance(3.9)
    ringing = simulator.calls[caller.call_sid].status
    await time.advance(0.1)

    assert (ringing, simulator.calls[caller.call_sid].status) == ("ringing", "in-progress")


@pytest.mark.parametrize("length", ["0", "-1", "1.5", "long", ""])
async def test_a_wrong_length_is_an_error(
    application: Application, caller: Caller, simulator: Simulator, length: str
) -> None:
    """The length is a whole number of seconds, at least one."""
    application["/voice"] = f'<Pause length="{length}"/>'

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert simulator.errors[0].code == 13910
