"""Real-time transcriptions: what each side of a call says, posted while the call goes on.

A sentence is told when it is over; of one that is cut short (a prompt by a key, anything by the end) only the words
that were spoken. With partial results half of a sentence is told half-way through. Speech that takes no time is told at
once. A failure of the recogniser is ordered with ``faults.fail_transcription``.
Source: twilio.com/docs/voice/twiml/transcription; twilio.com/docs/voice/api/realtime-transcription-resource.
"""

from __future__ import annotations

import json
import math
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ivr.simulator.delivery import Request
from ivr.simulator.heard import CHARACTERS_PER_SECOND, Words
from ivr.simulator.records import Callback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.heard import Heard, Input
    from ivr.simulator.parameters import Parameters

INBOUND, OUTBOUND, BOTH = "inbound_track", "outbound_track", "both_tracks"
TRACKS = (INBOUND, OUTBOUND, BOTH)
ENGINES = ("google", "deepgram")
LANGUAGE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?|cmn-[A-Za-z]+-[A-Z]{2}|multi"
SPEECH_MODEL = r"[a-z0-9_-]{1,64}"
INTERRUPTING = frozenset({"say", "play", "pause", "listening", "connected"})
"""What is heard only when a prompt before it is over or has been cut short."""

SYNTHETIC_CONFIDENCE, VOICE_CONFIDENCE = 0.99, 0.9
PARTIAL_STABILITY = 0.5
FAILED = (32650, "The transcription engine failed (as ordered)")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to transcribe, as ``<Transcription>`` and REST ask for it; ``provider`` is only repeated when it starts."""

    name: str = ""
    track: str = BOTH
    callback: Callback = field(default_factory=Callback)
    inbound_label: str = ""
    outbound_label: str = ""
    has_partials: bool = False
    language: str = "en-US"
    engine: str = "google"
    provider: Parameters = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something being said on a track; ``seconds`` is how long it takes if nothing cuts it short."""

    track: str
    words: tuple[str, ...]
    began_ms: int
    seconds: float
    confidence: float
    is_prompt: bool = False

    def said_by(self, now_ms: int) -> str:
        """The words that have begun to be spoken."""
        if now_ms >= self.began_ms + self.seconds * 1000:
            return " ".join(self.words)
        share = (now_ms - self.began_ms) / (self.seconds * 1000)
        return " ".join(self.words[: math.ceil(share * len(self.words))])


