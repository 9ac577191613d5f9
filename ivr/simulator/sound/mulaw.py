"""Mu-law samples: to and from linear ones, mixed, and told from silence.

Source: ITU-T G.711. ``audioop`` left the standard library with Python 3.13; the package audioop-lts goes on with it.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # until 3.13 the standard library has it, and says it will go
    import audioop

if TYPE_CHECKING:
    from collections.abc import Sequence

RATE_HZ = 8000
BYTES_PER_MS = RATE_HZ // 1000
SILENCE = b"\xff"
WIDTH = 2
"""Bytes of a linear sample."""

QUIET = bytes([*range(0x70, 0x80), *range(0xF0, 0x100)])
"""The samples that nobody hears: up to 0.4 per cent of the loudest."""


def silence(ms: int) -> bytes:
    return SILENCE * (ms * BYTES_PER_MS)


def encode(linear: bytes, *, rate_hz: int = RATE_HZ, width: int = WIDTH, channels: int = 1) -> bytes:
    """Linear samples of any rate, width (bytes) and number of channels, of which the first two are mixed."""
    if channels == 2:
        linear = audioop.tomono(linear, width, 0.5, 0.5)
    elif channels > 2:
        linear = b"".join(linear[at : at + width] for at in range(0, len(linear), width * channels))
    linear = audioop.lin2lin(linear, width, WIDTH)
    if rate_hz != RATE_HZ:
        linear, _ = audioop.ratecv(linear, WIDTH, 1, rate_hz, RATE_HZ, None)
    return audioop.lin2ulaw(linear, WIDTH)


def decode(samples: bytes) -> bytes:
    """Linear samples, 16 bits each, lowest byte first."""
    return audioop.ulaw2lin(samples, WIDTH)


def decode_alaw(samples: bytes) -> bytes:
    """The linear samples, 16 bits each, of European telephones' A-law."""
    return audioop.alaw2lin(samples, WIDTH)


def mix(parts: Sequence[bytes]) -> bytes:
    """All of ``parts`` at once, which are of one length; what is too loud together is cut."""
    loud = [part for part in parts if not is_silent(part)]
    if len(loud) < 2:
        return loud[0] if loud else parts[0]
    total = decode(loud[0])
    for part in loud[1:]:
        total = audioop.add(total, decode(part), WIDTH)
    return audioop.lin2ulaw(total, WIDTH)


def interleave(left: bytes, right: bytes) -> bytes:
    """Two channels of linear samples as one stereo signal."""
    return audioop.add(audioop.tostereo(left, WIDTH, 1, 0), audioop.tostereo(right, WIDTH, 0, 1), WIDTH)


def is_silent(samples: bytes) -> bool:
    return not samples.strip(QUIET)


def edges(samples: bytes) -> tuple[int, int] | None:
    """The first and the last millisecond (exclusive) in which something is heard; None when nothing is."""
    if is_silent(samples):
        return None
    before = len(samples) - len(samples.lstrip(QUIET))
    return before // BYTES_PER_MS, -(-len(samples.rstrip(QUIET)) // BYTES_PER_MS)
