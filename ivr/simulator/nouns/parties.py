"""``<Number>``, ``<Client>`` and ``<Sip>``: whom a Dial rings.

Source: twilio.com/docs/voice/twiml/number; …/client; …/sip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.dialing import Attempt, Target, Terms
from ivr.simulator.documents import Vocabulary
from ivr.simulator.records import Callback
from ivr.simulator.verbs import gather, hangup, pause, play, redirect, say
from ivr.simulator.voice import Detection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element

SCREEN = Vocabulary(
    {
        "Gather": gather.read,
        "Hangup": hangup.read,
        "Pause": pause.read,
        "Play": play.read,
        "Redirect": redirect.read,
        "Say": say.read,
    },
    code=13201,
)
"""What may be executed on whoever answers, before the two are connected."""

E164 = r"\+[1-9][0-9]{6,14}"
SIP = r"sips?:[^@\s]+@[^\s]+"
IDENTITY = r".{1,256}"
EVENTS = ("initiated", "ringing", "answered", "completed")
MODES = ("Enable", "DetectMessageEnd")


@dataclass(frozen=True, slots=True)
class Parties:
    """All of ``targets`` at once, or one after the other, as the Dial's terms say."""

    targets: tuple[Target, ...]

    def attempt(self, call: Call, terms: Terms) -> Attempt:
        return Attempt(call, self.targets, terms, SCREEN)


def read_number(element: Element) -> Target:
    """A ``<Number>``, or a Dial that holds its number as text; 13223 when it is no number."""
    to = "".join(element.text.split())
    if not element.matches(E164, to):
        raise element.error(13223, f"holds {element.text!r}, which is no telephone number")
    if element.name == "Dial":
        return Target(to)
    target = Target(
        to,
        url=element.url("url"),
        method=element.method(),
        callback=_read_callback(element),
        send_digits=element.string("sendDigits", fits=r"[0-9*#wW]{1,32}"),
        detection=_read_detection(element),
    )
    element.string("byoc", fits=r"BY[0-9a-f]{32}")
    element.only(text=True)
    return target


def read_client(element: Element) -> Target:
    """The identity as text or in ``<Identity>``; ``<Parameter>`` are handed to the client."""
    children = element.children
    identities = [child.text for child in children if child.name == "Identity"] or [element.text]
    if len(identities) > 1 or not element.matches(IDENTITY, identities[0]):
        raise element.error(13223, "needs one identity of at most 256 characters")
    element.url("clientNotificationUrl")
    custom = tuple((child.string("name"), child.string("value")) for child in children if child.name == "Parameter")
    target = Target(
        f"client:{identities[0]}",
        url=element.url("url"),
        method=element.method(),
        callback=_read_callback(element),
        custom=custom,
    )
    element.only(children=("Identity", "Parameter"), text=True)
    return target


def read_sip(element: Element) -> Target:
    if not element.matches(SIP, element.text):
        raise element.error(13223, f"holds {element.text!r}, which is no SIP address")
    target = Target(
        element.text,
        url=element.url("url"),
        method=element.method(),
        callback=_read_callback(element),
        detection=_read_detection(element),
    )
    element.string("username")
    element.string("password")
    element.only(text=True)
    return target


PARTIES: Mapping[str, Callable[[Element], Target]] = {
    "Client": read_client,
    "Number": read_number,
    "Sip": read_sip,
}


def _read_callback(element: Element) -> Callback:
    events = element.string("statusCallbackEvent", "completed").split()
    if not set(events) <= set(EVENTS):
        raise element.error(12200, f"statusCallbackEvent must be among {', '.join(EVENTS)}")
    return Callback(element.url("statusCallback"), element.method("statusCallbackMethod"), frozenset(events))


def _read_detection(element: Element) -> Detection | None:
    """The verdict goes to the callback; the Dial does not wait for it."""
    detection = Detection(
        waits_for_end=element.choice("machineDetection", MODES[0], MODES) == "DetectMessageEnd",
        timeout_s=element.integer("machineDetectionTimeout", 30, least=3, most=60),
        speech_ms=element.integer("machineDetectionSpeechThreshold", 2400, least=1000, most=6000),
        speech_end_ms=element.integer("machineDetectionSpeechEndThreshold", 1200, least=500, most=5000),
        is_async=True,
        url=element.url("amdStatusCallback"),
        method=element.method("amdStatusCallbackMethod"),
    )
    element.integer("machineDetectionSilenceTimeout", 5000, least=2000, most=10_000)
    return detection if element.has("machineDetection") else None
