"""Where a Redis is: its URL taken apart, and the same URL fit to be shown.

=============================================================  ==================================================
``unix:///path/to/socket?db=1``                                one server, on its socket
``redis://user:password@host:6379/1``                          one server
``redis+cluster://user:password@host:6379,host2:6379``         a cluster: some of its nodes, one that answers is enough
``redis+sentinel://user:password@host:26379,host2/service/1``  the master of a service, as its sentinels name it
=============================================================  ==================================================

``rediss`` in place of ``redis`` is TLS, to every server and sentinel, the certificate verified. User, password, port
and database may be left out. User and password are the servers'; sentinels that want some are given theirs by
``?sentinel_user=…&sentinel_password=…``. What is special in a URL is percent-encoded. No message of ours ever holds a
password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

DEFAULT_PORT = 6379
SENTINEL_PORT = 26379
SCHEMES = ("unix", "redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel")
URL = re.compile(
    r"(?P<scheme>[a-z+]+)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.DOTALL
)
BEGINNINGS = "unix://, redis://, redis+cluster:// or redis+sentinel:// (with TLS: rediss…)"


@dataclass(frozen=True, slots=True)
class Address:
    """A Redis to connect to: a unix socket's ``path``, or ``host`` and ``port``."""

    path: str = ""
    host: str = ""
    port: int = DEFAULT_PORT
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    database: int = 0

    def at(self, host: str, port: int) -> Address:
        """Another server that is spoken to in the same way."""
        return replace(self, host=host, port=port)

    def __str__(self) -> str:
        """``host:port`` or the path: what messages show."""
        return self.path or (f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}")


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """Some nodes of a cluster, at least one."""

    nodes: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class SentinelAddress:
    """The sentinels of a service; ``server`` is how its master is spoken to, wherever it is."""

    sentinels: tuple[Address, ...]
    service: str
    server: Address


class Parts(NamedTuple):
    """A URL in its parts. The standard library's own reader takes only one host, and no list with an IPv6 address."""

    scheme: str
    authority: str
    path: str
    query: str


Place = Address | ClusterAddress | SentinelAddress


def masked(url: str) -> str:
    """The URL with its password and parameters hidden: the only form that may be logged or shown."""
    without_parameters = re.sub(r"\?.*", "?***", url, flags=re.DOTALL)
    return re.sub(
        r"://(?:([^:@/]*):)?.*@",
        lambda found: f"://{found[1] + ':' if found[1] else ''}***@",
        without_parameters,
        flags=re.DOTALL,
    )


def parse_url(url: str) -> Place:
    """The place a URL names. Raises ValueError saying what is wrong, without the password."""
    found = URL.fullmatch(url)
    parts = Parts(**found.groupdict(default="")) if found else Parts("", "", "", "")
    if parts.scheme not in SCHEMES:
        raise ValueError(f"{masked(url)} must begin with {BEGINNINGS}")
    form = parts.scheme.partition("+")[2]
    if form == "cluster":
        return _cluster(url, parts)
    if form == "sentinel":
        return _sentinel(url, parts)
    return _socket(url, parts) if parts.scheme == "unix" else _server(url, parts)


def _socket(url: str, parts: Parts) -> Address:
    user, password, hosts = _authority(parts)
    if not parts.path or hosts:
        raise ValueError(f"{masked(url)} must be unix:// and an absolute path, so three slashes in a row")
    database = _database(url, _parameters(url, parts, "db").get("db", ""))
    return Address(path=unquote(parts.path), user=user, password=password, database=database)


def _server(url: str, parts: Parts) -> Address:
    (address, *others) = _addresses(url, parts, DEFAULT_PORT)
    if others:
        raise ValueError(f"{masked(url)} names several hosts: is it a redis+cluster:// or a redis+sentinel://?")
    database = _parameters(url, parts, "db").get("db", parts.path.strip("/"))
    return replace(address, database=_database(url, database))


def _cluster(url: str, parts: Parts) -> ClusterAddress:
    nodes = _addresses(url, parts, DEFAULT_PORT)
    database = _parameters(url, parts, "db").get("db", parts.path.strip("/"))
    if _database(url, database):
        raise ValueError(f"{masked(url)}: a cluster has no database but 0")
    return ClusterAddress(nodes)


def _sentinel(url: str, parts: Parts) -> SentinelAddress:
    sentinels = _addresses(url, parts, SENTINEL_PORT)
    parameters = _parameters(url, parts, "db", "sentinel_user", "sentinel_password")
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError(f"{masked(url)} names no service; it is the first part of the path: …/mymaster")
    user, password = parameters.get("sentinel_user", ""), parameters.get("sentinel_password", "")
    return SentinelAddress(
        tuple(replace(sentinel, user=user, password=password) for sentinel in sentinels),
        unquote(service),
        replace(sentinels[0], host="", database=_database(url, parameters.get("db", database))),
    )


def _authority(parts: Parts) -> tuple[str, str, str]:
    """User, password, and what stands behind them: hosts and ports."""
    credentials, _, hosts = parts.authority.rpartition("@")
    user, _, password = credentials.partition(":")
    return unquote(user), unquote(password), hosts


def _addresses(url: str, parts: Parts, default_port: int) -> tuple[Address, ...]:
    user, password, hosts = _authority(parts)
    tls = parts.scheme.startswith("rediss")
    return tuple(
        Address(host=host, port=port, tls=tls, user=user, password=password)
        for host, port in (_host_and_port(url, text, default_port) for text in hosts.split(","))
    )


def _host_and_port(url: str, text: str, default_port: int) -> tuple[str, int]:
    try:
        one = urlsplit(f"//{text}")
        host, port = one.hostname or "", one.port
    except ValueError:
        # The library's own message would quote a piece of a password with a bare "/" or ":" in it.
        raise ValueError(f"{masked(url)}: host and port cannot be read; write special characters as %XX") from None
    if not host:
        raise ValueError(f"{masked(url)} names no host")
    return host, port or default_port


def _parameters(url: str, parts: Parts, *known: str) -> dict[str, str]:
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parameters.keys() - set(known):
        raise ValueError(f"{masked(url)}: unknown parameter; there is {' and '.join(known)}")
    return parameters


def _database(url: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{0,5}", text):
        raise ValueError(f"{masked(url)}: the database must be a number")
    return int(text or 0)