class Transcription:
    """One transcription of a call under way: ``in-progress`` until it is stopped or the call ends.

    ``said`` is each sentence that is over, with its track.
    """

    def __init__(self, call: Call, wishes: Wishes) -> None:
        self.sid = f"GT{uuid.uuid4().hex}"
        self.call = call
        self.wishes = wishes
        self.status = "in-progress"
        self.updated_ms = call.network.time.now_ms()
        self.said: list[tuple[str, str]] = []
        self._open: list[Sentence] = []
        self._sequence = 0

    @property
    def is_running(self) -> bool:
        return self.status == "in-progress"

    def start(self) -> None:
        """Tell that it has started; from now on the call lets it hear."""
        wishes = self.wishes
        self._tell(
            "transcription-started",
            ("ProviderConfiguration", json.dumps(dict(wishes.provider))),
            ("TranscriptionEngine", wishes.engine),
            ("Name", wishes.name),
            ("Track", wishes.track),
            ("InboundTrackLabel", wishes.inbound_label),
            ("OutboundTrackLabel", wishes.outbound_label),
            ("PartialResults", "true" if wishes.has_partials else "false"),
            ("LanguageCode", wishes.language),
        )
        if self.call.network.faults.take(wishes.callback.url.partition("#")[0], "transcription failed"):
            code, message = FAILED
            self._tell("transcription-error", ("TranscriptionErrorCode", str(code)), ("TranscriptionError", message))
            self._end()

    def stop(self) -> None:
        """Tell what is still being said, then that it has stopped; a second time changes nothing."""
        if self.is_running:
            for sentence in list(self._open):
                self._close(sentence)
            self._tell("transcription-stopped")
            self._end()

    def _end(self) -> None:
        self.status = "stopped"
        self.updated_ms = self.call.network.time.now_ms()

    # What the call lets it hear.

    def notice_given(self, given: Input) -> None:
        """The far end says something."""
        if isinstance(given, Words):
            self._begin(INBOUND, given.words, self._seconds(given.words), given.confidence)

    def notice_heard(self, heard: Heard) -> None:
        """The far end hears something: a prompt, or somebody it is connected with."""
        if heard.kind in INTERRUPTING:
            for sentence in [one for one in self._open if one.is_prompt]:
                self._close(sentence)
        if heard.kind == "say":
            self._begin(OUTBOUND, heard.text, heard.seconds, SYNTHETIC_CONFIDENCE, is_prompt=True)
        elif heard.kind == "voice":
            self._begin(OUTBOUND, heard.text, heard.seconds or self._seconds(heard.text), VOICE_CONFIDENCE)

    def _seconds(self, words: str) -> float:
        return 0.0 if self.call.is_instant else len(words) / CHARACTERS_PER_SECOND

    def _begin(self, track: str, text: str, seconds: float, confidence: float, *, is_prompt: bool = False) -> None:
        words = tuple(text.split())
        if not self.is_running or self.wishes.track not in {track, BOTH} or not words:
            return
        now_ms = self.call.network.time.now_ms()
        sentence = Sentence(track, words, now_ms, seconds, confidence, is_prompt)
        self._open.append(sentence)
        self.call.network.spawn(self._follow(sentence))

    async def _follow(self, sentence: Sentence) -> None:
        sleep = self.call.network.time.sleep
        if self.wishes.has_partials:
            await sleep(sentence.seconds / 2)
            self._tell_partial(sentence)
            await sleep(sentence.seconds / 2)
        else:
            await sleep(sentence.seconds)
        self._close(sentence)

    def _tell_partial(self, sentence: Sentence) -> None:
        said = sentence.said_by(self.call.network.time.now_ms())
        if sentence in self._open and said:
            stability = ("Stability", str(PARTIAL_STABILITY))
            self._tell_content(sentence.track, {"transcript": said}, ("Final", "false"), stability)

    def _close(self, sentence: Sentence) -> None:
        """It is over, at its end or before; a second time changes nothing."""
        if sentence not in self._open:
            return
        self._open.remove(sentence)
        said = sentence.said_by(self.call.network.time.now_ms())
        if said:
            self.said.append((sentence.track, said))
            data = {"transcript": said, "confidence": sentence.confidence}
            self._tell_content(sentence.track, data, ("Final", "true"))

    def _tell_content(self, track: str, data: Mapping[str, object], *more: tuple[str, str]) -> None:
        self._tell(
            "transcription-content",
            ("LanguageCode", self.wishes.language),
            ("Track", track),
            ("TranscriptionData", json.dumps(data)),
            *more,
        )

    def _tell(self, event: str, *more: tuple[str, str]) -> None:
        """Events are numbered from 1; without a callback nobody is told."""
        self._sequence += 1
        callback, network = self.wishes.callback, self.call.network
        if not callback.url:
            return
        about = (
            ("AccountSid", network.account_sid),
            ("CallSid", self.call.sid),
            ("TranscriptionSid", self.sid),
            ("Timestamp", iso_8601(network.time.now_ms())),
            ("SequenceId", str(self._sequence)),
            ("TranscriptionEvent", event),
            *more,
        )
        network.notify(Request("callback", callback.url, callback.method, about, self.call.sid))


def transcribe(call: Call, wishes: Wishes) -> Transcription:
    """Begin to transcribe ``call``; it stops when the call ends, if not before."""
    transcription = Transcription(call, wishes)
    call.transcriptions.append(transcription)
    transcription.start()
    return transcription


def find_transcription(call: Call, name: str) -> Transcription | None:
    """By sid, or by name the one that runs."""
    found = (one for one in call.transcriptions if one.sid == name or (one.is_running and name == one.wishes.name))
    return next(found, None) if name else None


def iso_8601(at_ms: int) -> str:
    """``2024-06-25T18:45:25.616203Z``."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
