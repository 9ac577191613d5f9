"""Calls as the inspector shows them: rows by page or by what has changed, and one call with all that belongs to it.

``GET /inspector/calls.json``: ``?since=VERSION`` the calls that changed after it, the latest change first; else a page
of ``limit``, newest first, older than the call ``before``. ``q`` is a part of a number or sid; ``status`` of STATUSES.
"""

from __future__ import annotations

from collections import Counter
from itertools import dropwhile, islice
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ivr.simulator.inspector.exchanges import as_rows
from ivr.simulator.keys import SIMULATOR
from ivr.simulator.memory import plain_recording, plain_stream, plain_transcription

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.heard import Heard
    from ivr.simulator.network import Simulator

PAGE = 50
LARGEST_PAGE = 500
MOST_SHOWN = 500
"""Of one call's exchanges, and of what was heard in it: the latest."""


def _is_completed(call: Call) -> bool:
    return str(call.status) == "completed"


STATUSES: Mapping[str, Callable[[Call], bool]] = {
    "": lambda _: True,
    "live": lambda call: not call.is_over,
    "completed": _is_completed,
    "unanswered": lambda call: call.is_over and not _is_completed(call),
}


async def list_calls(request: web.Request) -> web.Response:
    """400 for a query that is none; a version from before a restart shows the newest page."""
    simulator = request.app[SIMULATOR]
    try:
        since, limit = int(request.query.get("since", -1)), int(request.query.get("limit", PAGE))
        is_wanted = STATUSES[request.query.get("status", "")]
    except (ValueError, KeyError) as error:
        raise web.HTTPBadRequest(text=f"cannot use {request.query_string!r}: {error}\n") from error
    text = request.query.get("q", "")
    limit = min(max(limit, 1), LARGEST_PAGE)
    if 0 <= since <= simulator.history.version:
        found, is_page = _changed(simulator, since), False
    else:
        found, is_page = _older(simulator, request.query.get("before", "")), True
    shown = list(islice((call for call in found if is_wanted(call) and _names(call, text)), limit + is_page))
    problems = Counter(error.call_sid for error in simulator.errors) if shown else Counter()
    return web.json_response(
        {
            "version": simulator.history.version,
            "now_ms": simulator.time.now_ms(),
            "calls": [_row(simulator, call, problems[call.sid]) for call in shown[:limit]],
            "is_page": is_page,
            "has_more": is_page and len(shown) > limit,
            "kept": len(simulator.calls),
        }
    )


async def show_call(request: web.Request) -> web.Response:
    """404 for a call that never was, or is forgotten."""
    simulator = request.app[SIMULATOR]
    call = simulator.calls.get(request.match_info["call"])
    if call is None:
        raise web.HTTPNotFound(text="The simulator does not know this call, or no longer.\n")
    errors = [error for error in simulator.errors if error.call_sid == call.sid]
    exchanges, heard = simulator.history.exchanges(call.sid), call.heard
    legs = [one for one in simulator.calls.values() if one.parent is call]
    return web.json_response(
        _row(simulator, call, len(errors))
        | {
            "now_ms": simulator.time.now_ms(),
            "speed": getattr(simulator.time, "factor", 1.0),
            "left_off": max(len(exchanges), len(heard)) > MOST_SHOWN,
            "heard": [_heard(one) for one in heard[-MOST_SHOWN:]],
            "exchange_list": as_rows(exchanges[-MOST_SHOWN:]),
            "legs": [_row(simulator, leg, 0) for leg in legs[-MOST_SHOWN:]],
            "recordings": [plain_recording(one) for one in call.recordings],
            "streams": [plain_stream(one) for one in call.streams],
            "transcriptions": [plain_transcription(one) for one in call.transcriptions],
            "errors": [{"code": one.code, "url": one.url, "message": one.message} for one in errors],
        }
    )


def _changed(simulator: Simulator, version: int) -> Iterator[Call]:
    """Those that changed after ``version``, the latest change first."""
    return (simulator.calls[sid] for sid in simulator.history.since(version) if sid in simulator.calls)


def _older(simulator: Simulator, before: str) -> Iterator[Call]:
    """Newest first; from the one after ``before`` if that is a call."""
    calls: Iterator[Call] = iter(reversed(simulator.calls.values()))
    if before in simulator.calls:
        calls = dropwhile(lambda call: call.sid != before, calls)
        next(calls)
    return calls


def _names(call: Call, text: str) -> bool:
    return not text or any(text in name for name in (call.from_, call.to, call.sid))


def _row(simulator: Simulator, call: Call, problems: int) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "parent_call_sid": call.parent.sid if call.parent else "",
        "status": call.status,
        "is_over": call.is_over,
        "created_ms": call.created_ms,
        "answered_ms": call.answered_ms,
        "ended_ms": call.ended_ms,
        "exchanges": len(simulator.history.exchanges(call.sid)),
        "problems": problems,
    }


def _heard(heard: Heard) -> dict[str, Any]:
    return {name: getattr(heard, name) for name in ("kind", "text", "language", "seconds", "question", "at_ms")}
