"""Tapes: what was heard when, mixed when somebody listens and not before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.simulator.sound import mulaw, tones
from ivr.simulator.sound.reel import Reel
from ivr.simulator.sound.sounds import Looped, Made, Samples, Silence
from ivr.simulator.sound.tape import LONGEST_MS, Tape, Track
from tests.ivr.simulator.sound.listening import hears_tone

LOUD = b"\x00" * 8000
"""One second of the loudest negative sample."""


def unmade() -> bytes:
    raise AssertionError("nobody listens to this")


def test_silence_is_what_nobody_says() -> None:
    """As many samples as were asked for, all 0xFF."""
    assert Track().read(5, 25) == b"\xff" * 160


def test_a_clip_is_heard_at_its_time() -> None:
    """To the millisecond, whatever window is looked through."""
    track = Track()
    track.lay(Samples(LOUD), 1000)

    whole = track.read(0, 3000)
    assert whole == mulaw.silence(1000) + LOUD + mulaw.silence(1000)
    assert b"".join(track.read(at, at + 20) for at in range(0, 3000, 20)) == whole


def test_what_overlaps_is_mixed() -> None:
    """Both are heard."""
    track = Track()
    for hz in (600, 1500):
        track.lay(tones.tone((hz,), 1.0), 0)

    assert all(hears_tone(track.read(0, 1000), hz) for hz in (600, 1500))


def test_a_cut_clip_is_silent_behind_the_cut() -> None:
    """A later cut changes nothing, nor does one before its beginning leave anything."""
    track = Track()
    clip = track.lay(Samples(LOUD), 0)
    clip.cut(300)
    clip.cut(700)
    track.lay(Samples(LOUD), 2000).cut(1500)

    assert track.read(0, 3000) == LOUD[:2400] + mulaw.silence(2700)


def test_whoever_is_overheard_is_heard_in_time_and_for_a_time() -> None:
    """Only from when somebody listens until nobody does."""
    speaker, listener = Tape(), Tape()
    speaker.inbound.lay(Samples(LOUD), 0)
    ear = listener.outbound.overhear(speaker.inbound, 200)
    ear.cut(600)

    assert listener.read("outbound", 0, 1000) == mulaw.silence(200) + LOUD[: 400 * 8] + mulaw.silence(400)


def test_nothing_is_made_before_somebody_listens() -> None:
    """Laying, cutting, closing and asking for the edges of what is solid cost no samples."""
    tape = Tape()
    tape.inbound.lay(Made(2.0, unmade), 0)
    tape.outbound.lay(Looped(Made(2.0, unmade)), 0).cut(500)

    assert tape.inbound.sounding(0, 5000) == (0, 2000)
    assert tape.outbound.sounding(100, 5000) == (100, 500)
    tape.close(1000)
    assert tape.inbound.sounding(0, 5000) == (0, 1000)


def test_music_goes_on_and_on() -> None:
    """A window over its end holds its beginning."""
    loop = Looped(Samples(LOUD + mulaw.silence(1000)))
    track = Track()
    track.lay(loop, 0)

    assert track.read(3500, 4500) == mulaw.silence(500) + LOUD[:4000]


@given(
    st.lists(st.tuples(st.integers(0, 40_000), st.integers(1, 15_000)), max_size=5),
    st.integers(0, 30_000),
    st.integers(1, 3 * LONGEST_MS),
)
def test_a_window_is_always_as_long_as_it_is(clips: list[tuple[int, int]], begin_ms: int, lasts_ms: int) -> None:
    """And silent exactly where no clip is."""
    track = Track()
    for at_ms, length_ms in clips:
        track.lay(Samples(b"\x00" * (8 * length_ms)), at_ms)
    samples = track.read(begin_ms, begin_ms + lasts_ms)

    covered = [any(at <= ms < at + long for at, long in clips) for ms in range(begin_ms, begin_ms + lasts_ms, 997)]
    assert len(samples) == 8 * lasts_ms
    assert [samples[8 * ms : 8 * ms + 8] == b"\x00" * 8 for ms in range(0, lasts_ms, 997)] == covered


@pytest.mark.parametrize(
    ("turns", "trims", "lasts_ms"),
    [
        ([], False, 10_000),
        ([], True, 1000),
        ([("silent", 4500), ("on", 6000)], False, 10_000),
        ([("silent", 4500), ("on", 6000)], True, 500),
        ([("off", 2000), ("on", 4500)], False, 7500),
        ([("off", 2000), ("on", 4500)], True, 500),
        ([("off", 2000), ("off", 2500), ("on", 4500)], False, 7500),
        ([("silent", 3000), ("on", 6000)], True, 10_000),
    ],
)
def test_a_reel_is_as_long_as_what_is_kept(turns: list[tuple[str, int]], trims: bool, lasts_ms: int) -> None:
    """Something is said from second 4 to 5; a reel on which nothing is heard is not trimmed."""
    track = Track()
    track.lay(Samples(LOUD), 4000)
    reel = Reel(track, None, 0)
    for mode, at_ms in turns:
        reel.turn(mode, at_ms)
    reel.turn("off", 10_000)
    if trims:
        reel.trim()

    assert reel.lasts_ms == lasts_ms
    assert [len(samples) for samples in reel.read(2)] == [8 * lasts_ms] * 2
    assert [len(samples) for samples in reel.read(1)] == [8 * lasts_ms]
    assert mulaw.is_silent(reel.read(2)[1])


@pytest.mark.parametrize("keys", ["0", "159", "*#", "AD", "1w2W3"])
def test_keys_sound_as_on_a_telephone(keys: str) -> None:
    """Each as one low and one high tone, and a pause as nothing."""
    sound = tones.keypad(keys)
    at_ms = 0
    for key in keys:
        long_ms = round(tones.key_seconds(key) * 1000)
        samples = sound.read(at_ms, at_ms + min(long_ms, 120))
        heard = [hz for hz in (*tones.ROWS_HZ, *tones.COLUMNS_HZ) if hears_tone(samples, hz)]
        assert heard == list(tones.KEYS_HZ.get(key, ()))
        at_ms += long_ms

    assert sound.seconds == pytest.approx(at_ms / 1000)


def test_silence_is_never_heard() -> None:
    """It has a length all the same."""
    assert (Silence(2.0).sounding(0, 2000), Silence(2.0).seconds) == (None, 2.0)
