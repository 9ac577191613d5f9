"""How a request reaches the application: signed, within 15 s in all, retried as its URL's fragment asks.

One delivery has one idempotency token, repeated by its attempts. A slow or failing answer is retried only where the
retry policy says so; an answer that broke off is never retried.
Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides; twilio.com/docs/usage/webhooks/voice-webhooks.
"""

from __future__ import annotations

import asyncio
import base64
import time
import uuid
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from ivr.simulator.addresses import is_requestable, resolve
from ivr.simulator.cookies import Cookies
from ivr.simulator.form import encode
from ivr.simulator.mischief import DOCUMENT
from ivr.simulator.overrides import Overrides, read_overrides
from ivr.simulator.problems import DeliveryFailed
from ivr.simulator.records import Exchange
from ivr.simulator.signature import sign

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ivr.simulator.clock import Time
    from ivr.simulator.faults import Faults

BODY_LIMIT = 64 * 1024
MOST_REDIRECTS = 10
ACCEPT = {"twiml": "text/xml, application/xml, text/html", "callback": "*/*", "media": "audio/*, */*"}
MEDIA_LIMIT = 40 * 1024 * 1024
"""Audio is not held to the limit of documents; 40 minutes of 8 kHz linear audio are about this long."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to make: ``kind`` is ``twiml``, ``callback`` or ``media``; ``url`` may carry a fragment.

    ``befallen`` says which ordered misfortunes it has met already.
    """

    kind: str
    url: str
    method: str = "POST"
    parameters: tuple[tuple[str, str], ...] = ()
    call_sid: str = ""
    befallen: tuple[str, ...] = ()

    def befell(self, what: str) -> Request:
        return replace(self, befallen=(*self.befallen, what))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application answered; ``url`` is the address that answered, after redirects and without parameters."""

    url: str
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery: its number from 1, the token it shares with the others, the limits it must keep."""

    number: int
    token: str
    overrides: Overrides
    deadline_s: float


