"""A bare handler that answers every webhook with one document, without reading it: what the simulator calls."""

from __future__ import annotations

import sys

from aiohttp import web

DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<Response><Gather input="dtmf speech" numDigits="1" timeout="5" action="/next"><Say voice="Polly.Joanna-Neural"
language="en-US">For billing, press 1 or say billing. For technical help, press 2. To talk to someone, press
0.</Say></Gather><Redirect>/next</Redirect></Response>"""
BACKLOG = 4096
"""Two thousand callers arrive in one moment."""

SHORT = b"<Response><Say>Goodbye.</Say></Response>"


async def ask(_request: web.Request) -> web.Response:
    return web.Response(body=DOCUMENT, content_type="text/xml")


async def part(_request: web.Request) -> web.Response:
    return web.Response(body=SHORT, content_type="text/xml")


async def note(_request: web.Request) -> web.Response:
    return web.Response(status=204)


def main(port: int) -> None:
    app = web.Application()
    for path, handler in {"/voice": ask, "/next": ask, "/short": part, "/status": note}.items():
        app.router.add_post(path, handler)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, backlog=BACKLOG)


if __name__ == "__main__":
    main(int(sys.argv[1]))
