"""Ask other systems over HTTP on behalf of a flow, and nothing that a flow should not reach.

A flow's URL may hold what a caller said, so it is treated as a stranger's: only http and https, no redirects, and no
address of a private network, looked at after the name was resolved and connected to as it was looked at, for otherwise
a name could point inside.

Hidden values are opened here, when the request leaves, and stay here: no line of the log and no error holds a header, a
body or an answer, and what a system echoes of them is blotted out of its answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from flows.bodies import pruned
from flows.events import Answered, EffectFailed
from flows.hidden import opened
from flows.plain import plain
from ivr.sealing import CannotOpenError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from flows.events import Event
    from flows.hidden import Hidden, Reveal
    from flows.instructions import Fetch

log = structlog.get_logger()

# Addresses of IPv6 that lead to one of IPv4, in their last 32 bits (RFC 4291 2.5.5.1, RFC 6052).
LEADING_TO_IPV4 = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))
# RapidPro's cap for the same thing (goflow, flows/engine/engine.go).
MOST_BYTES = 256 * 1024
# "Not now": too many requests, or a gateway in front of a system that is restarting (RFC 9110 15.6, RFC 6585 4).
TRY_AGAIN = frozenset({429, 502, 503, 504})
# Before the second attempt; twice as long before each further one.
FIRST_PAUSE_S = 0.2
# Shorter values would blot out what only looks like them, such as a three-digit code in a price; as a whole field of
# the answer a PIN, which has four digits or more (ISO 9564-1), hardly ever is anything else.
LEAST_BLOTTED, LEAST_WHOLE = 6, 4


class AddressRefusedError(OSError):
    """The host's address is private and not on the operator's list."""


class PublicResolver(AbstractResolver):
    """Resolves names, but refuses those that lead into a private network, unless the operator lists the host."""

    def __init__(self, private_hosts: Collection[str]) -> None:
        self._inner = ThreadedResolver()
        self._private_hosts = private_hosts

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if host not in self._private_hosts and not all(is_public(one["host"]) for one in found):
            raise AddressRefusedError(f"{host} leads into a private network")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local:
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or _ipv4_behind(ip) or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _ipv4_behind(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    leads = any(ip in network for network in LEADING_TO_IPV4)
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if leads else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A request with its hidden values in it; never logged. ``revealed`` are those values."""

    method: str
    url: URL
    headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    revealed: tuple[str, ...] = field(repr=False)


def reveal_nothing(hidden: Hidden) -> str:
    """For who has no secrets to send."""
    raise CannotOpenError(f"{hidden.sort}.{hidden.name} cannot be opened here")


