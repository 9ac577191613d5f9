"""Audio an application lets the network play: its length at once, its samples when somebody listens."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from ivr.simulator import Misuse
from ivr.simulator.audio import Library
from ivr.simulator.delivery import Answer
from ivr.simulator.problems import DocumentError
from ivr.simulator.sound import mulaw, tones
from ivr.simulator.sound.files import find_ffmpeg, write_mp3
from tests.ivr.simulator.conftest import NUMBER
from tests.ivr.simulator.sound.listening import hears_tone, tone_wav

if TYPE_CHECKING:
    from tests.ivr.simulator.conftest import Application
    from tests.support.telephone import Caller

FFMPEG = find_ffmpeg()


def answer(body: bytes, content_type: str) -> Answer:
    return Answer("http://127.0.0.1/prompt", 200, content_type, body)


@pytest.mark.parametrize(
    ("body", "content_type", "seconds"),
    [
        (tone_wav(1000, 2), "audio/wav", 2),
        (tones.sine((1000,), 16_000), "audio/ulaw", 2),
        (bytes(1650 * 2), "audio/gsm", 2),
        (bytes(16_000 * 2), "audio/aiff", 2),
        (bytes(4000 * 2), "audio/mpeg", 2),
    ],
)
def test_audio_of_every_kind_has_its_length_and_is_heard(body: bytes, content_type: str, seconds: float) -> None:
    """What cannot be decoded is music as long as the audio would be."""
    sound = Library().read(answer(body, content_type))
    samples = sound.read(0, round(seconds * 1000))

    assert sound.seconds == seconds
    assert len(samples) == seconds * mulaw.RATE_HZ
    assert hears_tone(samples, 1000) == (content_type in {"audio/wav", "audio/ulaw"})
    assert not mulaw.is_silent(samples)


@pytest.mark.parametrize(("body", "content_type"), [(b"", "audio/wav"), (b"x", "audio/ogg"), (b"x", "")])
def test_what_is_no_audio_is_refused(body: bytes, content_type: str) -> None:
    """13420, with its address."""
    with pytest.raises(DocumentError) as refused:
        Library().read(answer(body, content_type))

    assert (refused.value.code, refused.value.url) == (13420, "http://127.0.0.1/prompt")


def test_the_same_audio_is_kept_once_and_not_for_ever() -> None:
    """However often it is fetched; what no tape holds is forgotten."""
    library = Library()
    first = library.read(answer(tone_wav(1000, 1), "audio/wav"))
    again = library.read(answer(tone_wav(1000, 1), "audio/wav"))
    is_one = first is again
    del first, again
    gc.collect()

    assert is_one
    assert len(library) == 0


@pytest.mark.skipif(FFMPEG is None, reason="needs the program ffmpeg")
def test_mp3_is_decoded_where_ffmpeg_is() -> None:
    """It is as long with it as without it."""
    mp3 = write_mp3(str(FFMPEG), tone_wav(1000, 2))
    with_it, without = (Library(program).read(answer(mp3, "audio/mpeg")) for program in (FFMPEG, None))

    assert with_it.seconds == without.seconds == pytest.approx(2, abs=0.2)
    assert [hears_tone(sound.read(0, 2000), 1000) for sound in (with_it, without)] == [True, False]


async def test_a_telephone_speaks_no_nonsense(application: Application, caller: Caller) -> None:
    """What is no WAV file is refused, and nothing is said."""
    application["/voice"] = "<Say>Hello</Say><Gather/>"
    await caller.dials(NUMBER)

    with pytest.raises(Misuse, match="WAV"):
        await caller.telephone.play(b"nonsense")
    with pytest.raises(Misuse, match="WAV"):
        await caller.telephone.speak("hello", sound=b"nonsense")

    assert caller.telephone.call is not None
    assert caller.telephone.call.tape.inbound.clips == []
