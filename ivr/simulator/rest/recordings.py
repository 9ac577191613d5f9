"""Recordings: look at them, fetch their audio, delete them.

The audio needs no credentials: whoever knows its address may hear it. Source: twilio.com/docs/voice/api/recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from ivr.simulator.keys import SIMULATOR
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.recordings import silence
from ivr.simulator.rest.conventions import BASE, Refused, not_found, page, read_query

if TYPE_CHECKING:
    from ivr.simulator.recordings import Recording

LIST = frozenset({"CallSid", "ConferenceSid"})
MOST_CHANNELS = 2


def find_recording(request: web.Request) -> Recording:
    recording = request.app[SIMULATOR].recordings.get(request.match_info["recording"])
    if recording is None:
        raise not_found(request)
    return recording


async def fetch_recording(request: web.Request) -> web.Response:
    return web.json_response(as_json(find_recording(request)))


async def list_recordings(request: web.Request) -> web.Response:
    """Newest first."""
    query = read_query(request, LIST)
    chosen = [
        as_json(one)
        for one in reversed(request.app[SIMULATOR].recordings.values())
        if query.get("CallSid", one.call_sid) == one.call_sid
        and query.get("ConferenceSid", one.conference_sid) == one.conference_sid
    ]
    return page(request, "recordings", chosen)


async def fetch_audio(request: web.Request) -> web.Response:
    """404 until it is completed; two channels of what has one are refused."""
    recording = find_recording(request)
    channels = int(request.query.get("RequestedChannels", recording.channels))
    if recording.status != "completed":
        raise not_found(request)
    if not 1 <= channels <= MOST_CHANNELS or channels > recording.channels:
        raise Refused(400, 20001, f"this recording has not {channels} channels")
    return web.Response(body=silence(recording.duration_s, channels), content_type="audio/x-wav")


async def delete_recording(request: web.Request) -> web.Response:
    """Only one that is completed: 20009."""
    recording = find_recording(request)
    if recording.status != "completed":
        raise Refused(400, 20009, f"A recording that is {recording.status} cannot be deleted")
    del request.app[SIMULATOR].recordings[recording.sid]
    return web.Response(status=204)


def as_json(recording: Recording) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    is_over = recording.status == "completed"
    return {
        "sid": recording.sid,
        "account_sid": recording.network.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid or None,
        "channels": recording.channels,
        "track": recording.track,
        "source": recording.source,
        "status": recording.status,
        "duration": str(recording.duration_s) if is_over else None,
        "start_time": rfc_2822(recording.started_ms),
        "date_created": rfc_2822(recording.started_ms),
        "date_updated": rfc_2822(recording.started_ms + 1000 * recording.duration_s),
        "price": None,
        "price_unit": None,
        "error_code": None,
        "encryption_details": None,
        "media_url": recording.url,
        "uri": f"{recording.uri}.json",
        "subresource_uris": {"transcriptions": f"{recording.uri}/Transcriptions.json"},
    }


ROUTES = [
    web.get(f"{BASE}/Recordings.json", list_recordings),
    web.get(f"{BASE}/Recordings/{{recording}}.json", fetch_recording),
    web.delete(f"{BASE}/Recordings/{{recording}}.json", delete_recording),
    web.get(f"{BASE}/Recordings/{{recording}}.wav", fetch_audio),
    web.get(f"{BASE}/Recordings/{{recording}}", fetch_audio),
]
