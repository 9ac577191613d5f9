"""<Stop>: no attributes; its nouns are those of <Start> and have only a name.

Source: twilio.com/docs/voice/twiml/stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ivr.simulator.verbs import start, stop
from tests.ivr.simulator.conftest import NUMBER

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

BEGIN = '<Start><Recording name="one"/><Transcription name="one"/></Start>'


def test_what_can_be_started_can_be_stopped() -> None:
    """Both verbs know the same nouns."""
    assert start.NOUNS.keys() == stop.NOUNS.keys()


@pytest.mark.parametrize(
    ("nouns", "running"),
    [
        ('<Recording name="one"/>', (False, True)),
        ('<Transcription name="one"/>', (True, False)),
        ('<Transcription name="one"/><Recording name="one"/>', (False, False)),
        ('<Transcription name="two"/><Recording name="two"/>', (True, True)),
    ],
)
async def test_only_the_named_thing_of_its_kind_ends(
    application: Application,
    simulator: Simulator,
    caller: Caller,
    time: SteppedTime,
    nouns: str,
    running: tuple[bool, bool],
) -> None:
    """The call goes on, and a name that nothing has is no error."""
    application["/voice"] = f"{BEGIN}<Pause length='2'/><Stop>{nouns}</Stop><Pause length='9'/>"

    await caller.dials(NUMBER)
    await time.advance(3)

    (call,) = simulator.calls.values()
    assert (call.recordings[0].is_running, call.transcriptions[0].is_running) == running
    assert (call.status, simulator.errors) == ("in-progress", [])


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<Stop/>", 14300),
        ("<Stop><Say>Hello</Say></Stop>", 14300),
        ("<Stop><Recording/></Stop>", 12200),
        ("<Stop><Transcription/></Stop>", 12200),
        ("<Stop action='/next'><Recording name='one'/></Stop>", 12200),
        ("<Stop><Recording name='one' channels='mono'/></Stop>", 12200),
    ],
)
async def test_a_wrong_stop_is_refused(
    application: Application, simulator: Simulator, caller: Caller, document: str, code: int
) -> None:
    """With the whole document."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = document

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [code]
