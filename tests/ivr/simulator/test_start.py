"""<Start>: its nouns have tests of their own.

| attribute | values | default |
|---|---|---|
| action, method | checked, change nothing: nothing is waited for | none; POST |

| noun | test |
|---|---|
| Recording | test_start_recording.py |
| Transcription | test_transcription.py |

Source: twilio.com/docs/voice/twiml/start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ivr.simulator.conftest import NUMBER

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller


async def test_the_next_verb_follows_at_once(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Several things may be started; the call is answered."""
    application["/voice"] = "<Start><Recording/><Transcription/></Start><Say>Hello</Say>"

    await caller.dials(NUMBER)
    await time.settle()

    (call,) = simulator.calls.values()
    assert [heard.text for heard in call.heard] == ["ringing", "in-progress", "Hello"]
    assert (len(call.recordings), len(call.transcriptions)) == (1, 1)


async def test_at_the_end_of_the_document_the_call_ends(
    application: Application, simulator: Simulator, caller: Caller
) -> None:
    """What was started does not keep it, and ends with it."""
    application["/voice"] = "<Start><Recording/><Transcription/></Start>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    (call,) = simulator.calls.values()
    assert call.status == "completed"
    assert not call.recordings[0].is_running
    assert not call.transcriptions[0].is_running


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<Start/>", 14300),
        ("<Start>words</Start>", 14300),
        ("<Start><Say>Hello</Say></Start>", 14300),
        ("<Start><Recording/><Number>+12025550150</Number></Start>", 14300),
        ("<Start color='red'><Recording/></Start>", 12200),
        ("<Start method='PUT'><Recording/></Start>", 12200),
        ("<Start>words<Recording/></Start>", 12200),
        ("<Gather><Start><Recording/></Start></Gather>", 13320),
    ],
)
async def test_a_wrong_start_is_refused(
    application: Application, simulator: Simulator, caller: Caller, document: str, code: int
) -> None:
    """With the whole document."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = document

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [code]
    assert application.form("/fallback")["ErrorCode"] == str(code)