class Fetcher:
    """Performs ``Fetch``; ``private_hosts`` are names or addresses inside that flows may ask all the same."""

    def __init__(self, private_hosts: Collection[str]) -> None:
        self._private_hosts = frozenset(host.lower() for host in private_hosts)
        connector = aiohttp.TCPConnector(resolver=PublicResolver(self._private_hosts), ttl_dns_cache=10)
        # Never unpacked: a kilobyte may hold megabytes. A system that packs all the same is not understood.
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
        )
        # The client would by itself send a PUT or DELETE again over a connection that broke; only the step's author
        # knows whether twice is as good as once. There is no public switch; the client's own test client does the same.
        self._session._retry_connection = False  # noqa: SLF001 - see above

    async def fetch(self, fetch: Fetch, *, within_s: float, reveal: Reveal = reveal_nothing) -> Event:
        """The answer as an event; never longer than the step's own limit or ``within_s``, never an exception."""
        try:
            url = URL(fetch.url)
            if url.scheme not in {"http", "https"} or not url.host or not self._may_ask(url.host):
                log.warning("fetch_refused", host=url.host)
                return EffectFailed("refused")
            sent = request_of(fetch, url, reveal)
            async with asyncio.timeout(min(fetch.timeout_s, within_s)):
                return await self._persist(fetch, sent)
        except TimeoutError:
            return EffectFailed("timeout")
        except CannotOpenError as error:
            log.error("fetch_without_secret", error=str(error))  # noqa: TRY400 - a setting to mend, not a stack to read
            return EffectFailed("failed")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return failure_of(error)
        except Exception as error:  # a bug of ours: the flow hears that it failed
            # Where, and not what: the text of an error may quote a header.
            log.error("fetch_broke", error=type(error).__name__, where=traceback.format_tb(error.__traceback__))  # noqa: TRY400
            return EffectFailed("failed")

    async def _persist(self, fetch: Fetch, sent: Sent) -> Event:
        """Send it, and again where it may be and did not get through."""
        pause_s = FIRST_PAUSE_S
        for attempt in range(1, fetch.attempts + 1):
            try:
                answer = await self._ask(fetch, sent)
            except aiohttp.ClientConnectionError as error:
                if attempt == fetch.attempts or is_refused(error):
                    raise
                log.info("fetch_again", host=sent.url.host, attempt=attempt, error=type(error).__name__)
            else:
                if attempt == fetch.attempts or not is_for_now(answer):
                    return answer
                log.info("fetch_again", host=sent.url.host, attempt=attempt)
            await asyncio.sleep(pause_s)
            pause_s *= 2
        return EffectFailed("failed")

    async def _ask(self, fetch: Fetch, sent: Sent) -> Event:
        async with self._session.request(
            sent.method, sent.url, data=sent.body, headers=sent.headers, allow_redirects=False
        ) as response:
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                log.warning("fetch_packed", host=sent.url.host)
                return EffectFailed("failed")
            content = await response.content.read(MOST_BYTES + 1)
            while len(content) <= MOST_BYTES and (more := await response.content.read(MOST_BYTES + 1 - len(content))):
                content += more
            if len(content) > MOST_BYTES:
                log.warning("fetch_too_large", host=sent.url.host, most=MOST_BYTES)
                return EffectFailed("failed")
            body = plain(pruned(data_of(content), fetch.keep))
            return Answered({"status": response.status, "body": blotted(body, sent.revealed)})

    def _may_ask(self, host: str) -> bool:
        # aiohttp resolves names only: an address in the URL never meets the resolver.
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return True
        return host in self._private_hosts or is_public(host)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def request_of(fetch: Fetch, url: URL, reveal: Reveal) -> Sent:
    """The request as it leaves; raises CannotOpenError for a hidden value that cannot be had."""
    revealed: list[str] = []

    def note(hidden: Hidden) -> str:
        revealed.append(reveal(hidden))
        return revealed[-1]

    headers = {name: opened(value, note) for name, value in fetch.headers}
    body = None if fetch.body is None else opened(fetch.body, note).encode()
    return Sent(fetch.method, url, headers, body, tuple(revealed))


def failure_of(error: Exception) -> EffectFailed:
    """The event for a request that did not come about."""
    if is_refused(error):
        log.warning("fetch_refused", error=type(error).__name__)
        return EffectFailed("refused")
    log.warning("fetch_failed", error=type(error).__name__)
    return EffectFailed("failed")


def is_refused(error: BaseException) -> bool:
    """Whether a name led into a private network, however the client wrapped that."""
    inner = (error, error.__cause__, getattr(error, "os_error", None))
    return any(isinstance(one, AddressRefusedError) for one in inner)


def is_for_now(answer: Event) -> bool:
    """Whether the system said that another attempt may do better."""
    return isinstance(answer, Answered) and answer.value["status"] in TRY_AGAIN


def blotted(data: Any, values: Sequence[str]) -> Any:
    """Plain data without the hidden values that it repeats, whole or, where they are long enough, inside a text."""
    if not values or data is None or isinstance(data, bool):
        return data
    if isinstance(data, dict):
        return {blotted(name, values): blotted(one, values) for name, one in data.items()}
    if isinstance(data, list):
        return [blotted(one, values) for one in data]
    if isinstance(data, str):
        return _blotted_text(data, values)
    is_echo = any(value.isdecimal() and len(value) >= LEAST_WHOLE and int(value) == data for value in values)
    return None if is_echo else data


def _blotted_text(text: str, values: Sequence[str]) -> str:
    for value in values:
        if len(value) >= LEAST_BLOTTED or (len(value) >= LEAST_WHOLE and text == value):
            text = text.replace(value, "*" * len(value))
    return text


def data_of(content: bytes) -> Any:
    """JSON as data, null for anything else: nothing in it has a place."""
    try:
        return orjson.loads(content)
    except ValueError:
        return None
