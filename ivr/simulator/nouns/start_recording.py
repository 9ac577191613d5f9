"""``<Recording>`` in ``<Start>``: record the call from now on, beside whatever it does.

Two channels unless asked otherwise. Source: twilio.com/docs/voice/twiml/recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.recordings import record
from ivr.simulator.verbs.record import TRIMS, read_callback, read_trim

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.records import Callback

CHANNELS = {"mono": 1, "dual": 2}
SOURCE = "StartCallRecordingTwiML"


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    channels: int
    track: str
    callback: Callback
    trims: bool

    def start(self, call: Call) -> None:
        recording = record(call, SOURCE, self.callback, channels=self.channels, track=self.track, trims=self.trims)
        recording.name = self.name


@dataclass(frozen=True, slots=True)
class StopRecording:
    name: str

    def stop(self, call: Call) -> None:
        for recording in call.recordings:
            if recording.name == self.name:
                recording.stop()


def read(element: Element) -> Recording:
    noun = Recording(
        name=element.string("name"),
        channels=CHANNELS[element.choice("channels", "dual", CHANNELS)],
        track=element.choice("track", "both", ("inbound", "outbound", "both")),
        callback=read_callback(element),
        trims=read_trim(element, TRIMS[0]),
    )
    element.string("recordingConfigurationId")
    element.only()
    return noun


def read_stop(element: Element) -> StopRecording:
    name = element.string("name")
    if not name:
        raise element.error(12200, "in <Stop> needs the name it was started with")
    element.only()
    return StopRecording(name)
