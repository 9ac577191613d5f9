"""The outgoing REST client: the twilio library over asyncio, with an address from the settings and honest retries.

Twilio has no idempotency key, so what may be sent again depends on what is asked: a refused connection or a 429 did
nothing and is always tried again; a 5xx or a time-out is tried again only for reads, updates and deletes. A create that
got no clear answer raises ``RestUnclear``, and who asked must find out before asking again.

Sources: twilio.com/docs/usage/api ("429 Too Many Requests": safe to retry with backoff); the error codes in
twilio.com/docs/api/errors.
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

if TYPE_CHECKING:
    from datetime import datetime

    from twilio.http.response import Response

    from ivr.settings import Settings

# A person waits for most of what we ask: four tries within five seconds, then say so.
REQUEST_TIMEOUT_S = 5.0
ATTEMPTS = 4
RETRY_WITHIN_S = 5.0
TOO_MANY_REQUESTS = 429


class RestError(Exception):
    """Twilio's REST API did not do what it was asked."""


class RestRefusedError(RestError):
    """It understood and said no; ``code`` is Twilio's error code (None when it gave none)."""

    def __init__(self, status: int, code: int | None, message: str) -> None:
        super().__init__(f"{status}, code {code}: {message}")
        self.status = status
        self.code = code


class RestNotDoneError(RestError):
    """It could not be reached, or asked us to slow down until we gave up; nothing was done."""


class RestUnclearError(RestError):
    """It was asked to create something and gave no clear answer: the thing may or may not exist."""


class _TryAgainError(Exception):
    """An answer that says "not now"; ``status`` is the HTTP status, None for a broken connection."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"status {status}" if status else "the connection broke or timed out")
        self.status = status


def is_create(method: str, url: str) -> bool:
    """Whether the request makes something new: a POST to ``…/Calls.json``, a collection, not ``…/Calls/CA1.json``."""
    below_account = urlsplit(url).path.split("/Accounts/", 1)[-1].split("/")[1:]
    return method.upper() == "POST" and len(below_account) % 2 == 1


class RetryingHttpClient(AsyncTwilioHttpClient):  # type: ignore[misc] # the library ships no types
    """The library's own client with our address in the place of Twilio's, and the retries of this module."""

    def __init__(self, api_url: str) -> None:
        super().__init__(pool_connections=False)
        self._api_url = api_url
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S))

    async def request(
        self, method: str, url: str, *args: Any, auth: tuple[str, str] | None = None, **kwargs: Any
    ) -> Response:
        """Send one request, again where that is safe; raises RestNotDoneError or RestUnclearError."""
        if auth is not None:
            # The library's own way, aiohttp's BasicAuth, is deprecated and warns at every request.
            kwargs["headers"] = (kwargs.get("headers") or {}) | {"Authorization": aiohttp.encode_basic_auth(*auth)}
        create = is_create(method, url)
        target = self._api_url + url.removeprefix(TWILIO_API_URL)
        try:
            async for attempt in stamina.retry_context(
                on=_TryAgainError, attempts=ATTEMPTS, timeout=RETRY_WITHIN_S, wait_initial=0.1, wait_max=2.0
            ):
                with attempt:
                    return await self._once(method, target, args, kwargs, create=create)
        except _TryAgainError as error:
            raise RestNotDoneError(f"{method} {urlsplit(url).path}: {error}") from error
        raise AssertionError("stamina either returns or raises")  # pragma: no cover

    async def _once(
        self, method: str, url: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, create: bool
    ) -> Response:
        try:
            response: Response = await super().request(method, url, *args, **kwargs)
        except aiohttp.ClientConnectorError as error:
            raise _TryAgainError(None) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            if create:
                raise RestUnclearError(f"{method} {urlsplit(url).path}: {type(error).__name__}") from error
            raise _TryAgainError(None) from error
        if response.status_code == TOO_MANY_REQUESTS:
            raise _TryAgainError(response.status_code)
        if response.status_code >= 500:
            if create:
                raise RestUnclearError(f"{method} {urlsplit(url).path}: status {response.status_code}")
            raise _TryAgainError(response.status_code)
        return response


class TwilioRest:
    """What we ask of the provider's REST API, in our words; every method raises only RestError."""

    def __init__(self, settings: Settings) -> None:
        self._http = RetryingHttpClient(settings.twilio_api_url)
        user, password = settings.twilio_account_sid, (settings.twilio_auth_token or ("",))[0]
        if settings.twilio_api_key:
            user, password = settings.twilio_api_key, settings.twilio_api_secret
        self._client = Client(user, password, settings.twilio_account_sid, http_client=self._http)

    async def send_message(self, *, to: str, sender: str, body: str, status_callback: str) -> str:
        """Send a text message; returns its sid."""
        message = await _asked(
            self._client.messages.create_async(to=to, from_=sender, body=body, status_callback=status_callback)
        )
        return str(message.sid)

    async def find_message(self, *, to: str, sender: str, body: str, sent_after: datetime) -> str | None:
        """The sid of a message like this one, sent at ``sent_after`` or later; None when there is none."""
        found = await _asked(
            self._client.messages.list_async(to=to, from_=sender, date_sent_after=sent_after, limit=50)
        )
        return next((str(message.sid) for message in found if message.body == body), None)

    async def account_name(self) -> str:
        """The account's own name for itself: the cheapest proof that credentials work."""
        account = await _asked(self._client.api.accounts(self._client.account_sid).fetch_async())
        return str(account.friendly_name)

    async def close(self) -> None:
        """Close the connections; the object is of no use afterwards."""
        await self._http.close()
        await asyncio.sleep(0)


async def _asked(request: Any) -> Any:
    try:
        return await request
    except TwilioRestException as error:
        raise RestRefusedError(error.status, error.code, error.msg) from error
