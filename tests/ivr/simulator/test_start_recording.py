"""<Start><Recording> and <Stop><Recording>.

| attribute | values | default |
|---|---|---|
| name | text, to stop it by | none |
| channels | mono, dual | dual |
| track | inbound, outbound, both | both |
| trim | trim-silence, do-not-trim | trim-silence |
| recordingStatusCallback, …Method, …Event | URL; GET/POST; in-progress completed absent | none; POST; completed |

Source: twilio.com/docs/voice/twiml/recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tests.ivr.simulator.conftest import NUMBER

if TYPE_CHECKING:
    from ivr.simulator import Simulator, SteppedTime
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller


@pytest.fixture(autouse=True)
def callbacks(application: Application) -> None:
    application["/recorded"] = web.Response(status=204)


async def test_the_call_goes_on_while_it_is_recorded(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """To its end, if nothing stops it; on two channels unless asked otherwise."""
    application["/voice"] = (
        '<Start><Recording recordingStatusCallback="/recorded" trim="do-not-trim" '
        'recordingStatusCallbackEvent="in-progress completed"/></Start><Pause length="4"/><Redirect>/more</Redirect>'
    )
    application["/more"] = '<Pause length="6"/>'

    await caller.dials(NUMBER)
    await time.advance(15)

    begun, done = sorted((one.form for one in application.received("/recorded")), key=lambda form: len(form))
    assert (begun["RecordingStatus"], done["RecordingStatus"], done["RecordingDuration"]) == (
        "in-progress",
        "completed",
        "10",
    )
    assert (done["RecordingChannels"], done["RecordingTrack"]) == ("2", "both")
    assert done["RecordingSource"] == "StartCallRecordingTwiML"
    assert simulator.errors == []


@pytest.mark.parametrize(("channels", "number"), [("", 2), ('channels="dual"', 2), ('channels="mono"', 1)])
async def test_channels_are_chosen(
    application: Application, simulator: Simulator, caller: Caller, channels: str, number: int
) -> None:
    """Two is the default here, unlike elsewhere."""
    application["/voice"] = f"<Start><Recording {channels}/></Start><Hangup/>"

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [one.channels for one in simulator.recordings.values()] == [number]


async def test_it_is_stopped_by_its_name(
    application: Application, simulator: Simulator, caller: Caller, time: SteppedTime
) -> None:
    """Another recording of the call goes on."""
    application["/voice"] = (
        '<Start><Recording name="one" trim="do-not-trim"/></Start>'
        '<Start><Recording name="two" trim="do-not-trim"/></Start>'
        '<Pause length="3"/><Stop><Recording name="one"/></Stop><Pause length="4"/>'
    )

    await caller.dials(NUMBER)
    await time.advance(15)

    assert {one.name: one.duration_s for one in simulator.recordings.values()} == {"one": 3, "two": 7}


@pytest.mark.parametrize(
    "document",
    [
        "<Start><Recording channels='three'/></Start>",
        "<Start><Recording track='both_tracks'/></Start>",
        "<Start><Recording trim='hair'/></Start>",
        "<Start><Recording recordingStatusCallbackEvent='gone'/></Start>",
        "<Start><Recording>words</Recording></Start>",
        "<Start><Recording maxLength='3'/></Start>",
        "<Stop><Recording/></Stop>",
    ],
)
async def test_a_wrong_document_is_refused(
    application: Application, simulator: Simulator, caller: Caller, document: str
) -> None:
    """Whole; nothing is recorded."""
    application["/fallback"] = "<Hangup/>"
    application["/voice"] = document

    await caller.dials(NUMBER)
    await caller.hears_the_end()

    assert [error.code for error in simulator.errors] == [12200]
    assert simulator.recordings == {}
