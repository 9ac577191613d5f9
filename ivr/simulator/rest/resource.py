"""What the resources of the REST API share: their routes, their answers, their pages.

A resource's file says what its operations do; here is how they are reached and answered. A list is one page of rows, a
creation is mostly 201, a fetch and an update 200, a deletion 204 and empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from ivr.simulator.rest.conventions import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    Row = dict[str, Any]

PAGE_SIZE = 50
LARGEST_PAGE = 1000
TOKEN = "PA"  # noqa: S105 - where a page begins, no secret
NAMES = ("sid", "call_sid")
"""What a row is known by, the first that it has."""


def routes(
    folder: str,
    key: str = "",
    *,
    plural: str = "",
    rows: Callable[[web.Request], Iterable[Row]] | None = None,
    create: Callable[[web.Request], Awaitable[Row]] | None = None,
    fetch: Callable[[web.Request], Row] | None = None,
    update: Callable[[web.Request], Awaitable[Row]] | None = None,
    delete: Callable[[web.Request], None] | None = None,
    created: int = 201,
) -> list[web.RouteDef]:
    """The routes of a resource at ``folder``, whose single things are named by ``key``; None is not offered.

    ``created`` is the status of a creation, which is another for some of the vendor's resources.
    """
    whole, single = f"{folder}.json", f"{folder}/{{{key}}}.json"
    return [
        *([web.get(whole, _listing(plural, rows))] if rows else ()),
        *([web.post(whole, _writing(create, created))] if create else ()),
        *([web.get(single, _fetching(fetch))] if fetch else ()),
        *([web.post(single, _writing(update, 200))] if update else ()),
        *([web.delete(single, _deleting(delete))] if delete else ()),
    ]


def _listing(plural: str, rows: Callable[[web.Request], Iterable[Row]]) -> Callable[..., Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(_page(request, plural, list(rows(request))))

    return handle


def _fetching(fetch: Callable[[web.Request], Row]) -> Callable[..., Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(fetch(request))

    return handle


def _writing(write: Callable[[web.Request], Awaitable[Row]], status: int) -> Callable[..., Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(await write(request), status=status)

    return handle


def _deleting(delete: Callable[[web.Request], None]) -> Callable[..., Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        delete(request)
        return web.Response(status=204)

    return handle


def _page(request: web.Request, plural: str, rows: Sequence[Row]) -> Row:
    """One page of ``rows``, with the addresses of the others.

    The next one begins behind the last row of this one, whatever has come or gone meanwhile.
    """
    query = dict(request.query)
    size, number = _number(query, "PageSize", PAGE_SIZE), _number(query, "Page", 0)
    if not 1 <= size <= LARGEST_PAGE:
        raise Refused(400, 20001, f"PageSize must be from 1 to {LARGEST_PAGE}")
    begin = _begin(rows, query.pop("PageToken", ""), number * size)
    shown = rows[begin : begin + size]

    def uri(page: int, token: str = "") -> str:
        at = {"PageSize": str(size), "Page": str(page)} | ({"PageToken": token} if token else {})
        return f"{request.path}?{urlencode(query | at)}"

    has_more = begin + size < len(rows)
    return {
        plural: list(shown),
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": max(number * size + len(shown) - 1, 0),
        "uri": uri(number),
        "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1, f"{TOKEN}{_name(shown[-1])}") if has_more else None,
        "previous_page_uri": uri(number - 1) if number else None,
    }


def _begin(rows: Sequence[Row], token: str, otherwise: int) -> int:
    """Behind the row the token names, if it is still there."""
    name = token.removeprefix(TOKEN)
    return next((i + 1 for i, row in enumerate(rows) if name and _name(row) == name), otherwise)


def _name(row: Row) -> str:
    return next(str(row[name]) for name in NAMES if name in row)


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise Refused(400, 20001, f"{name} must be a number, not {text!r}")
    return int(text)
