"""``GET /simulator/calls.json``: everything the simulator remembers, for people and tools; it needs no credentials."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ivr.simulator.keys import SIMULATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.conference import Conference
    from ivr.simulator.network import Simulator
    from ivr.simulator.queues import Queue
    from ivr.simulator.recordings import Recording
    from ivr.simulator.streams import Stream
    from ivr.simulator.transcriptions import Transcription

SECRETS = frozenset({"authorization", "cookie"})


async def show_calls(request: web.Request) -> web.Response:
    simulator = request.app[SIMULATOR]
    return web.json_response(
        {
            "simulator": "twilio",
            "account_sid": simulator.account_sid,
            "numbers": sorted(simulator.numbers),
            "calls": [_call(simulator, call) for call in simulator.calls.values()],
            "conferences": [plain_conference(one) for one in simulator.rooms.conferences.values()],
            "queues": [plain_queue(one) for one in simulator.queues.queues.values()],
            "recordings": [plain_recording(one) for one in simulator.recordings.values()],
            "messages": [asdict(message) for message in simulator.messages.values()],
            "errors": [asdict(error) for error in simulator.errors],
        }
    )


def _call(simulator: Simulator, call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "parent_call_sid": call.parent.sid if call.parent else None,
        "status": call.status,
        "created_ms": call.created_ms,
        "answered_ms": call.answered_ms,
        "ended_ms": call.ended_ms,
        "heard": [asdict(heard) for heard in call.heard],
        "streams": [plain_stream(one) for one in call.streams],
        "transcriptions": [plain_transcription(one) for one in call.transcriptions],
        "exchanges": [
            asdict(one) | {"headers": discreet(one.headers)} for one in simulator.history.exchanges(call.sid)
        ],
    }


def plain_conference(conference: Conference) -> dict[str, Any]:
    """As JSON has it."""
    participants = conference.participants.values()
    return {
        "sid": conference.sid,
        "name": conference.name,
        "status": conference.status,
        "participants": [{"call_sid": one.call.sid, "label": one.label} for one in participants],
    }


def plain_queue(queue: Queue) -> dict[str, Any]:
    """As JSON has it."""
    members = [{"call_sid": member.call.sid, "wait_s": member.wait_s} for member in queue.members]
    return {"sid": queue.sid, "name": queue.name, "members": members}


def plain_recording(recording: Recording) -> dict[str, Any]:
    """As JSON has it."""
    return {
        "sid": recording.sid,
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid,
        "source": recording.source,
        "status": recording.status,
        "duration_s": recording.duration_s,
        "words": recording.words,
        "url": recording.url,
    }


def plain_stream(stream: Stream) -> dict[str, Any]:
    """As JSON has it; ``sent`` and ``obeyed`` count messages to the application and from it."""
    return {
        "sid": stream.sid,
        "name": stream.wishes.name,
        "url": stream.wishes.url,
        "tracks": list(stream.wishes.tracks),
        "is_bidirectional": stream.wishes.is_bidirectional,
        "status": stream.status,
        "began_ms": stream.began_ms,
        "updated_ms": stream.updated_ms,
        "sent": stream.sent,
        "obeyed": stream.obeyed,
        "error": stream.error,
    }


def plain_transcription(transcription: Transcription) -> dict[str, Any]:
    """As JSON has it; ``said`` is what was told, by track, the final sentences only."""
    return {
        "sid": transcription.sid,
        "name": transcription.wishes.name,
        "track": transcription.wishes.track,
        "status": transcription.status,
        "updated_ms": transcription.updated_ms,
        "said": [{"track": track, "text": text} for track, text in transcription.said],
    }


def discreet(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an exchange without what would let anybody in; a signature would not."""
    return {name: "(not shown)" if name.lower() in SECRETS else text for name, text in headers.items()}
