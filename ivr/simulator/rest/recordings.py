"""Recordings: look at them, fetch their audio, delete them.

The audio needs no credentials: whoever knows its address may hear it. It is a WAV file unless MP3 is asked for, which
needs the program ffmpeg on the simulator's machine. Source: twilio.com/docs/voice/api/recording.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ivr.simulator.keys import SIMULATOR
from ivr.simulator.parameters import API_VERSION, rfc_2822
from ivr.simulator.rest.conventions import BASE, Refused, check_flag, not_found, read_query, within_dates
from ivr.simulator.rest.resource import routes
from ivr.simulator.sound.files import write_mp3

if TYPE_CHECKING:
    from ivr.simulator.recordings import Recording

LIST = frozenset(
    {"CallSid", "ConferenceSid", "DateCreated", "DateCreated<", "DateCreated>", "IncludeSoftDeleted"}
)  # fmt: skip
DELETED = "deleted"


def find_recording(request: web.Request, *, also_deleted: bool = False) -> Recording:
    recording = request.app[SIMULATOR].recordings.get(request.match_info["recording"])
    if recording is None or (recording.status == DELETED and not also_deleted):
        raise not_found(request)
    return recording


def fetch_recording(request: web.Request) -> dict[str, Any]:
    also_deleted = check_flag(read_query(request, {"IncludeSoftDeleted"}), "IncludeSoftDeleted")
    return as_json(find_recording(request, also_deleted=also_deleted))


def list_recordings(request: web.Request) -> list[dict[str, Any]]:
    """Newest first."""
    query = read_query(request, LIST)
    return [
        as_json(one)
        for one in reversed(request.app[SIMULATOR].recordings.values())
        if query.get("CallSid", one.call_sid) == one.call_sid
        and query.get("ConferenceSid", one.conference_sid) == one.conference_sid
        and within_dates(query, "DateCreated", one.started_ms)
        and (one.status != DELETED or check_flag(query, "IncludeSoftDeleted"))
    ]


async def fetch_audio(request: web.Request) -> web.Response:
    """The WAV file; 404 until the recording is completed."""
    recording, channels = _wanted(request)
    wav = await asyncio.to_thread(recording.wav, channels)
    return web.Response(body=wav, content_type="audio/x-wav")


async def fetch_mp3(request: web.Request) -> web.Response:
    """The same as MP3; 501 where there is no program that makes it."""
    recording, channels = _wanted(request)
    ffmpeg = request.app[SIMULATOR].library.ffmpeg
    if ffmpeg is None:
        raise Refused(501, 20500, "This simulator has no ffmpeg to make an MP3 with; ask for .wav instead")
    mp3 = await asyncio.to_thread(lambda: write_mp3(ffmpeg, recording.wav(channels)))
    return web.Response(body=mp3, content_type="audio/mpeg")


def _wanted(request: web.Request) -> tuple[Recording, int]:
    """The recording and how many of its channels; two of what has one are refused."""
    recording = find_recording(request)
    if recording.status != "completed":
        raise not_found(request)
    channels = request.query.get("RequestedChannels", str(recording.channels))
    if channels not in {"1", "2"} or int(channels) > recording.channels:
        raise Refused(400, 16113 if channels == "2" else 20001, f"This recording has not {channels!r} channels.")
    return recording, int(channels)


def delete_recording(request: web.Request) -> None:
    """Only one that is over: 20009. Its audio is gone; what is known of it stays, as ``deleted``."""
    recording = find_recording(request)
    if not recording.is_over:
        raise Refused(400, 20009, f"A recording that is {recording.status} cannot be deleted")
    recording.status = DELETED


def as_json(recording: Recording) -> dict[str, Any]:
    """The resource as the vendor shows it."""
    is_over = recording.status in {"completed", DELETED}
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
        "error_code": recording.error_code,
        "encryption_details": None,
        "media_url": recording.url,
        "uri": f"{recording.uri}.json",
        "subresource_uris": {"transcriptions": f"{recording.uri}/Transcriptions.json"},
    }


ROUTES = [
    *routes(
        f"{BASE}/Recordings",
        "recording",
        plural="recordings",
        rows=list_recordings,
        fetch=fetch_recording,
        delete=delete_recording,
    ),
    web.get(f"{BASE}/Recordings/{{recording}}.wav", fetch_audio),
    web.get(f"{BASE}/Recordings/{{recording}}.mp3", fetch_mp3),
    web.get(f"{BASE}/Recordings/{{recording}}", fetch_audio),
]
