"""``<Stream>``: the call's sound to a WebSocket; in ``<Start>`` beside the call, in ``<Connect>`` both ways.

Source: twilio.com/docs/voice/twiml/stream.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ivr.simulator import streams
from ivr.simulator.problems import DocumentError
from ivr.simulator.records import Callback
from ivr.simulator.stream_wishes import TRACKS, Wishes, fault_of_parameter, fault_of_url

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Stream:
    wishes: Wishes
    url: str

    def start(self, call: Call) -> None:
        self.connect(call)

    def connect(self, call: Call) -> streams.Stream:
        """Begin it, or raise DocumentError 12200 for a name that is taken and for too many tracks."""
        if fault := streams.fault_of(call, self.wishes):
            raise DocumentError(12200, self.url, f"<Stream> {fault}")
        return streams.stream(call, self.wishes)


@dataclass(frozen=True, slots=True)
class StopStream:
    name: str

    def stop(self, call: Call) -> None:
        stream = streams.find_stream(call, self.name)
        if stream is not None:
            stream.stop()


def read(element: Element) -> Stream:
    """Raises DocumentError 11100 for a url that is none for a stream, 12200 for what else is wrong."""
    if fault := fault_of_url(url := element.string("url")):
        raise element.error(11100, f"url={url!r} {fault}")
    wishes = Wishes(
        url=url,
        name=element.string("name"),
        tracks=TRACKS[element.choice("track", "inbound_track", TRACKS)],
        callback=Callback(element.url("statusCallback"), element.method("statusCallbackMethod")),
        custom=_read_parameters(element),
    )
    element.only(children=("Parameter",))
    return Stream(wishes, element.base)


def read_connected(element: Element) -> Stream:
    """In ``<Connect>``: it sends the inbound track and nothing else."""
    noun = read(element)
    if noun.wishes.tracks != TRACKS["inbound_track"]:
        raise element.error(12200, "in <Connect> has the inbound_track only")
    return replace(noun, wishes=replace(noun.wishes, is_bidirectional=True))


def _read_parameters(element: Element) -> Parameters:
    given = []
    for child in element.children:
        if child.name == "Parameter":
            name, value = child.string("name"), child.string("value")
            if fault := fault_of_parameter(name, value):
                raise child.error(12200, f"name={name[:50]!r} {fault}")
            child.only()
            given.append((name, value))
    return tuple(given)


def read_stop(element: Element) -> StopStream:
    name = element.string("name")
    if not name:
        raise element.error(12200, "in <Stop> needs the name it was started with")
    element.only()
    return StopStream(name)
