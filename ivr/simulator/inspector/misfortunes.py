"""``POST /inspector/misfortunes.json`` orders one, ``{"order": "cut off */voice"}``; ``DELETE`` forgets all."""

from __future__ import annotations

import json

from aiohttp import web

from ivr.simulator.keys import SIMULATOR
from ivr.simulator.misfortunes import order as place


async def order(request: web.Request) -> web.Response:
    """400 with a sentence for what is no order; it changes nothing."""
    try:
        place(request.app[SIMULATOR].faults, str(dict(json.loads(await request.text()))["order"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from error
    return web.Response(status=204)


async def forget(request: web.Request) -> web.Response:
    request.app[SIMULATOR].faults.clear()
    return web.Response(status=204)
