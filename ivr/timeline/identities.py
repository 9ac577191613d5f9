"""What a customer is found by: a sort and a value, in the one form that is stored.

``phone`` is E.164, ``email`` is lower case, ``external_id`` is whatever another system calls the customer; handles of
other channels have a sort of their own, such as ``whatsapp`` or ``chat``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
PHONE_PUNCTUATION = str.maketrans("", "", " -().\u00a0/")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
MOST_CHARACTERS = 254  # of an e-mail address (RFC 5321, 4.5.3.1.3, less the angle brackets)


class Identity(NamedTuple):
    """One way to find a customer; two of them are the same when both parts are."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


def identity(kind: str, value: str) -> Identity:
    """The identity in its stored form; ValueError, naming what is wrong, for one that cannot be."""
    if not KIND.fullmatch(kind):
        raise ValueError(f'"{kind[:40]}" names no sort of identity; such as phone, email, external_id, whatsapp')
    value = value.strip()
    if kind == "phone":
        value = value.translate(PHONE_PUNCTUATION)
        if not E164.fullmatch(value):
            raise ValueError(f'"{value[:40]}" is no telephone number in E.164: + and 7 to 15 digits')
    elif kind == "email":
        value = value.lower()
        if not EMAIL.fullmatch(value):
            raise ValueError(f'"{value[:40]}" is no e-mail address')
    if not 0 < len(value) <= MOST_CHARACTERS or not value.isprintable():
        raise ValueError(f"an identity has 1 to {MOST_CHARACTERS} printable characters")
    return Identity(kind, value)


def parse_identity(text: str) -> Identity:
    """The identity written ``kind:value``; ValueError for anything else."""
    kind, colon, value = text.partition(":")
    if not colon:
        raise ValueError(f'"{text[:40]}" is no identity; write kind:value, such as phone:+12025550143')
    return identity(kind, value)


def of_caller(number: str) -> Identity | None:
    """Who calls, as far as a number tells: None for a withheld one, a short code, or one that is no number."""
    kind, colon, value = number.partition(":")
    try:
        return identity(kind, value) if colon else identity("phone", number)
    except ValueError:
        return None
