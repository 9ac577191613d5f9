"""Where a request handler finds the simulator it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from ivr.simulator.network import Simulator

SIMULATOR: web.AppKey[Simulator] = web.AppKey("simulator")
