"""``POST /api/v1/events``: other systems tell what happened, one event or up to a thousand at once.

The body is CloudEvents JSON, an event or a list of them. The answer comes after the commit and is about each event: one
that cannot be read is named with its place and its mistake, and the others are stored all the same; an event that was
told before counts as a duplicate, so that whoever got no answer simply posts again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import structlog
from aiohttp import web

from ivr.timeline.events import Event, EventError, read_event
from ivr.timeline.timeline import TimelineUnavailableError
from ivr.timeline.tokens import who_shows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.clock import Clock
    from ivr.timeline.timeline import Timeline
    from ivr.timeline.tokens import ApiToken

log = structlog.get_logger()

MOST_EVENTS = 1_000
MOST_BYTES = 4 * 1024 * 1024
RETRY_S = 2


class EventsApi:
    """The address's handler."""

    def __init__(self, timeline: Timeline, tokens: Sequence[ApiToken], clock: Clock) -> None:
        self._timeline = timeline
        self._tokens = tokens
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Where it stands."""
        return [web.post("/api/v1/events", self.post)]

    async def post(self, request: web.Request) -> web.Response:
        """200 when everything is stored, 422 when some or all cannot be, 503 when nothing can be now."""
        token = who_shows(request.headers.get("Authorization", ""), self._tokens)
        if token is None:
            return _refused(401, "a bearer token of IVR_API_TOKENS is needed", {"WWW-Authenticate": "Bearer"})
        body = await _body(request)
        if body is None:
            return _refused(413, f"at most {MOST_BYTES} bytes at once; post fewer events, and links for what is long")
        try:
            posted = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            return _refused(400, f"the body is not JSON: {error}")
        several = posted if isinstance(posted, list) else [posted]
        if not 1 <= len(several) <= MOST_EVENTS:
            return _refused(400, f"from 1 to {MOST_EVENTS} events at once, and here are {len(several)}")
        try:
            return await self._store(several, token)
        except TimelineUnavailableError as error:
            log.warning("events_not_stored", of=token.name, events=len(several), error=str(error))
            return _refused(503, "nothing was stored; post the same again soon", {"Retry-After": str(RETRY_S)})

    async def _store(self, posted: Sequence[Any], token: ApiToken) -> web.Response:
        events, errors = self._read(posted, token)
        named = {event.customer for event in events.values() if event.customer}
        strangers = await self._timeline.strangers(named) if named else set()
        for place in [place for place, event in events.items() if event.customer in strangers]:
            errors[place] = f'there is no customer "{events.pop(place).customer}"; or name one by subject, kind:value'
        new = await self._timeline.store(list(events.values())) if events else 0
        told = [{"index": place, "id": _id_of(posted[place]), "error": errors[place]} for place in sorted(errors)]
        answer = {"stored": new, "duplicates": len(events) - new, "errors": told}
        return web.Response(body=orjson.dumps(answer), status=422 if told else 200, content_type="application/json")

    def _read(self, posted: Sequence[Any], token: ApiToken) -> tuple[dict[int, Event], dict[int, str]]:
        """By place in what was posted: the events, and what is wrong with the others."""
        events: dict[int, Event] = {}
        errors: dict[int, str] = {}
        now_ms = self._clock.now_ms()
        for place, one in enumerate(posted):
            try:
                event = read_event(one, now_ms)
            except EventError as error:
                errors[place] = str(error)
            else:
                if token.allows(event.source):
                    events[place] = event
                else:
                    errors[place] = f"source: token {token.name} speaks for {token.scope}, not for {event.source}"
        return events, errors


def _id_of(posted: Any) -> str | None:
    found = posted.get("id") if isinstance(posted, dict) else None
    return found[:200] if isinstance(found, str) else None


async def _body(request: web.Request) -> bytes | None:
    """The body; None when it is too long, without having read all of it."""
    found = bytearray()
    async for some in request.content.iter_any():
        found += some
        if len(found) > MOST_BYTES:
            return None
    return bytes(found)


def _refused(status: int, error: str, headers: dict[str, str] | None = None) -> web.Response:
    body = orjson.dumps({"error": error})
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")
