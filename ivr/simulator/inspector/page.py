"""The inspector's page and its files: nothing comes from elsewhere, nothing is built."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".html": "text/html", ".js": "text/javascript"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "media-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


async def show(_request: web.Request) -> web.StreamResponse:
    return _file(STATIC / "inspector.html")


async def static(request: web.Request) -> web.StreamResponse:
    """A file by its name; 404 for what is none."""
    return _file(STATIC / Path(request.match_info["name"]).name)


def _file(found: Path) -> web.StreamResponse:
    if found.suffix not in KINDS or not found.is_file():
        raise web.HTTPNotFound(text="There is no such file.\n")
    return web.FileResponse(found, headers=HEADERS | {"Content-Type": f"{KINDS[found.suffix]}; charset=utf-8"})
