"""``GET /simulator/calls.json``: everything the simulator remembers, for people and tools; it needs no credentials."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ivr.simulator.keys import SIMULATOR

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.conference import Conference
    from ivr.simulator.network import Simulator
    from ivr.simulator.queues import Queue
    from ivr.simulator.recordings import Recording


async def show_calls(request: web.Request) -> web.Response:
    simulator = request.app[SIMULATOR]
    return web.json_response(
        {
            "simulator": "twilio",
            "account_sid": simulator.account_sid,
            "numbers": sorted(simulator.numbers),
            "calls": [_call(simulator, call) for call in simulator.calls.values()],
            "conferences": [_conference(one) for one in simulator.rooms.conferences.values()],
            "queues": [_queue(one) for one in simulator.queues.queues.values()],
            "recordings": [_recording(one) for one in simulator.recordings.values()],
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
        "exchanges": [asdict(one) for one in simulator.exchanges if one.call_sid == call.sid],
    }


def _conference(conference: Conference) -> dict[str, Any]:
    participants = conference.participants.values()
    return {
        "sid": conference.sid,
        "name": conference.name,
        "status": conference.status,
        "participants": [{"call_sid": one.call.sid, "label": one.label} for one in participants],
    }


def _queue(queue: Queue) -> dict[str, Any]:
    members = [{"call_sid": member.call.sid, "wait_s": member.wait_s} for member in queue.members]
    return {"sid": queue.sid, "name": queue.name, "members": members}


def _recording(recording: Recording) -> dict[str, Any]:
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
