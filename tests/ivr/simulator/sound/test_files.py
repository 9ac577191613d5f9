"""Sound files: whatever a WAV holds becomes telephone sound, and MP3 does where ffmpeg is."""

from __future__ import annotations

import struct

import pytest

from ivr.simulator.sound import mulaw, tones
from ivr.simulator.sound.files import (
    BadSoundError,
    find_ffmpeg,
    mp3_seconds,
    read_mp3,
    read_wav,
    write_mp3,
    write_wav,
)
from tests.ivr.simulator.sound.listening import channels_of, hears_tone, tone_wav

TONE_HZ = 1000
LINEAR, ALAW, MULAW, ADPCM = 1, 6, 7, 2


def wav(encoding: int, bits: int, data: bytes, *, rate_hz: int = 8000, channels: int = 1, claims: int = 0) -> bytes:
    """A WAV file of exactly this; ``claims`` more bytes than it has."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", encoding, channels, rate_hz, rate_hz * frame, frame, bits)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data) + claims) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def linear(samples: bytes, bits: int) -> bytes:
    """Mu-law as linear samples of so many bits; 8 of them have no sign."""
    values = struct.unpack(f"<{len(samples)}h", mulaw.decode(samples))
    if bits == 8:
        return bytes((value >> 8) + 128 for value in values)
    return b"".join(struct.pack("<i", value << 16)[4 - bits // 8 :] for value in values)


SOUND = tones.sine((TONE_HZ,), 8000, 16_000)


@pytest.mark.parametrize(
    "file",
    [
        *(pytest.param(wav(LINEAR, bits, linear(SOUND, bits)), id=f"{bits} bits") for bits in (8, 16, 24, 32)),
        pytest.param(wav(MULAW, 8, SOUND), id="mu-law"),
        pytest.param(wav(MULAW, 8, SOUND, claims=999), id="claims more than it has"),
        pytest.param(tone_wav(TONE_HZ, 1, rate_hz=44_100), id="44100 Hz"),
        pytest.param(tone_wav(TONE_HZ, 1, rate_hz=16_000, channels=2), id="stereo"),
        pytest.param(tone_wav(TONE_HZ, 1, channels=6), id="six channels"),
    ],
)
def test_a_wav_becomes_telephone_sound(file: bytes) -> None:
    """Of any rate, width and number of channels: as long, and as high, as it was."""
    read = read_wav(file)
    samples = read.decode()

    assert read.seconds == pytest.approx(1.0)
    assert len(samples) == pytest.approx(8000, abs=2)
    assert hears_tone(samples, TONE_HZ)
    assert not hears_tone(samples, 2 * TONE_HZ)


def test_alaw_is_understood() -> None:
    """Its loudest sample and its quietest."""
    samples = read_wav(wav(ALAW, 8, bytes([0x2A, 0xAA, 0xD5, 0x55]))).decode()

    assert [abs(value) > 30_000 for value in struct.unpack("<4h", mulaw.decode(samples))] == [True, True, False, False]


@pytest.mark.parametrize(
    "body",
    [b"", b"ID3", b"RIFF    WAVE", wav(LINEAR, 16, b"")[:30], b"RIFF    AVI fmt ", wav(LINEAR, 0, b"")],
)
def test_what_is_no_wav_is_refused(body: bytes) -> None:
    """Cut off, empty, or something else."""
    with pytest.raises(BadSoundError, match="WAV"):
        read_wav(body)


def test_an_unknown_encoding_has_a_length_but_no_sound() -> None:
    """It can be waited for, not decoded."""
    file = read_wav(wav(ADPCM, 8, bytes(4000)))

    assert (file.seconds, file.is_known) == (0.5, False)
    with pytest.raises(BadSoundError, match="encoding 2"):
        file.decode()


def test_what_is_written_is_read_again() -> None:
    """Sample by sample, on its own channel."""
    other = tones.sine((2000,), 8000)

    assert read_wav(write_wav([SOUND])).decode() == SOUND
    assert channels_of(write_wav([SOUND, other])) == [SOUND, other]


def test_frames_of_an_mp3_are_counted() -> None:
    """Whatever stands before, between and behind them; nonsense has none."""
    frame = b"\xff\xfb\x10\xc4" + bytes(100)  # MPEG 1, layer III, 32 kbit/s, 44100 Hz: 104 bytes, 1152 samples
    tag = b"ID3\x03\x00\x00\x00\x00\x00\x0a" + b"\xff\xfb\x10\xc4" + bytes(6)

    assert mp3_seconds(tag + frame * 3 + b"??" + frame * 2) == pytest.approx(5 * 1152 / 44_100)
    assert mp3_seconds(bytes(1000)) == 0
    assert mp3_seconds(b"") == 0


FFMPEG = find_ffmpeg()


@pytest.mark.skipif(FFMPEG is None, reason="needs the program ffmpeg")
def test_mp3_there_and_back() -> None:
    """Its length is known from its frames; nonsense is refused."""
    assert FFMPEG is not None
    mp3 = write_mp3(FFMPEG, write_wav([SOUND]))
    samples = read_mp3(FFMPEG, mp3)

    assert mp3_seconds(mp3) == pytest.approx(1.0, abs=0.2)
    assert hears_tone(samples, TONE_HZ)
    with pytest.raises(BadSoundError, match="converted"):
        read_mp3(FFMPEG, b"nonsense")
