"""Sealing what callers key in, and opening hidden values for the one request that carries them.

A sealed value is AES-256-GCM ciphertext bound to its call and its name, so that it opens nowhere else: taken from
another call's session, or renamed, it is garbage. It names the key it was sealed with, so that a new key can be put
before the old one in ``IVR_SECRET_KEY`` while calls sealed with the old one are under way.

A token is base64url of: version (1 byte), key id (4), nonce (12), ciphertext with its tag (NIST SP 800-38D).
"""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from typing import TYPE_CHECKING

import structlog

from flows.hidden import SECRET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from flows.hidden import Hidden, Reveal, Seal

log = structlog.get_logger()

VERSION = b"\x01"
ID_BYTES, NONCE_BYTES = 4, 12
HEAD_BYTES = len(VERSION) + ID_BYTES + NONCE_BYTES


class CannotOpenError(Exception):
    """A hidden value is not there, or was not sealed by us for this place; the text names it and never holds it."""


class Sealer:
    """Seals with the first key, opens with any; ``keys`` are texts of an operator's making, hard to guess."""

    def __init__(self, keys: Sequence[str]) -> None:
        # Loaded only where there is a key: it is ten milliseconds of each process's start.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._ciphers: dict[bytes, AESGCM] = {}
        for text in keys:
            # Two independent values of one text, told apart by what they are for (BLAKE2's "person").
            key = hashlib.blake2b(text.encode(), digest_size=32, person=b"cordboard seal").digest()
            key_id = hashlib.blake2b(text.encode(), digest_size=ID_BYTES, person=b"cordboard id").digest()
            self._ciphers.setdefault(key_id, AESGCM(key))

    def seal(self, value: str, place: str) -> str:
        """The value's token for one place (a call and a name)."""
        key_id, cipher = next(iter(self._ciphers.items()))
        nonce = os.urandom(NONCE_BYTES)
        sealed = cipher.encrypt(nonce, value.encode(), place.encode())
        return urlsafe_b64encode(VERSION + key_id + nonce + sealed).decode()

    def open(self, token: str, place: str) -> str:
        """The value that was sealed for the place; raises CannotOpenError for any other token."""
        from cryptography.exceptions import InvalidTag

        try:
            data = urlsafe_b64decode(token)
        except ValueError as error:
            raise CannotOpenError(f"{place} is not a sealed value") from error
        cipher = self._ciphers.get(data[len(VERSION) : len(VERSION) + ID_BYTES])
        if data[: len(VERSION)] != VERSION or cipher is None:
            raise CannotOpenError(f"{place} was sealed with a key that IVR_SECRET_KEY does not have")
        try:
            opened = cipher.decrypt(data[HEAD_BYTES - NONCE_BYTES : HEAD_BYTES], data[HEAD_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpenError(f"{place} was sealed for another place, or changed") from error
        return opened.decode()


class Vault:
    """What this process can hide and reveal: the operator's secrets by name, and a sealer if there is a key."""

    def __init__(self, secrets: Mapping[str, str], keys: Sequence[str]) -> None:
        self._secrets = secrets
        self._sealer = Sealer(keys) if keys else None

    def has_secret(self, name: str) -> bool:
        """Is there a secret of this name."""
        return name in self._secrets

    @property
    def can_seal(self) -> bool:
        """Is there a key to seal with."""
        return self._sealer is not None

    def sealing(self, call_sid: str) -> Seal:
        """How values of a call are sealed under a name; an empty text when there is no key."""
        return partial(self._seal, call_sid)

    def _seal(self, call_sid: str, value: str, name: str) -> str:
        if self._sealer is None:
            log.error("sealing_without_key", name=name, mend="set IVR_SECRET_KEY")
            return ""
        return self._sealer.seal(value, _place(call_sid, name))

    def revealing(self, call_sid: str, sealed: Mapping[str, str]) -> Reveal:
        """How the gaps of a call's request are filled; ``sealed`` are the call's tokens by name."""

        def reveal(hidden: Hidden) -> str:
            if hidden.sort == SECRET:
                if hidden.name not in self._secrets:
                    raise CannotOpenError(f"IVR_SECRET_{hidden.name.upper()} is not set")
                return self._secrets[hidden.name]
            if self._sealer is None:
                raise CannotOpenError("IVR_SECRET_KEY is not set")
            return self._sealer.open(sealed.get(hidden.name, ""), _place(call_sid, hidden.name))

        return reveal


def _place(call_sid: str, name: str) -> str:
    return f"{call_sid}/{name}"
