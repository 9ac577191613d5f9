"""Audio that an application lets the network play: how long it lasts, and what it sounds like.

The length is exact for WAV, MP3 and mu-law, and follows from the usual bit rate for the other kinds. Samples are
decoded only when somebody listens; what cannot be decoded here (MP3 without ffmpeg, GSM, AIFF) is music of the right
length.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from ivr.simulator.problems import DocumentError
from ivr.simulator.sound import tones
from ivr.simulator.sound.files import BadSoundError, Wav, mp3_seconds, read_mp3, read_wav
from ivr.simulator.sound.mulaw import RATE_HZ
from ivr.simulator.sound.sounds import Made, Samples

if TYPE_CHECKING:
    from ivr.simulator.delivery import Answer
    from ivr.simulator.sound.sounds import Sound

BYTES_PER_SECOND = {
    "audio/mpeg": 4000,
    "audio/aiff": 16_000,
    "audio/x-aifc": 16_000,
    "audio/x-aiff": 16_000,
    "audio/x-gsm": 1650,
    "audio/gsm": 1650,
    "audio/ulaw": RATE_HZ,
}
"""For telephone audio: 8 kHz, mono; mp3 at 32 kbit/s."""

WAV = frozenset({"audio/wav", "audio/wave", "audio/x-wav"})
MP3 = "audio/mpeg"


class Library:
    """What was fetched, kept once however many calls play it, as long as a tape holds it.

    ``ffmpeg`` is the program that decodes MP3; None when it is not to be used.
    """

    def __init__(self, ffmpeg: str | None = None) -> None:
        self.ffmpeg = ffmpeg
        self._sounds: WeakValueDictionary[tuple[str, bytes], Made | Samples] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._sounds)

    def read(self, answer: Answer) -> Sound:
        """The audio in ``answer``; raises DocumentError 13420 when it is none that Twilio plays."""
        key = (answer.content_type, answer.body)
        sound = self._sounds.get(key)
        if sound is None:
            sound = self._sounds[key] = self._make(answer)
        return sound

    async def prepare(self, sound: Sound) -> None:
        """Decode ``sound`` now, beside the event loop, for somebody who listens: a program takes its time for that."""
        if isinstance(sound, Made) and not sound.is_solid:
            await asyncio.to_thread(sound.read, 0, 0)

    def _make(self, answer: Answer) -> Made | Samples:
        kind, body = answer.content_type, answer.body
        if kind in WAV:
            wav = _wav(answer)
            return Made(wav.seconds, lambda: _decoded(wav), is_solid=False)
        if kind not in BYTES_PER_SECOND:
            raise DocumentError(13420, answer.url, f"cannot play {kind or 'audio without Content-Type'}")
        if kind == "audio/ulaw":
            return Samples(body)
        seconds = (kind == MP3 and mp3_seconds(body)) or len(body) / BYTES_PER_SECOND[kind]
        return Made(seconds, lambda: self._decoded(kind, body, seconds), is_solid=False)

    def _decoded(self, kind: str, body: bytes, seconds: float) -> bytes:
        if kind == MP3 and self.ffmpeg:
            try:
                return read_mp3(self.ffmpeg, body)
            except BadSoundError:
                pass
        return _music(seconds)


def _wav(answer: Answer) -> Wav:
    try:
        return read_wav(answer.body)
    except BadSoundError as error:
        raise DocumentError(13420, answer.url, str(error)) from error


def _decoded(wav: Wav) -> bytes:
    return wav.decode() if wav.is_known else _music(wav.seconds)


def _music(seconds: float) -> bytes:
    return tones.MUSIC.read(0, round(seconds * 1000))
