"""Sound in files: WAV is read and written here, MP3 by the program ffmpeg where there is one.

A WAV may be linear (8 to 32 bits), mu-law or A-law, of any rate, with one channel or more.
Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft), "Waveform Audio File Format";
ISO/IEC 11172-3, "frame header".
"""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.simulator.sound import mulaw

if TYPE_CHECKING:
    from collections.abc import Sequence

LINEAR, ALAW, MULAW, EXTENSIBLE = 1, 6, 7, 0xFFFE
KNOWN_BITS = {LINEAR: (8, 16, 24, 32), ALAW: (8,), MULAW: (8,)}
MP3_TIMEOUT_S = 60
MP3_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the version in a frame's header: 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5."""

MP3_KBIT = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Bit rates of layer III, of MPEG 1 and of the others."""


class BadSoundError(ValueError):
    """These bytes are not the sound they should be; the text says why."""


@dataclass(frozen=True, slots=True)
class Wav:
    """A WAV file's form and its ``data``, not decoded yet."""

    encoding: int
    channels: int
    rate_hz: int
    bytes_per_second: int
    bits: int
    data: bytes

    @property
    def seconds(self) -> float:
        return len(self.data) / self.bytes_per_second

    @property
    def is_known(self) -> bool:
        """Whether it can be decoded here."""
        return self.bits in KNOWN_BITS.get(self.encoding, ()) and self.channels > 0 and self.rate_hz > 0

    def decode(self) -> bytes:
        """Its samples as mu-law; raises BadSoundError for an encoding that is not known here."""
        if not self.is_known:
            raise BadSoundError(f"is a WAV file with {self.bits} bits of encoding {self.encoding}")
        width = self.bits // 8
        data = self.data[: len(self.data) // (width * self.channels) * width * self.channels]
        if self.encoding == MULAW:
            if self.channels == 1 and self.rate_hz == mulaw.RATE_HZ:
                return data
            data, width = mulaw.decode(data), mulaw.WIDTH
        elif self.encoding == ALAW:
            data, width = mulaw.decode_alaw(data), mulaw.WIDTH
        elif width == 1:  # the format's only samples without a sign
            data = data.translate(bytes((value + 128) % 256 for value in range(256)))
        return mulaw.encode(data, rate_hz=self.rate_hz, width=width, channels=self.channels)


def read_wav(body: bytes) -> Wav:
    """The parts of a WAV file; a data chunk may claim more than there is, as in what is written while it is made.

    Raises BadSoundError for what is none.
    """
    if body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        raise BadSoundError("is not a WAV file")
    at, form = 12, b""
    while at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        content = body[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = content
        if name == b"data" and form:
            return _with_form(form, content)
        at += 8 + size + size % 2
    raise BadSoundError("is a WAV file without audio")


def _with_form(form: bytes, data: bytes) -> Wav:
    if len(form) < 16:
        raise BadSoundError("is a WAV file whose form is cut off")
    encoding, channels, rate_hz, bytes_per_second, _, bits = struct.unpack_from("<HHIIHH", form)
    if encoding == EXTENSIBLE and len(form) >= 26:
        (encoding,) = struct.unpack_from("<H", form, 24)
    if not bytes_per_second:
        raise BadSoundError("is a WAV file of no bytes a second")
    return Wav(encoding, channels, rate_hz, bytes_per_second, bits, data)


def write_wav(channels: Sequence[bytes]) -> bytes:
    """A WAV file (8 kHz, 16 bits) of one channel of mu-law samples, or of two of one length."""
    linear = [mulaw.decode(samples) for samples in channels]
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(len(channels))
        audio.setsampwidth(mulaw.WIDTH)
        audio.setframerate(mulaw.RATE_HZ)
        audio.writeframes(linear[0] if len(linear) == 1 else mulaw.interleave(*linear))
    return file.getvalue()


def find_ffmpeg() -> str | None:
    """The program that knows MP3, if this machine has it."""
    return shutil.which("ffmpeg")


def read_mp3(ffmpeg: str, body: bytes) -> bytes:
    """The samples of an MP3 file as mu-law; raises BadSoundError when the program cannot read it. Takes a moment."""
    return _run(ffmpeg, body, "mp3", ("-ar", str(mulaw.RATE_HZ), "-ac", "1", "-f", "mulaw"))


def write_mp3(ffmpeg: str, wav: bytes) -> bytes:
    """A WAV file as MP3 (32 kbit/s a channel); takes a moment."""
    return _run(ffmpeg, wav, "wav", ("-b:a", f"{32 * read_wav(wav).channels}k", "-f", "mp3"))


def _run(ffmpeg: str, given: bytes, form: str, wishes: Sequence[str]) -> bytes:
    command = [ffmpeg, "-v", "error", "-nostdin", "-f", form, "-i", "pipe:0", *wishes, "pipe:1"]
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=MP3_TIMEOUT_S, check=False)  # noqa: S603 - no text of anybody's is among the arguments
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadSoundError(f"cannot be converted: {error}") from error
    if done.returncode:
        raise BadSoundError(f"cannot be converted: {done.stderr.decode(errors='replace').strip()[:200]}")
    return done.stdout


def mp3_seconds(body: bytes) -> float:
    """How long the frames of an MP3 file last, whatever their bit rates; 0 if there is none."""
    at, seconds = _behind_tags(body), 0.0
    while at + 4 <= len(body):
        size, lasts_s = _mp3_frame(body[at : at + 4])
        if not size:
            at = body.find(b"\xff", at + 1)
            if at < 0:
                break
            continue
        seconds += lasts_s
        at += size
    return seconds


def _behind_tags(body: bytes) -> int:
    """Where an ID3 tag ends, whose size has seven bits a byte."""
    if body[:3] != b"ID3" or len(body) < 10:
        return 0
    a, b, c, d = body[6:10]
    return 10 + (a << 21 | b << 14 | c << 7 | d)


def _mp3_frame(head: bytes) -> tuple[int, float]:
    """A frame's bytes and seconds; none if these four bytes do not begin one of layer III."""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, frequency = head[2] >> 4, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] >> 5 != 7 or version == 1 or layer != 1 or rate in {0, 15} or frequency == 3:
        return 0, 0.0
    is_first = version == 3
    rate_hz, kbit = MP3_RATES_HZ[version][frequency], MP3_KBIT[is_first][rate]
    samples = 1152 if is_first else 576
    return samples // 8 * kbit * 1000 // rate_hz + (head[2] >> 1 & 1), samples / rate_hz
