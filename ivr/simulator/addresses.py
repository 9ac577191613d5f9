"""Addresses the network can send a request to, before anybody tries: http or https, a host, a port if any.

The vendor allows no underscore in the name of a host. Source: twilio.com/docs/usage/webhooks.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urljoin, urlsplit


def is_requestable(url: str) -> bool:
    """Whether ``url`` is absolute and a request can be made to it."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and _is_place(parts.netloc)
    except ValueError:  # a broken IPv6 address
        return False


@lru_cache(maxsize=256)
def _is_place(netloc: str) -> bool:
    """A host with its port, of which an application has one or two."""
    try:
        parts = urlsplit(f"//{netloc}")
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:  # a port out of range, a label that is empty or too long
        return False
    return bool(host) and "_" not in host


def resolve(base: str, url: str) -> str:
    """``url`` as seen from ``base``; empty if that is no address a request can be made to."""
    try:
        resolved = urljoin(base, url)
    except ValueError:
        return ""
    return resolved if is_requestable(resolved) else ""
