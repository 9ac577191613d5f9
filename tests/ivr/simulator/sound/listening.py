"""Ears for tests: what is heard, and at which pitch, without a Fourier transform."""

from __future__ import annotations

import io
import math
import struct
import wave

from ivr.simulator.sound import mulaw

LOUD = 0.05
"""Of a pure tone of full volume, which has 1."""


def strength(samples: bytes, hz: float) -> float:
    """How much of mu-law ``samples`` is a tone of ``hz``: 0 to 1, by Goertzel's algorithm."""
    linear = struct.unpack(f"<{len(samples)}h", mulaw.decode(samples))
    coefficient = 2 * math.cos(2 * math.pi * hz / mulaw.RATE_HZ)
    before, last = 0.0, 0.0
    for sample in linear:
        before, last = last, sample / 32768 + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(linear)


def hears_tone(samples: bytes, hz: float) -> bool:
    return strength(samples, hz) > LOUD


def second(samples: bytes, number: int) -> bytes:
    """The whole second that begins ``number`` seconds in."""
    return samples[number * mulaw.RATE_HZ : (number + 1) * mulaw.RATE_HZ]


def tone_wav(hz: float, seconds: float, *, rate_hz: int = 8000, channels: int = 1) -> bytes:
    """A WAV file of a tone of half volume, 16 bit."""
    frames = (round(16_000 * math.sin(2 * math.pi * hz * i / rate_hz)) for i in range(round(seconds * rate_hz)))
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(channels)
        audio.setsampwidth(2)
        audio.setframerate(rate_hz)
        audio.writeframes(b"".join(struct.pack("<h", frame) * channels for frame in frames))
    return file.getvalue()


def channels_of(wav: bytes) -> list[bytes]:
    """The channels of a 16 bit WAV file, as mu-law."""
    with wave.open(io.BytesIO(wav)) as audio:
        assert (audio.getframerate(), audio.getsampwidth()) == (mulaw.RATE_HZ, 2)
        count = audio.getnchannels()
        data = audio.readframes(audio.getnframes())
    values = struct.unpack(f"<{len(data) // 2}h", data)
    return [mulaw.encode(struct.pack(f"<{len(values) // count}h", *values[i::count])) for i in range(count)]
