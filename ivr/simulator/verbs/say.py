"""``<Say>``: speak a text.

Source: twilio.com/docs/voice/twiml/say; the limits of length are stated there for each family of voices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ivr.simulator.heard import Heard

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element

MOST_LOOPS = 1000
LONGEST = {"Polly": 3000, "Google": 5000}
LONGEST_BASIC, LONGEST_IN_A_URL = 4096, 4500
VOICE = r"man|woman|alice|Polly\.[A-Z][a-z]+(-Neural|-Generative)?|Google\.[a-z]{2,3}-[A-Z]{2}-[A-Za-z0-9-]+"
LANGUAGE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}|arb|cmn-CN"
INLINE_SSML = frozenset({"break", "emphasis", "lang", "phoneme", "prosody", "say-as", "sub", "w"})
NO_BLOCKS = frozenset({"p", "s"})
SSML = {
    "Say": INLINE_SSML | NO_BLOCKS,
    "prosody": INLINE_SSML | NO_BLOCKS,
    "lang": INLINE_SSML | NO_BLOCKS,
    "p": INLINE_SSML | {"s"},
    "s": INLINE_SSML,
    "emphasis": INLINE_SSML,
    "w": INLINE_SSML - {"lang", "w"},
}
"""Which SSML element may hold which; one that is not a key holds text alone."""


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    voice: str
    language: str
    loops: int

    async def run(self, call: Call) -> None:
        call.answer()
        sound = await call.sound_of(self.text, self.language)
        heard = Heard("say", self.text, language=self.language, voice=self.voice, seconds=sound.seconds)
        for _ in range(self.loops or MOST_LOOPS):
            await call.let_hear(heard, sound)


def read(element: Element) -> Say:
    """Raises DocumentError 13510 loop, 13511 voice, 13512 language, 13520 empty, 13521 too long, 12200 SSML."""
    voice = element.string("voice", "man", fits=VOICE)
    language = element.string("language", "en-US", fits=LANGUAGE)
    loops = element.integer("loop", 1, most=MOST_LOOPS)
    element.only(children=SSML["Say"], text=True)
    if not element.text:
        raise element.error(13520, "has nothing to say")
    _check_length(element, voice.partition(".")[0])
    _check_ssml(element, is_spoken_by_engine="." in voice)
    return Say(element.text, voice, language, loops)


def _check_length(element: Element, family: str) -> None:
    """Google counts tags and blanks, too; the basic voices have a second limit on the text as it stands in a URL."""
    said = element.source if family == "Google" else element.text
    is_too_long = family not in LONGEST and len(quote(said)) > LONGEST_IN_A_URL
    if is_too_long or len(said) > LONGEST.get(family, LONGEST_BASIC):
        raise element.error(13521, f"has {len(said)} characters to say")


def _check_ssml(element: Element, *, is_spoken_by_engine: bool) -> None:
    waiting = [(element.name, child) for child in element.children]
    if waiting and not is_spoken_by_engine:
        raise element.error(13511, "holds SSML, which only the Polly and Google voices speak")
    while waiting:
        outer, inner = waiting.pop()
        if inner.name not in SSML.get(outer, ()):
            raise element.error(12200, f"holds <{inner.name}> inside <{outer}>")
        waiting += [(inner.name, child) for child in inner.children]