@dataclass(slots=True)
class Courier:
    """Makes requests for the network; owns the connections."""

    auth_token: str
    time: Time
    faults: Faults
    record: Callable[[Exchange], None]
    _session: aiohttp.ClientSession = field(init=False)

    async def open(self) -> None:
        """Must be called before ``deliver``."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0), auto_decompress=True
        )

    async def close(self) -> None:
        await self._session.close()

    async def deliver(self, request: Request, cookies: Cookies | None = None) -> Answer:
        """The application's answer with a status below 400.

        Raises DeliveryFailed with the vendor's code when, after all retries, there is none.
        """
        bare, overrides = read_overrides(request.url)
        jar = cookies if cookies is not None else Cookies()
        if request.kind == "twiml":
            self.faults.draw(bare, DOCUMENT)
        try:
            return await self._befallen(request, bare, overrides, jar)
        finally:
            self.faults.settle(bare)

    async def _befallen(self, request: Request, bare: str, overrides: Overrides, jar: Cookies) -> Answer:
        token = str(uuid.uuid4())
        if delay := self.faults.find(bare, "delayed"):
            await self.time.sleep(delay.seconds)
            request = request.befell(f"delayed {delay.seconds:g} s")
        with self.time.working():
            repeated = self.faults.take(bare, "repeated", "repeated at once")
            persist = partial(self._persist, request, token, overrides, jar)
            return await (_twice(persist, at_once=repeated == "repeated at once") if repeated else persist())

    async def _persist(self, request: Request, token: str, overrides: Overrides, jar: Cookies) -> Answer:
        """Attempts until one succeeds or neither retries nor time are left."""
        deadline_s = time.monotonic() + overrides.total_ms / 1000
        number = 0
        while True:
            number += 1
            try:
                return await self._attempt(request, Attempt(number, token, overrides, deadline_s), jar)
            except DeliveryFailed as failure:
                left = number <= overrides.retries and time.monotonic() < deadline_s
                if not (left and overrides.retries_after(failure.kind)):
                    raise

    async def _attempt(self, request: Request, attempt: Attempt, jar: Cookies) -> Answer:
        """One attempt, with the redirects it meets."""
        url, method, parameters = read_overrides(request.url)[0], request.method, request.parameters
        if not is_requestable(url):
            raise DeliveryFailed(11100, url, "this is no URL that can be requested")
        for _ in range(MOST_REDIRECTS + 1):
            hop = Request(request.kind, url, method, parameters, request.call_sid, request.befallen)
            answer, location = await self._exchange(hop, attempt, jar)
            if location is None:
                return answer
            target = resolve(url, location)
            if not target:
                raise DeliveryFailed(11216, url, f"redirects to {location!r}, which cannot be requested")
            url = target
            if answer.status in {301, 302, 303}:
                method, parameters = "GET", ()
        raise DeliveryFailed(11215, request.url, f"more than {MOST_REDIRECTS} redirects")

    async def _exchange(self, hop: Request, attempt: Attempt, jar: Cookies) -> tuple[Answer, str | None]:
        """One request and its answer, recorded; the location when it is a redirect."""
        url, credentials = _apart(_with_query(hop))
        headers = self._headers(hop, url, attempt.token)
        at_ms, began_s = self.time.now_ms(), time.monotonic()
        status, body, error = 0, b"", ""
        try:
            response, body = await self._send(hop, url, headers, attempt, jar)
            if response.status == 401 and credentials:
                headers["Authorization"] = credentials
                response, body = await self._send(hop, url, headers, attempt, jar)
            status = response.status
            answer = self._judged(hop, url, response, body)
        except DeliveryFailed as failure:
            error = str(failure)
            raise
        except asyncio.CancelledError:
            error = "given up: nobody waits for the answer any more"
            raise
        finally:
            took_ms = round((time.monotonic() - began_s) * 1000)
            text = body.decode(errors="replace") if hop.kind != "media" else f"{len(body)} bytes"
            self.record(
                Exchange(
                    hop.kind, hop.call_sid, hop.method, url, hop.parameters, headers,
                    attempt.token, attempt.number, at_ms, took_ms, status, text, error,
                    hop.befallen,
                )
            )  # fmt: skip
        return answer, response.headers.get("Location") if 300 <= status < 400 else None

    async def _send(
        self, hop: Request, url: str, headers: dict[str, str], attempt: Attempt, jar: Cookies
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        """The response and its body, or DeliveryFailed for whatever kept them away."""
        target = URL(url, encoded=True)
        left_s = attempt.deadline_s - time.monotonic()
        if left_s <= 0:
            raise DeliveryFailed(11203, url, "no time left")
        limits = attempt.overrides
        read_s = limits.read_ms / 1000
        timeout = aiohttp.ClientTimeout(
            total=left_s, sock_connect=limits.connect_ms / 1000, sock_read=read_s if read_s < left_s else None
        )
        body = encode(hop.parameters).encode() if hop.method == "POST" else None
        response: aiohttp.ClientResponse | None = None
        try:
            async with self._session.request(
                hop.method,
                target,
                data=body,
                headers=headers,
                cookies=jar.due(target),
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                jar.keep(response.cookies, target)
                content = await _read(response, MEDIA_LIMIT if hop.kind == "media" else BODY_LIMIT)
        except aiohttp.ConnectionTimeoutError as error:
            raise DeliveryFailed(11201, url, "no connection in time", kind="ct") from error
        except aiohttp.ClientConnectorError as error:
            raise DeliveryFailed(11202, url, f"no connection: {error}", kind="ct") from error
        except TimeoutError as error:
            kind = "rt" if response is None else ""
            raise DeliveryFailed(11203, url, "no answer in time", kind=kind) from error
        except aiohttp.InvalidURL as error:
            raise DeliveryFailed(11100, url, "this is no URL that can be requested") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            # Undocumented whether a connection that breaks before a byte of the answer is retried; a kept-alive one
            # that the other side has closed is no news to any HTTP client, so it counts as one never made.
            kind = "ct" if response is None else ""
            raise DeliveryFailed(11206, url, f"the answer broke off: {error!r}", kind=kind) from error
        if answered := self.faults.find(url, "answered"):
            kind = "4xx" if answered.status < 500 else "5xx"
            raise DeliveryFailed(11200, url, f"answered with status {answered.status} (as ordered)", kind=kind)
        if self.faults.take(url, "cut off"):
            raise DeliveryFailed(11206, url, "the answer broke off (as ordered)")
        if self.faults.take(url, "answered late"):
            raise DeliveryFailed(11203, url, "no answer in time (as ordered)", kind="rt")
        return response, content

    def _judged(self, hop: Request, url: str, response: aiohttp.ClientResponse, body: bytes) -> Answer:
        if response.status >= 400:
            kind = "4xx" if response.status < 500 else "5xx"
            raise DeliveryFailed(11200, url, f"answered with status {response.status}", kind=kind)
        if hop.kind == "twiml" and len(body) > BODY_LIMIT:
            raise DeliveryFailed(11750, url, f"the answer is longer than {BODY_LIMIT} bytes")
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(hop.url, response.status, content_type, body)

    def _headers(self, hop: Request, url: str, token: str) -> dict[str, str]:
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": ACCEPT[hop.kind],
            "Cache-Control": "max-age=259200",
            "X-Twilio-Signature": sign(self.auth_token, url, hop.parameters if hop.method == "POST" else ()),
            "I-Twilio-Idempotency-Token": token,
        }
        if hop.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        return headers


async def _twice(persist: Callable[[], Coroutine[Any, Any, Answer]], *, at_once: bool) -> Answer:
    """The answer to the first of two deliveries; what becomes of its repetition is no matter of it."""
    answers: list[Answer | BaseException] = []
    for count in (2,) if at_once else (1, 1):
        answers += await asyncio.gather(*(persist() for _ in range(count)), return_exceptions=True)
    if isinstance(answers[0], BaseException):
        raise answers[0]
    return answers[0]


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, or one byte more than ``limit`` of it."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > limit:
            return bytes(body[: limit + 1])
    return bytes(body)


def _with_query(hop: Request) -> str:
    """The URL, with the parameters of a GET behind the query it already had."""
    if hop.method != "GET" or not hop.parameters:
        return hop.url
    return f"{hop.url}{'&' if urlsplit(hop.url).query else '?'}{encode(hop.parameters)}"


def _apart(url: str) -> tuple[str, str]:
    """The URL without its user, and the credentials for a server that asks for them; empty without a user."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, ""
    credentials = base64.b64encode(unquote(user).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), f"Basic {credentials}"
