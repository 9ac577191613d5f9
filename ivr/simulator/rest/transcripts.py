"""Transcripts of a recording: look at them, delete them.

Source: twilio.com/docs/voice/api/recording-transcription.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.rest.conventions import BASE, not_found, read_query
from ivr.simulator.rest.recordings import find_recording
from ivr.simulator.rest.resource import routes

if TYPE_CHECKING:
    from aiohttp import web

    from ivr.simulator.transcripts import Transcript


def list_transcripts(request: web.Request) -> list[dict[str, Any]]:
    """Newest first."""
    read_query(request, ())
    return [as_json(one) for one in reversed(find_recording(request).transcripts)]


def fetch_transcript(request: web.Request) -> dict[str, Any]:
    return as_json(_find(request))


def delete_transcript(request: web.Request) -> None:
    find_recording(request).transcripts.remove(_find(request))


def _find(request: web.Request) -> Transcript:
    sid = request.match_info["transcript"]
    found = next((one for one in find_recording(request).transcripts if one.sid == sid), None)
    if found is None:
        raise not_found(request)
    return found


def as_json(transcript: Transcript) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    recording = transcript.recording
    return {
        "sid": transcript.sid,
        "account_sid": recording.network.account_sid,
        "api_version": API_VERSION,
        "recording_sid": recording.sid,
        "status": transcript.status,
        "transcription_text": transcript.text,
        "duration": str(recording.duration_s),
        "type": "fast",
        "price": None,
        "price_unit": "USD",
        "date_created": rfc_2822(transcript.created_ms),
        "date_updated": rfc_2822(transcript.created_ms),
        "uri": f"{transcript.uri}.json",
    }


ROUTES = routes(
    f"{BASE}/Recordings/{{recording}}/Transcriptions",
    "transcript",
    plural="transcriptions",
    rows=list_transcripts,
    fetch=fetch_transcript,
    delete=delete_transcript,
)
