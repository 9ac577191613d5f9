"""``<Transcription>``: transcribe the call while it goes on, to ``statusCallbackUrl``.

Source: twilio.com/docs/voice/twiml/transcription.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.problems import DocumentError
from ivr.simulator.records import Callback
from ivr.simulator.transcriptions import (
    BOTH,
    ENGINES,
    LANGUAGE,
    SPEECH_MODEL,
    TRACKS,
    Wishes,
    find_transcription,
    transcribe,
)

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.parameters import Parameters

ABSOLUTE_URL = r"https?://.+"


@dataclass(frozen=True, slots=True)
class Transcription:
    wishes: Wishes
    url: str

    def start(self, call: Call) -> None:
        if find_transcription(call, self.wishes.name):
            message = f"<Transcription> name={self.wishes.name!r} is the name of one that runs"
            raise DocumentError(12200, self.url, message)
        transcribe(call, self.wishes)


@dataclass(frozen=True, slots=True)
class StopTranscription:
    name: str

    def stop(self, call: Call) -> None:
        transcription = find_transcription(call, self.name)
        if transcription is not None:
            transcription.stop()


def read(element: Element) -> Transcription:
    """Raises DocumentError 11100 for a relative statusCallbackUrl, 12200 for what else is wrong."""
    element.string("statusCallbackUrl", fits=ABSOLUTE_URL, code=11100)
    wishes = Wishes(
        name=element.string("name"),
        track=element.choice("track", BOTH, TRACKS),
        callback=Callback(element.url("statusCallbackUrl"), element.method("statusCallbackMethod")),
        inbound_label=element.string("inboundTrackLabel"),
        outbound_label=element.string("outboundTrackLabel"),
        has_partials=element.flag("partialResults"),
        language=element.string("languageCode", "en-US", fits=LANGUAGE),
        engine=element.choice("transcriptionEngine", "google", ENGINES),
        provider=_read_provider(element),
    )
    for name in ("intelligenceService", "conversationConfiguration", "conversationId"):
        element.string(name)
    element.flag("enableProviderData")
    _read_settings(element)
    return Transcription(wishes, element.base)


def _read_provider(element: Element) -> Parameters:
    """What is handed to the recogniser; here every word is understood whatever it says."""
    return (
        ("profanityFilter", str(element.flag("profanityFilter", default=True)).lower()),
        ("speechModel", element.string("speechModel", "telephony", fits=SPEECH_MODEL)),
        ("enableAutomaticPunctuation", str(element.flag("enableAutomaticPunctuation", default=True)).lower()),
        ("hints", element.string("hints")),
    )


def _read_settings(element: Element) -> None:
    """``<Config>`` and ``<Parameter>`` carry further settings of the recogniser, which has none here."""
    for child in element.children:
        child.string("name", fits=".+")
        child.string("value")
        if child.name in {"Config", "Parameter"}:
            child.only()
    element.only(children=("Config", "Parameter"))


def read_stop(element: Element) -> StopTranscription:
    name = element.string("name")
    if not name:
        raise element.error(12200, "in <Stop> needs the name it was started with")
    element.only()
    return StopTranscription(name)
