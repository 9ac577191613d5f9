"""Recordings of a call or a conference under way: begin, pause, go on, stop.

``Twilio.CURRENT`` is the one that runs. Source: twilio.com/docs/voice/api/recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.simulator.keys import SIMULATOR
from ivr.simulator.recordings import EVENTS, record, running
from ivr.simulator.records import Callback
from ivr.simulator.rest.conferences import find_conference
from ivr.simulator.rest.conventions import (
    BASE,
    Refused,
    check_choice,
    check_method,
    check_url,
    not_found,
    read_form,
    read_query,
    within_dates,
)
from ivr.simulator.rest.recordings import DELETED, as_json, delete_recording
from ivr.simulator.rest.resource import routes

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.recordings import Recording

CREATE = frozenset(
    {
        "RecordingStatusCallback", "RecordingStatusCallbackMethod", "RecordingStatusCallbackEvent",
        "RecordingChannels", "RecordingTrack", "Trim",
    }
)  # fmt: skip
UPDATE = frozenset({"Status", "PauseBehavior"})
LIST = frozenset({"DateCreated", "DateCreated<", "DateCreated>"})
CHANNELS = {"mono": 1, "dual": 2}
TRACKS = ("inbound", "outbound", "both")
TRIMS = ("trim-silence", "do-not-trim")
CURRENT = "Twilio.CURRENT"


def check_callback(form: dict[str, str], prefix: str = "RecordingStatusCallback") -> Callback:
    events = form.get(f"{prefix}Event", "completed").split()
    if not set(events) <= set(EVENTS):
        raise Refused(400, 20001, f"{prefix}Event must be among {', '.join(EVENTS)}")
    return Callback(check_url(form, prefix), check_method(form, f"{prefix}Method"), frozenset(events))


def check_channels(form: dict[str, str]) -> int:
    channels = form.get("RecordingChannels", "mono")
    if channels not in CHANNELS:
        raise Refused(400, 20001, "RecordingChannels must be mono or dual")
    return CHANNELS[channels]


def check_track(form: dict[str, str]) -> str:
    return check_choice(form, "RecordingTrack", "both", TRACKS)


def check_trim(form: dict[str, str], default: str, name: str = "Trim") -> bool:
    return check_choice(form, name, default, TRIMS) == TRIMS[0]


async def create_recording(request: web.Request) -> dict[str, Any]:
    """Only of a call in progress: 21220."""
    call = request.app[SIMULATOR].calls.get(request.match_info["call"])
    if call is None:
        raise not_found(request)
    form = await read_form(request, CREATE, repeated={"RecordingStatusCallbackEvent"})
    callback, channels, track = check_callback(form), check_channels(form), check_track(form)
    trims = check_trim(form, "do-not-trim")
    if call.status != "in-progress":
        raise Refused(400, 21220, "Call is not in-progress. Cannot record.")
    recording = record(call, "StartCallRecordingAPI", callback, channels=channels, track=track, trims=trims)
    return as_json(recording)


def list_recordings(request: web.Request) -> list[dict[str, Any]]:
    """Newest first."""
    query = read_query(request, LIST)
    return [
        as_json(one) for one in reversed(_recordings(request)) if within_dates(query, "DateCreated", one.started_ms)
    ]


def fetch_recording(request: web.Request) -> dict[str, Any]:
    return as_json(_find(request))


async def update_recording(request: web.Request) -> dict[str, Any]:
    """``paused`` and ``stopped`` are shown in this answer only; one that does not run is refused: 16114."""
    recording = _find(request)
    form = await read_form(request, UPDATE)
    status, behavior = form.get("Status", ""), form.get("PauseBehavior", "silence")
    allowed = ("paused", "in-progress") if recording.conference_sid else ("paused", "in-progress", "stopped")
    if status not in allowed:
        raise Refused(400, 20001, f"Status must be one of {', '.join(allowed)}")
    if behavior not in {"skip", "silence"}:
        raise Refused(400, 20001, "PauseBehavior must be skip or silence")
    if not recording.is_running:
        raise Refused(400, 16114, f"The recording is {recording.status}")
    if status == "paused":
        recording.pause(skips=behavior == "skip")
    elif status == "in-progress":
        recording.resume()
    else:
        recording.stop()
    return as_json(recording) | {"status": status}


def _recordings(request: web.Request) -> list[Recording]:
    simulator = request.app[SIMULATOR]
    kept = [one for one in simulator.recordings.values() if one.status != DELETED]
    if "conference" in request.match_info:
        sid = find_conference(request, "conference").sid
        return [one for one in kept if one.conference_sid == sid]
    if request.match_info["call"] not in simulator.calls:
        raise not_found(request)
    sid = request.match_info["call"]
    return [one for one in kept if one.call_sid == sid and not one.conference_sid]


def _find(request: web.Request) -> Recording:
    """The named one, or the one that runs if that is clear."""
    name, recordings = request.match_info["recording"], _recordings(request)
    found = running(recordings) if name == CURRENT else [one for one in recordings if one.sid == name]
    if not found:
        raise not_found(request)
    if len(found) > 1:
        raise Refused(400, 20001, f"{len(found)} recordings run; name one of them")
    return found[0]


CALL = f"{BASE}/Calls/{{call}}/Recordings"
CONFERENCE = f"{BASE}/Conferences/{{conference}}/Recordings"
ROUTES = [
    route
    for folder, create in ((CALL, create_recording), (CONFERENCE, None))
    for route in routes(
        folder,
        "recording",
        plural="recordings",
        rows=list_recordings,
        create=create,
        fetch=fetch_recording,
        update=update_recording,
        delete=delete_recording,
    )
]
