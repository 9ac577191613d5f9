"""The twilio library's HTTP client with our address in the place of Twilio's, and honest retries.

A file of its own because the library takes longer to import than a server to start: ``ivr/twilio/rest.py`` loads it
with the first request.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import stamina
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from ivr.settings import TWILIO_API_URL
from ivr.twilio.rest_errors import RestNotDoneError, RestUnclearError

if TYPE_CHECKING:
    from twilio.http.response import Response

__all__ = ["Client", "RetryingHttpClient", "TwilioRestException"]

# A person waits for most of what we ask: four tries within five seconds, then say so.
REQUEST_TIMEOUT_S = 5.0
ATTEMPTS = 4
RETRY_WITHIN_S = 5.0
TOO_MANY_REQUESTS = 429


class _TryAgainError(Exception):
    """An answer that says "not now"; ``status`` is the HTTP status, None for a broken connection."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"status {status}" if status else "the connection broke or timed out")
        self.status = status


def is_create(method: str, url: str) -> bool:
    """Whether the request makes something new: a POST to ``…/Calls.json``, a collection, not ``…/Calls/CA1.json``."""
    below_account = urlsplit(url).path.split("/Accounts/", 1)[-1].split("/")[1:]
    return method.upper() == "POST" and len(below_account) % 2 == 1


def is_move(data: object) -> bool:
    """Whether an update sends a call elsewhere: made twice, it would take the call out of where it is by then."""
    return isinstance(data, dict) and "Url" in data


class RetryingHttpClient(AsyncTwilioHttpClient):  # type: ignore[misc] # the library ships no types
    """The library's own client with our address in the place of Twilio's, and the retries of this module."""

    def __init__(self, api_url: str) -> None:
        super().__init__(pool_connections=False)
        self._api_url = api_url
        self.session = aiohttp.ClientSession()

    async def request(
        self, method: str, url: str, *args: Any, auth: tuple[str, str] | None = None, **kwargs: Any
    ) -> Response:
        """Send one request, again where that is safe; raises RestNotDoneError or RestUnclearError."""
        if auth is not None:
            # The library's own way, aiohttp's BasicAuth, is deprecated and warns at every request.
            kwargs["headers"] = (kwargs.get("headers") or {}) | {"Authorization": aiohttp.encode_basic_auth(*auth)}
        once = is_create(method, url) or is_move(kwargs.get("data"))
        target = self._api_url + url.removeprefix(TWILIO_API_URL)
        try:
            async for attempt in stamina.retry_context(
                on=_TryAgainError, attempts=ATTEMPTS, timeout=RETRY_WITHIN_S, wait_initial=0.1, wait_max=2.0
            ):
                with attempt:
                    return await self._once(method, target, args, kwargs, once=once)
        except _TryAgainError as error:
            raise RestNotDoneError(f"{method} {urlsplit(url).path}: {error}") from error
        raise AssertionError("stamina either returns or raises")  # pragma: no cover

    async def _once(
        self, method: str, url: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, once: bool
    ) -> Response:
        try:
            # Not the session's own limit: the library overrides it with none at all.
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                response: Response = await super().request(method, url, *args, **kwargs)
        except aiohttp.ClientConnectorError as error:
            raise _TryAgainError(None) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            if once:
                raise RestUnclearError(f"{method} {urlsplit(url).path}: {type(error).__name__}") from error
            raise _TryAgainError(None) from error
        if response.status_code == TOO_MANY_REQUESTS:
            raise _TryAgainError(response.status_code)
        if response.status_code >= 500:
            if once:
                raise RestUnclearError(f"{method} {urlsplit(url).path}: status {response.status_code}")
            raise _TryAgainError(response.status_code)
        return response
