"""The addresses we hand out to the provider; the routes that answer them are in ``ivr/app.py``.

A CallSid needs no quoting here: only sids whose characters may stand in a path are let in (``requests.SID``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.twilio.twiml import RETRY, escape


@dataclass(frozen=True, slots=True)
class Links:
    """Our public address, without a trailing slash, and the URLs below it.

    Those for documents are ready to stand in XML: they are written on every turn.
    """

    base_url: str
    _calls_xml: str = field(init=False)
    _retry_xml: str = field(init=False, default=escape(RETRY))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_calls_xml", escape(f"{self.base_url}/twilio/calls/"))

    @property
    def voice(self) -> str:
        """Where a call arrives: the number's Voice URL."""
        return f"{self.base_url}/twilio/voice{RETRY}"

    @property
    def voice_xml(self) -> str:
        """The same, for a document."""
        return escape(self.voice)

    @property
    def status(self) -> str:
        """Where the end of a call is told: the number's status callback."""
        return f"{self.base_url}/twilio/status{RETRY}"

    @property
    def audio_xml(self) -> str:
        """What a prompt's hash is appended to, for a document."""
        return escape(f"{self.base_url}/audio/")

    @property
    def recordings_xml(self) -> str:
        """Where it is told that a recording is ready, for a document."""
        return escape(f"{self.base_url}/twilio/recordings{RETRY}")

    @property
    def conference_xml(self) -> str:
        """Where it is told who meets in a conference, for a document."""
        return escape(f"{self.base_url}/twilio/conference{RETRY}")

    def leg(self, offer: str, agent: str, turn: int) -> str:
        """Where an agent's leg goes on; names are let in that may stand in a path (``routing/checks.py``)."""
        return f"{self.base_url}/twilio/legs/{offer}/{agent}/turns/{turn}{RETRY}"

    def leg_status(self, offer: str, agent: str) -> str:
        """Where it is told how an agent's leg stands."""
        return f"{self.base_url}/twilio/legs/{offer}/{agent}/status{RETRY}"

    def turn(self, call_sid: str, turn: int) -> str:
        """Where a call goes on."""
        return f"{self.base_url}/twilio/calls/{call_sid}/turns/{turn}{RETRY}"

    def turn_xml(self, call_sid: str, turn: int) -> str:
        """The same, for a document."""
        return f"{self._calls_xml}{call_sid}/turns/{turn}{self._retry_xml}"

    def message_status(self, call_sid: str, act_id: str) -> str:
        """Where the fate of a message is told, with the id of the act that sent it."""
        return f"{self.base_url}/twilio/messages?call={call_sid}&act={act_id}{RETRY}"
