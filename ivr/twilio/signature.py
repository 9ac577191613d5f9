"""Proof that a request comes from Twilio: base64(HMAC-SHA1(auth token, public URL + parameters)).

Our own few lines instead of the library's RequestValidator, which costs 8 to 21 times as much on every turn, raises
TypeError on a JSON body without a hash and mangles URLs that hold a user and a port; the tests hold both to the same
answers. Source: twilio.com/docs/usage/security, "Validating requests".

The URL is the configured public one plus the untouched path and query of the request line: behind a proxy the
scheme and host that reach us are not those that Twilio signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BLOCK = 64  # bytes that SHA-1 takes at once
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Prover:
    """Knows our auth tokens and public address; says whether a signature proves a request.

    Several tokens: while one is rotated, a signature by any of them is good.
    """

    def __init__(self, tokens: Sequence[str], base_url: str) -> None:
        self._keys = [_Key(token.encode()) for token in tokens]
        self._origins = [spelling.encode() for spelling in url_spellings(base_url)]
        self._socket_origins = [spelling.encode() for spelling in url_spellings("ws" + base_url.removeprefix("http"))]

    def proves_form(self, path: str, pairs: Iterable[tuple[str, str]], signature: str) -> bool:
        """Whether ``signature`` is over ``path`` (path and query as received) and the form's decoded ``pairs``.

        Each different pair once: of a name given twice Twilio's own libraries count the different values.
        """
        return self._proves(self._origins, path + "".join(chain.from_iterable(sorted(pairs))), signature)

    def proves_url(self, path: str, signature: str) -> bool:
        """Whether ``signature`` is over ``path`` alone: a GET."""
        return self._proves(self._origins, path, signature)

    def proves_body(self, path: str, body: bytes, signature: str) -> bool:
        """Whether ``signature`` is over ``path`` and its query's ``bodySHA256`` is the hash of ``body``."""
        claimed = dict(parse_qsl(urlsplit(path).query)).get("bodySHA256", "")
        return hmac.compare_digest(claimed.encode(), hashlib.sha256(body).hexdigest().encode()) and self._proves(
            self._origins, path, signature
        )

    def proves_socket(self, path: str, signature: str) -> bool:
        """Whether ``signature`` is over a websocket's URL, with or without the documented stray slash at its end."""
        return any(self._proves(self._socket_origins, one, signature) for one in (path, path + "/"))

    def _proves(self, origins: Iterable[bytes], rest: str, signature: str) -> bool:
        if not signature:
            return False
        given = signature.encode("utf-8", "surrogateescape")
        tail = rest.encode("utf-8", "surrogatepass")
        for key in self._keys:
            for origin in origins:
                if hmac.compare_digest(base64.b64encode(key.digest(origin + tail)), given):
                    return True
        return False


class _Key:
    """HMAC-SHA1 with one key, both halves begun (RFC 2104): copying them is half the price of ``hmac.digest``."""

    def __init__(self, key: bytes) -> None:
        block = (hashlib.sha1(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")  # noqa: S324 - Twilio's choice
        self._inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in block))  # noqa: S324 - the same
        self._outer = hashlib.sha1(bytes(byte ^ 0x5C for byte in block))  # noqa: S324 - the same

    def digest(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def url_spellings(base_url: str) -> tuple[str, ...]:
    """The forms in which Twilio may have signed ``base_url``: as it is, without its port, with the default port.

    Twilio drops the port of an https address for voice and keeps it otherwise (twilio.com/docs/usage/security).
    """
    parts = urlsplit(base_url)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    bare = f"{parts.scheme}://{host}"
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    return tuple(dict.fromkeys([base_url, bare + parts.path, f"{bare}:{port}{parts.path}"]))
