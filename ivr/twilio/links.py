"""The addresses we hand out to the provider; the routes that answer them are in ``ivr/app.py``."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ivr.twilio.twiml import RETRY


@dataclass(frozen=True, slots=True)
class Links:
    """Our public address, without a trailing slash, and the URLs below it."""

    base_url: str

    @property
    def voice(self) -> str:
        """Where a call arrives: the number's Voice URL."""
        return f"{self.base_url}/twilio/voice{RETRY}"

    @property
    def status(self) -> str:
        """Where the end of a call is told: the number's status callback."""
        return f"{self.base_url}/twilio/status{RETRY}"

    @property
    def audio(self) -> str:
        """What a prompt's hash is appended to."""
        return f"{self.base_url}/audio/"

    def turn(self, call_sid: str, turn: int) -> str:
        """Where a call goes on."""
        return f"{self.base_url}/twilio/calls/{quote(call_sid)}/turns/{turn}{RETRY}"

    def message_status(self, call_sid: str, act_id: str) -> str:
        """Where the fate of a message is told, with the id of the act that sent it."""
        return f"{self.base_url}/twilio/messages?call={quote(call_sid)}&act={quote(act_id)}{RETRY}"
