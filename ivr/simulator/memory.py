"""``GET /simulator/calls.json``: everything the simulator remembers, for people and tools; it needs no credentials."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ivr.simulator.keys import SIMULATOR

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.network import Simulator


async def show_calls(request: web.Request) -> web.Response:
    simulator = request.app[SIMULATOR]
    return web.json_response(
        {
            "simulator": "twilio",
            "account_sid": simulator.account_sid,
            "numbers": sorted(simulator.numbers),
            "calls": [_call(simulator, call) for call in simulator.calls.values()],
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
        "status": call.status,
        "created_ms": call.created_ms,
        "answered_ms": call.answered_ms,
        "ended_ms": call.ended_ms,
        "heard": [asdict(heard) for heard in call.heard],
        "exchanges": [asdict(one) for one in simulator.exchanges if one.call_sid == call.sid],
    }
