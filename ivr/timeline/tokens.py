"""Who may post events: tokens of other systems, each for the sources that it speaks for.

``IVR_API_TOKENS`` holds ``name=token:scope`` for each, with commas between. A scope is a source (``/mail``) and what is
below it (``/mail/inbox``), or ``*`` for all sources but ours. A token is at least 32 characters, none of them a comma.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_TOKEN = 32
ALL = "*"
FORM = "must be name=token:scope, with commas between several, such as mail=…:/mail"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """``digest`` is the token's SHA-256: the token itself is forgotten once it is read."""

    name: str
    digest: bytes
    scope: str

    def allows(self, source: str) -> bool:
        """Whether it may speak for the source."""
        return self.scope == ALL or source == self.scope or source.startswith(f"{self.scope.rstrip('/')}/")


def read_tokens(text: str) -> tuple[ApiToken, ...]:
    """The tokens of the setting. ValueError, without any token in it, for what cannot be read."""
    found = tuple(_read(part.strip()) for part in text.split(",") if part.strip())
    if len({token.name for token in found}) < len(found):
        raise ValueError("names two tokens alike")
    return found


def _read(text: str) -> ApiToken:
    name, equals, rest = text.partition("=")
    token, colon, scope = rest.rpartition(":")
    if not (name and equals and colon and scope):
        raise ValueError(FORM)
    if len(token) < LEAST_TOKEN:
        raise ValueError(f"{name[:40]}: a token has at least {LEAST_TOKEN} characters; make one: openssl rand -hex 32")
    return ApiToken(name, digest_of(token), scope)


def digest_of(token: str) -> bytes:
    """What is kept of a token, and compared."""
    import hashlib  # the supervising process reads settings too, and has no other use for it

    return hashlib.sha256(token.encode()).digest()


def who_shows(header: str, tokens: Sequence[ApiToken]) -> ApiToken | None:
    """Whose ``Authorization: Bearer`` header it is; None for nobody's. All are compared, each in constant time."""
    import hmac

    kind, _, token = header.partition(" ")
    digest = digest_of(token.strip())
    found = [one for one in tokens if hmac.compare_digest(one.digest, digest)]
    return found[0] if found and kind.lower() == "bearer" else None
