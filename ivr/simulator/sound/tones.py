"""Sounds made of sine waves: keypad tones, the beep, music on hold, and a voice for those who have none.

Keypad tones are two frequencies at once: ITU-T Q.23.
"""

from __future__ import annotations

import math
import struct
import zlib
from functools import lru_cache

from ivr.simulator.sound import mulaw
from ivr.simulator.sound.sounds import Looped, Made, Silence, Sound

ROWS_HZ = (697, 770, 852, 941)
COLUMNS_HZ = (1209, 1336, 1477, 1633)
KEYPAD = ("123A", "456B", "789C", "*0#D")
KEYS_HZ = {key: (ROWS_HZ[y], COLUMNS_HZ[x]) for y, row in enumerate(KEYPAD) for x, key in enumerate(row)}
TONE_S = 0.2
"""One key and the gap behind it."""

GAP_S = 0.08
WAIT_S = {"w": 0.5, "W": 1.0}
BEEP_HZ = 1400
SCALE_HZ = (262, 294, 330, 392, 440, 523)
"""A pentatonic scale: any two of its notes go together."""

MELODY = (0, 2, 3, 5, 4, 3, 2, 4, 3, 1, 2, 0)
NOTE_S = 0.5
RAMP = 80
"""Samples (10 ms) over which a tone swells and fades, without which it clicks."""

VOLUME = 6000
FAX_HZ = 2100


@lru_cache(maxsize=512)
def sine(frequencies: tuple[int, ...], samples: int, volume: int = VOLUME) -> bytes:
    """So many mu-law samples of ``frequencies`` (Hz) at once, each of ``volume`` (of 32767)."""
    sin, steps = math.sin, [2 * math.pi * frequency / mulaw.RATE_HZ for frequency in frequencies]
    wave = [0.0] * samples
    for step in steps:
        wave = [value + sin(step * i) for i, value in enumerate(wave)]
    for i in range(min(RAMP, samples)):
        wave[i] *= i / RAMP
        wave[-1 - i] *= i / RAMP
    return mulaw.encode(struct.pack(f"<{samples}h", *[round(volume * value) for value in wave]))


def tone(frequencies: tuple[int, ...], seconds: float) -> Sound:
    return Made(seconds, lambda: sine(frequencies, round(seconds * mulaw.RATE_HZ)))


def beep(seconds: float) -> Sound:
    return tone((BEEP_HZ,), seconds)


def fax(seconds: float) -> Sound:
    """What a fax machine says when it is called."""
    samples = round(seconds * mulaw.RATE_HZ)
    return Made(seconds, lambda: (sine((FAX_HZ,), mulaw.RATE_HZ) * (samples // mulaw.RATE_HZ + 1))[:samples])


def key_seconds(keys: str) -> float:
    """How long ``keys`` take; ``w`` and ``W`` are pauses."""
    return sum(WAIT_S.get(key, TONE_S) for key in keys)


def keypad(keys: str) -> Sound:
    """The tones of ``keys``, one after the other."""
    return Made(key_seconds(keys), lambda: b"".join(_key(key) for key in keys))


def _key(key: str) -> bytes:
    if key in WAIT_S:
        return mulaw.silence(round(WAIT_S[key] * 1000))
    return sine(KEYS_HZ[key], round((TONE_S - GAP_S) * mulaw.RATE_HZ)) + mulaw.silence(round(GAP_S * 1000))


def _play_melody() -> bytes:
    return b"".join(sine((SCALE_HZ[note],), round(NOTE_S * mulaw.RATE_HZ), VOLUME // 3) for note in MELODY)


MUSIC: Sound = Looped(Made(NOTE_S * len(MELODY), _play_melody))
"""The network's music on hold."""


def melody(text: str, seconds: float) -> Sound:
    """A note a word, higher or lower as the word would have it, as long as the word is: the same for the same text."""
    words = text.split()
    return Made(seconds, lambda: _sing(words, round(seconds * mulaw.RATE_HZ))) if words else Silence(seconds)


def _sing(words: list[str], samples: int) -> bytes:
    letters = sum(len(word) + 1 for word in words)
    notes = (
        sine((SCALE_HZ[zlib.crc32(word.encode()) % len(SCALE_HZ)],), samples * (len(word) + 1) // letters)
        for word in words
    )
    return b"".join(notes).ljust(samples, mulaw.SILENCE)
