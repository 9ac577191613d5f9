"""Ask other systems over HTTP on behalf of a flow, and nothing that a flow should not reach.

A flow's URL may hold what a caller said, so it is treated as a stranger's: only http and https, no redirects, and no
address of a private network, looked at after the name was resolved, for otherwise a name could point inside.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from flows.events import Answered, EffectFailed

if TYPE_CHECKING:
    from collections.abc import Collection

    from flows.events import Event
    from flows.instructions import Fetch

log = structlog.get_logger()

# Addresses of IPv6 that lead to one of IPv4, in their last 32 bits (RFC 4291 2.5.5.1, RFC 6052).
LEADING_TO_IPV4 = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))
# RapidPro's cap for the same thing (goflow, flows/engine/engine.go).
MOST_BYTES = 256 * 1024


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

    async def fetch(self, fetch: Fetch, *, within_s: float) -> Event:
        """The answer as an event; never longer than the step's own limit or ``within_s``, never an exception."""
        try:
            url = URL(fetch.url)
            if url.scheme not in {"http", "https"} or not url.host or not self._may_ask(url.host):
                log.warning("fetch_refused", host=url.host)
                return EffectFailed("refused")
            async with asyncio.timeout(min(fetch.timeout_s, within_s)):
                return await self._ask(url, fetch)
        except TimeoutError:
            return EffectFailed("timeout")
        except AddressRefusedError as error:
            log.warning("fetch_refused", host=str(error))
            return EffectFailed("refused")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error.__cause__, AddressRefusedError) or isinstance(
                getattr(error, "os_error", None), AddressRefusedError
            ):
                log.warning("fetch_refused", host=str(error))
                return EffectFailed("refused")
            log.warning("fetch_failed", error=type(error).__name__)
            return EffectFailed("failed")
        except Exception:  # a bug of ours, or data that cannot be JSON: the flow hears that it failed
            log.exception("fetch_broke")
            return EffectFailed("failed")

    async def _ask(self, url: URL, fetch: Fetch) -> Event:
        body = None if fetch.json is None else orjson.dumps(fetch.json)
        headers = dict(fetch.headers) | ({"Content-Type": "application/json"} if body is not None else {})
        async with self._session.request(
            fetch.method, url, data=body, headers=headers, allow_redirects=False
        ) as response:
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                log.warning("fetch_packed", host=url.host)
                return EffectFailed("failed")
            content = await response.content.read(MOST_BYTES + 1)
            while len(content) <= MOST_BYTES and (more := await response.content.read(MOST_BYTES + 1 - len(content))):
                content += more
            if len(content) > MOST_BYTES:
                log.warning("fetch_too_large", host=url.host, most=MOST_BYTES)
                return EffectFailed("failed")
            return Answered({"status": response.status, "body": _plain(content)})

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


def _plain(content: bytes) -> Any:
    """JSON as data, anything else as text."""
    try:
        return orjson.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
