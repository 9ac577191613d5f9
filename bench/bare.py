"""The floor: a bare aiohttp handler that returns constant bytes of the same size, without reading the body."""

from __future__ import annotations

import sys

from aiohttp import web


def main(port: int, size: int) -> None:
    document = b"x" * size

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=document, content_type="text/xml")

    app = web.Application()
    app.router.add_post("/twilio/voice", handler)
    app.router.add_post(r"/twilio/calls/{call_sid}/turns/{turn:\d{1,6}}", handler)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
