"""What every page of the console is made of: a template, filled with escaped texts, under headers that allow little.

Pages load scripts, styles and pictures from us and nothing from elsewhere; none holds a script or a style inside. A
template is HTML with ``${name}`` in it.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
STATIC = HERE / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
}
"""The content security policy; a page may allow itself more by name."""

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}


class Markup(str):
    """Text that is HTML already: it is put into a template as it is."""

    __slots__ = ()


def page(
    name: str, texts: Mapping[str, str], *, allow: Mapping[str, str] | None = None, permissions: str = ""
) -> web.Response:
    """The page ``pages/{name}.html`` with ``texts`` in it, escaped unless they are Markup.

    ``allow`` are directives of its content security policy that differ from POLICY, ``permissions`` its permissions
    policy. Raises KeyError when the template names a text that is not given.
    """
    template = Template((HERE / "pages" / f"{name}.html").read_text(encoding="utf-8"))
    filled = {key: text if isinstance(text, Markup) else escape(text) for key, text in texts.items()}
    policy = "; ".join(f"{directive} {sources}" for directive, sources in (POLICY | dict(allow or {})).items())
    headers = HEADERS | {"Content-Security-Policy": policy, "Permissions-Policy": permissions}
    return web.Response(text=template.substitute(filled), content_type="text/html", headers=headers)


async def static(request: web.Request) -> web.StreamResponse:
    """A style, script or picture by its path below ``static``; asked for anew each time, sent when it has changed."""
    found = (STATIC / request.match_info["path"]).resolve()
    if not found.is_relative_to(STATIC) or found.suffix not in KINDS or not found.is_file():
        raise web.HTTPNotFound(text="There is no such file.\n")
    return web.FileResponse(found, headers=HEADERS | {"Content-Type": f"{KINDS[found.suffix]}; charset=utf-8"})
