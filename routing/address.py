"""Where a Redis is: its URL taken apart, and the same URL fit to be shown.

Three forms, the user, password and database left out where there are none:
``unix:///path/to/socket?db=1`` · ``redis://user:password@host:6379/1`` · ``rediss://…`` (TLS, certificate verified).
What is special in a URL is percent-encoded. No message of ours ever holds the password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

DEFAULT_PORT = 6379


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


def masked(url: str) -> str:
    """The URL with its password and parameters hidden: the only form that may be logged or shown."""
    without_parameters = re.sub(r"\?.*", "?***", url, flags=re.DOTALL)
    return re.sub(
        r"://(?:([^:@/]*):)?.*@",
        lambda found: f"://{found[1] + ':' if found[1] else ''}***@",
        without_parameters,
        flags=re.DOTALL,
    )


def parse_url(url: str) -> Address:
    """The address a URL names. Raises ValueError saying what is wrong, without the password."""
    parts = urlsplit(url)
    if parts.scheme not in {"unix", "redis", "rediss"}:
        raise ValueError(f"{masked(url)} must begin with unix://, redis:// or rediss://")
    try:
        host, port = parts.hostname or "", parts.port or DEFAULT_PORT
    except ValueError:
        # The library's own message would quote a piece of a password with a bare "/" or ":" in it.
        raise ValueError(f"{masked(url)}: the port is not a number; write special characters as %XX") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "unix":
        if not parts.path or host:
            raise ValueError(f"{masked(url)} must be unix:// and an absolute path, so three slashes in a row")
        return Address(path=unquote(parts.path), user=user, password=password, database=_database(url, parts.query))
    if not host:
        raise ValueError(f"{masked(url)} names no host")
    database = parts.path.strip("/")
    return Address(
        host=host,
        port=port,
        tls=parts.scheme == "rediss",
        user=user,
        password=password,
        database=_database(url, parts.query, database),
    )


def _database(url: str, query: str, text: str = "") -> int:
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name != "db":
            raise ValueError(f"{masked(url)}: unknown parameter; the only one is db")
        text = value
    if not re.fullmatch(r"[0-9]{0,5}", text):
        raise ValueError(f"{masked(url)}: the database must be a number")
    return int(text or 0)
