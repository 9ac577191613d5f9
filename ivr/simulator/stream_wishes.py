"""What a stream can be asked for, by TwiML and by REST alike.

Source: twilio.com/docs/voice/twiml/stream.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ivr.simulator.records import Callback
from ivr.simulator.visitors import is_loopback

if TYPE_CHECKING:
    from ivr.simulator.parameters import Parameters

LONGEST_PARAMETER = 500
TRACKS = {
    "inbound_track": ("inbound",),
    "outbound_track": ("outbound",),
    "both_tracks": ("inbound", "outbound"),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to stream and where to, as ``<Stream>`` and REST ask for it."""

    url: str
    name: str = ""
    tracks: tuple[str, ...] = ("inbound",)
    custom: Parameters = ()
    callback: Callback = field(default_factory=Callback)
    is_bidirectional: bool = False


def fault_of_url(url: str) -> str:
    """Why no stream can go to ``url``; empty if one can: wss anywhere, ws only to this machine, without a query."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is no URL"
    if not host or not (parts.scheme == "wss" or (parts.scheme == "ws" and is_loopback(host))):
        return "must be a wss:// URL (ws:// only to this machine)"
    return "must have no query: use <Parameter>" if parts.query or "?" in url else ""


def fault_of_parameter(name: str, value: str) -> str:
    """Why a stream cannot carry this parameter; empty if it can."""
    if not name:
        return "needs a name"
    return "is longer than 500 characters" if len(name) + len(value) >= LONGEST_PARAMETER else ""
