"""What all of the REST API shares: credentials, errors and parameters.

An error is ``{"code", "message", "more_info", "status"}``; a parameter that an operation does not know is refused by
name, where the vendor would ignore it: a misspelled parameter is a mistake that only shows in production.
"""

from __future__ import annotations

import base64
import hmac
import re
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web

from ivr.simulator.addresses import is_requestable
from ivr.simulator.keys import SIMULATOR
from ivr.simulator.mischief import REST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

BASE = "/2010-04-01/Accounts/{account_sid}"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
METHODS = ("GET", "POST")
AUDIO = re.compile(r"/Recordings/RE[0-9a-f]{32}(\.wav|\.mp3)?$")
"""Recorded audio is guarded by nothing but its address."""


class Refused(Exception):  # noqa: N818 - what the API does with the request
    """A request the API refuses: HTTP status, the vendor's code, a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@web.middleware
async def speak_like_the_vendor(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Check credentials below ``/2010-04-01``, put every refusal into the vendor's envelope, add its headers."""
    if not request.path.startswith("/2010-04-01"):
        return await handler(request)
    began_s, simulator = time.monotonic(), request.app[SIMULATOR]
    simulator.requests += 1
    try:
        answer = await _answered(request, handler)
        answer.headers["Twilio-Concurrent-Requests"] = str(simulator.requests)
    finally:
        simulator.requests -= 1
    answer.headers["Twilio-Request-Id"] = f"RQ{uuid.uuid4().hex}"
    answer.headers["Twilio-Request-Duration"] = f"{time.monotonic() - began_s:.3f}"
    return answer


async def _answered(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        if not AUDIO.search(request.path):
            _authenticate(request)
        return await _befallen(request, handler)
    except Refused as refused:
        return _error(refused.status, refused.code, str(refused))
    except web.HTTPNotFound:
        return _error(404, 20404, f"The requested resource {request.path} was not found")
    except web.HTTPMethodNotAllowed:
        return _error(405, 20004, f"Method {request.method} is not allowed here")


async def _befallen(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The handler's answer, with whatever misfortune was ordered for it."""
    simulator = request.app[SIMULATOR]
    name = f"{request.method} {request.path}"
    simulator.faults.draw(name, REST)
    if refused := simulator.faults.find(name, "refused"):
        raise _overloaded(refused.status)
    slow, refused = simulator.faults.find(name, "slow"), simulator.faults.find(name, "refused when done")
    answer = await handler(request)
    if slow:
        await simulator.time.sleep(slow.seconds)
    if refused:
        raise _overloaded(refused.status)
    return answer


def _overloaded(status: int) -> Refused:
    return Refused(status, 20429, "Too Many Requests") if status == 429 else Refused(status, 20500, "Internal error")


def _error(status: int, code: int, message: str) -> web.Response:
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response(
        {"code": code, "message": message, "more_info": more_info, "status": status}, status=status
    )


def _authenticate(request: web.Request) -> None:
    simulator = request.app[SIMULATOR]
    user = f"{simulator.account_sid}:{simulator.auth_token}".encode()
    expected = b"Basic " + base64.b64encode(user)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
        raise Refused(401, 20003, "Authenticate")
    if request.match_info.get("account_sid", simulator.account_sid) != simulator.account_sid:
        raise not_found(request)


def not_found(request: web.Request) -> Refused:
    return Refused(404, 20404, f"The requested resource {request.path} was not found")


async def read_form(
    request: web.Request, allowed: Collection[str], *, repeated: Collection[str] = ()
) -> dict[str, str]:
    """The form's parameters; refuses unknown ones by name, and repeated ones but for ``repeated``, joined by spaces."""
    form = await request.post()
    given = [(name, value) for name, value in form.items() if isinstance(value, str)]
    once = [(name, value) for name, value in given if name not in repeated]
    joined = {name: " ".join(value for other, value in given if other == name) for name, _ in given if name in repeated}
    return _known([*once, *joined.items()], allowed)


def read_query(request: web.Request, allowed: Collection[str]) -> dict[str, str]:
    return _known(list(request.query.items()), {*allowed, "PageSize", "Page", "PageToken"})


def _known(given: Sequence[tuple[str, str]], allowed: Collection[str]) -> dict[str, str]:
    for name, _ in given:
        if name not in allowed:
            raise Refused(400, 20001, f"Parameter {name!r} is not known here; known are {', '.join(sorted(allowed))}")
    if len(dict(given)) < len(given):
        raise Refused(400, 20001, "A parameter is given twice")
    return dict(given)


def check_method(form: dict[str, str], name: str) -> str:
    method = form.get(name, "POST").upper()
    if method not in METHODS:
        raise Refused(400, 20001, f"{name} must be GET or POST, not {method!r}")
    return method


def check_choice(form: dict[str, str], name: str, default: str, allowed: Collection[str]) -> str:
    value = form.get(name, default)
    if value not in allowed:
        raise Refused(400, 20001, f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def check_flag(form: dict[str, str], name: str, default: bool = False) -> bool:
    """Anything but true counts as false."""
    return form.get(name, str(default)).lower() == "true"


def check_number(form: dict[str, str], name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    text = form.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise Refused(400, 20001, f"{name} must be a number from {least} to {most}, not {text!r}")
    return int(text)


def check_url(form: dict[str, str], name: str, *, code: int = 21205) -> str:
    """The absolute URL given as ``name``, empty if it is empty or not given."""
    url = form.get(name, "")
    if url and not is_requestable(url):
        raise Refused(400, code, f"{name} is not a valid URL: {url!r}")
    return url


def within_dates(query: dict[str, str], name: str, at_ms: int | None) -> bool:
    """Whether ``at_ms`` is on the day ``name``, from ``name>`` on, and up to ``name<``; None is at no time at all.

    ``StartTime>=…`` arrives as the parameter ``StartTime>``.
    """
    on, since, until = (query.get(f"{name}{sign}", "") for sign in ("", ">", "<"))
    if at_ms is None:
        return not (on or since or until)
    if on and datetime.fromtimestamp(at_ms / 1000, UTC).date() != _moment(on).date():
        return False
    at_s = at_ms // 1000
    return (not since or at_s >= _moment(since).timestamp()) and (not until or at_s <= _moment(until).timestamp())


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, 20001, f"{text!r} is not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
