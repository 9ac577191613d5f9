"""``GET /inspector/network.json``: what is not a call; the latest of what grows."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from ivr.simulator.keys import SIMULATOR
from ivr.simulator.memory import plain_conference, plain_queue, plain_recording
from ivr.simulator.misfortunes import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_SHOWN = 100

T = TypeVar("T")


async def show_network(request: web.Request) -> web.Response:
    simulator = request.app[SIMULATOR]
    return web.json_response(
        {
            "account_sid": simulator.account_sid,
            "numbers": sorted(simulator.numbers),
            "now_ms": simulator.time.now_ms(),
            "speed": getattr(simulator.time, "factor", 1.0),
            "conferences": [plain_conference(one) for one in latest(simulator.rooms.conferences)],
            "queues": [plain_queue(one) for one in latest(simulator.queues.queues)],
            "recordings": [plain_recording(one) for one in latest(simulator.recordings)],
            "messages": [asdict(one) for one in latest(simulator.messages)],
            "errors": [asdict(one) for one in simulator.errors[: -MOST_SHOWN - 1 : -1]],
            "misfortunes": [asdict(one) for one in simulator.faults.open],
            "standing": [{"pattern": one.pattern, "chance": one.chance} for one in simulator.faults.standing],
            "kinds": [{"name": name, "takes": kind.takes, "usual": kind.usual} for name, kind in KINDS.items()],
        }
    )


def latest(kept: Mapping[str, T]) -> list[T]:
    """The last ones, newest first."""
    return list(islice(reversed(list(kept.values())), MOST_SHOWN))
