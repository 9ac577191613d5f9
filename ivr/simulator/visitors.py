"""Who may look at the simulator and use its telephones, which ask for no password: programs, and pages of this machine.

A page is known by the Origin its browser sends; programs send none. A page that a foreign name leads to (DNS rebinding)
is known by its Host. The vendor's REST API below ``/2010-04-01`` has credentials of its own and is left alone.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from ivr.simulator.keys import SIMULATOR

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

API = "/2010-04-01"
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK = "loopback"
NOWHERE = ("", "", 0)


@web.middleware
async def only_known_visitors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """403 for a Host that is no address of this machine, and for a page nobody told the simulator of."""
    if request.path.startswith(API):
        return await handler(request)
    _, hostname, _ = place_of(f"http://{request.host}")
    if hostname != LOOPBACK and not is_address(hostname):
        text = f"The simulator is not reached by the name {request.host!r}: use 127.0.0.1 or localhost.\n"
        raise web.HTTPForbidden(text=text)
    origin = request.headers.get("Origin")
    known = {place_of(page) for page in (f"http://{request.host}", *request.app[SIMULATOR].pages)} - {NOWHERE}
    if origin is not None and place_of(origin) not in known:
        text = f"The simulator does not know the page {origin}: name it with --page when it is started.\n"
        raise web.HTTPForbidden(text=text)
    return await handler(request)


def is_address(hostname: str) -> bool:
    """Whether ``hostname`` cannot be made to lead elsewhere: an IP address or localhost."""
    if hostname == "localhost":
        return True
    try:
        ipaddress.ip_address(hostname)
    except ValueError:
        return False
    return True


def place_of(page: str) -> tuple[str, str, int]:
    """Scheme, host and port of a page's address; all names of this machine are one. Empty for what is no address."""
    try:
        parts = urlsplit(page)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return NOWHERE
    return (parts.scheme, LOOPBACK if is_loopback(host) else host, port) if host else NOWHERE


def is_loopback(hostname: str) -> bool:
    """Whether ``hostname`` is this machine as seen from itself."""
    if hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False
