"""The parameters every request about a call carries.

Values are always text and empty ones are sent; the places of our numbers cannot be located, so geography is blank.
Source: twilio.com/docs/voice/twiml#request-parameters.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.simulator.call import Call

API_VERSION = "2010-04-01"
PLACES = tuple(
    (f"{party}{part}", "")
    for party in ("Called", "Caller", "From", "To")
    for part in ("City", "Country", "State", "Zip")
)
Parameters = tuple[tuple[str, str], ...]


def standard(call: Call) -> Parameters:
    """What describes ``call`` now."""
    return (*call.identity, ("CallStatus", call.status))


def identity(call: Call) -> Parameters:
    """What describes ``call`` as long as it lives; in order, since each request's signature puts it in order."""
    facts = (
        ("AccountSid", call.account_sid),
        ("ApiVersion", API_VERSION),
        ("CallSid", call.sid),
        ("Direction", call.direction),
        ("Called", call.to),
        ("Caller", call.from_),
        ("From", call.from_),
        ("To", call.to),
        *((("ApplicationSid", call.application_sid),) if call.application_sid else ()),
        *((("ParentCallSid", call.parent.sid),) if call.parent else ()),
        *PLACES,
    )
    return tuple(sorted(facts))


def progress(call: Call, *, sequence: int) -> Parameters:
    """What a status callback about ``call`` adds; ``Duration`` is in begun minutes."""
    at_ms = call.ended_ms if call.ended_ms is not None else call.network.time.now_ms()
    duration_s = call.duration_s
    end = (("CallDuration", str(duration_s)), ("Duration", str(-(-duration_s // 60)))) if call.is_over else ()
    sip = (("SipResponseCode", str(call.sip_code)),) if call.is_over and call.direction != "inbound" else ()
    answered_by = (("AnsweredBy", call.answered_by),) if call.answered_by else ()
    recording = next((one for one in call.recordings if one.source == "OutboundAPI"), None)
    recorded = recording.outcome() if recording and call.is_over else ()
    return (
        *end,
        *sip,
        *answered_by,
        *recorded,
        ("SequenceNumber", str(sequence)),
        ("Timestamp", rfc_2822(at_ms)),
        ("CallbackSource", "call-progress-events"),
    )


def rfc_2822(at_ms: int) -> str:
    """A date as REST and callbacks write it: ``Tue, 31 Aug 2010 20:36:28 +0000``."""
    return format_datetime(datetime.fromtimestamp(at_ms // 1000, UTC))
