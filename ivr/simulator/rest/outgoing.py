"""What the parameters of a new call (or a new participant) say about how it is placed.

Source: the vendor's OpenAPI description, CreateCall and CreateParticipant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ivr.simulator.call import Call
from ivr.simulator.ourselves import APPLICATION
from ivr.simulator.outgoing import Outgoing
from ivr.simulator.problems import Reported
from ivr.simulator.records import Callback
from ivr.simulator.rest.call_recordings import check_callback as check_recording_callback
from ivr.simulator.rest.call_recordings import check_channels, check_track, check_trim
from ivr.simulator.rest.conventions import E164, Refused, check_flag, check_method, check_number, check_url
from ivr.simulator.voice import Detection

if TYPE_CHECKING:
    from ivr.simulator.network import Simulator
    from ivr.simulator.records import Number
    from ivr.simulator.steps import Step

EVENTS = ("initiated", "ringing", "answered", "completed")
ADDRESS = re.compile(r"client:.{1,256}|sips?:[^@\s]+@\S+")
BYOC = re.compile(r"(BY[0-9a-f]{32})?")
LONGEST_REASON = 50
NOBODY_IS_TOLD = 21262
LONGEST_TIMEOUT_S = 600
DIGITS = re.compile(r"[0-9*#wW]{1,32}")
MODES = ("Enable", "DetectMessageEnd")
DETECTION = frozenset(
    {
        "MachineDetection", "MachineDetectionTimeout", "MachineDetectionSpeechThreshold",
        "MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout",
    }
)  # fmt: skip
RECORDING = frozenset(
    {
        "Record", "RecordingChannels", "RecordingTrack", "Trim", "RecordingStatusCallback",
        "RecordingStatusCallbackMethod", "RecordingStatusCallbackEvent",
    }
)  # fmt: skip
SETTINGS = frozenset(
    {"CallerId", "CallReason", "CallToken", "Byoc", "ClientNotificationUrl", "SipAuthUsername", "SipAuthPassword"}
)
"""Of any call: whom it says it is from, and what changes nothing here."""

REPEATED = frozenset(
    {
        "StatusCallbackEvent", "RecordingStatusCallbackEvent", "ConferenceStatusCallbackEvent",
        "ConferenceRecordingStatusCallbackEvent",
    }
)  # fmt: skip


def check_parties(simulator: Simulator, form: dict[str, str], *, may_be_application: bool = False) -> tuple[str, str]:
    """``To`` and ``From`` (or ``CallerId``); refuses 21201, 21211, 21213, 21212, 21210 and 21218."""
    to, from_ = form.get("To", ""), form.get("CallerId") or form.get("From", "")
    if not to:
        raise Refused(400, 21201, "No 'To' number is specified")
    application = APPLICATION.fullmatch(to) if may_be_application else None
    if application:
        check_application(simulator, application["sid"])
    elif not (E164.fullmatch(to) or ADDRESS.fullmatch(to)) or to == from_:
        raise Refused(400, 21211, f"The 'To' number {to} is not a valid phone number to call from {from_}.")
    if not from_:
        raise Refused(400, 21213, "No 'From' number is specified")
    if ADDRESS.fullmatch(from_):
        return to, from_
    if not E164.fullmatch(from_):
        raise Refused(400, 21212, f"The 'From' number {from_} is not a valid phone number or client identifier.")
    if from_ not in simulator.numbers:
        raise Refused(400, 21210, f"The source phone number provided, {from_}, is not yet verified for your account.")
    return to, from_


def check_application(simulator: Simulator, sid: str) -> Number:
    if sid not in simulator.applications:
        raise Refused(400, 21218, f"ApplicationSid {sid!r} is not an application of this account.")
    return simulator.applications[sid]


def check_settings(form: dict[str, str]) -> None:
    """What a call may carry and what changes nothing here."""
    check_url(form, "ClientNotificationUrl")
    if not BYOC.fullmatch(form.get("Byoc", "")):
        raise Refused(400, 21300, "Byoc must be the sid of a trunk, BY…")
    if len(form.get("CallReason", "")) > LONGEST_REASON:
        raise Refused(400, 20001, f"CallReason must not be longer than {LONGEST_REASON} characters")
    if "SipAuthUsername" in form and not form.get("To", "").startswith("sip"):
        raise Refused(400, 20001, "SipAuthUsername and SipAuthPassword are for calls to a SIP address")
    if "SipAuthUsername" in form and not form.get("SipAuthPassword"):
        raise Refused(400, 21225, "SipAuthPassword is required when SipAuthUsername is given")


def check_callback(form: dict[str, str], prefix: str = "StatusCallback") -> Callback:
    events = form.get(f"{prefix}Event", "completed").split()
    if not set(events) <= set(EVENTS):
        raise Refused(400, 20001, f"{prefix}Event must be among {', '.join(EVENTS)}")
    return Callback(check_url(form, prefix), check_method(form, f"{prefix}Method"), frozenset(events))


def check_outgoing(form: dict[str, str], first: Step) -> Outgoing:
    check_settings(form)
    digits = form.get("SendDigits", "")
    if digits and not DIGITS.fullmatch(digits):
        raise Refused(400, 21206, "SendDigits must be 1 to 32 of 0-9 * # w W")
    return Outgoing(
        first,
        timeout_s=check_number(form, "Timeout", 60, least=1, most=LONGEST_TIMEOUT_S),
        send_digits=digits,
        time_limit_s=check_number(form, "TimeLimit", 0, least=0),
        detection=_check_detection(form),
        records=check_channels(form) if check_flag(form, "Record") else 0,
        recording=check_recording_callback(form),
        track=check_track(form),
        trims=check_trim(form, "trim-silence"),
    )


def _check_detection(form: dict[str, str]) -> Detection | None:
    mode = form.get("MachineDetection", "")
    if mode in {"", "none"}:
        return None
    if mode not in MODES:
        raise Refused(400, 20001, f"MachineDetection must be one of {', '.join(MODES)}")
    check_number(form, "MachineDetectionSilenceTimeout", 5000, least=2000, most=10_000)
    prefix = "AmdStatusCallback" if "AmdStatusCallback" in form else "AsyncAmdStatusCallback"
    return Detection(
        waits_for_end=mode == "DetectMessageEnd",
        timeout_s=check_number(form, "MachineDetectionTimeout", 30, least=3, most=59),
        speech_ms=check_number(form, "MachineDetectionSpeechThreshold", 2400, least=1000, most=6000),
        speech_end_ms=check_number(form, "MachineDetectionSpeechEndThreshold", 1200, least=500, most=5000),
        is_async=check_flag(form, "AsyncAmd") or prefix == "AmdStatusCallback",
        url=check_url(form, prefix),
        method=check_method(form, f"{prefix}Method"),
    )


def place(
    simulator: Simulator, form: dict[str, str], outgoing: Outgoing, fallback: tuple[str, str], callback: Callback
) -> Call:
    """Put the call into the account's queue of outgoing calls; it is ``queued`` until its turn comes."""
    to, from_ = form["To"], form.get("CallerId") or form["From"]
    call = Call(simulator, to=to, from_=from_, direction="outbound-api", fallback=fallback, callback=callback)
    if outgoing.detection and outgoing.detection.is_async and not outgoing.detection.url:
        message = "AsyncAmd without AsyncAmdStatusCallback: nobody is told who answered"
        simulator.errors.append(Reported(call.sid, NOBODY_IS_TOLD, "", message))
    call.queue_time_ms = simulator.dispatch.reserve()
    simulator.launch(call, outgoing.begin)
    return call
