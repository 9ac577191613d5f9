"""X-Twilio-Signature, made here and not with the library that checks it on the other side.

base64(HMAC-SHA1(auth token, URL + each parameter's name and value in byte order of the names)); a GET signs its URL
alone. The URL is as requested, without fragment and user, and over HTTPS without port.
Source: twilio.com/docs/usage/security, "Validating requests are coming from Twilio".
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Sequence


def sign(auth_token: str, url: str, parameters: Sequence[tuple[str, str]] = ()) -> str:
    """The signature of a request to ``url`` with form ``parameters`` (none for GET)."""
    text = signed_url(url) + "".join(name + value for name, value in sorted(dict.fromkeys(parameters)))
    return base64.b64encode(hmac.digest(auth_token.encode(), text.encode(), "sha1")).decode()


def signed_url(url: str) -> str:
    """``url`` as it goes into the signature."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and parts.port is not None:
        host = host.rpartition(":")[0]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
