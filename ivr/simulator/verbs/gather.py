"""``<Gather>``: play prompts, collect keys or speech, and hand them to ``action``.

The order: prompts play, the first key or word that counts stops them, the timeout runs from their end or from the last
key, then the result is digits, speech or nothing. Nothing goes on to the next verb unless ``actionOnEmptyResult``.
The finishing key pressed first counts as nothing. The kind that comes first (keys or speech) decides; the other is then
not heard. Source: twilio.com/docs/voice/twiml/gather.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ivr.simulator.delivery import Request
from ivr.simulator.heard import Heard, Keys, Silence, Words
from ivr.simulator.steps import Goto
from ivr.simulator.verbs import pause, play, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element
    from ivr.simulator.heard import Input
    from ivr.simulator.steps import Verb

PROMPTS: Mapping[str, Callable[[Element], Verb]] = {"Say": say.read, "Play": play.read, "Pause": pause.read}
INPUTS = ("dtmf", "speech", "dtmf speech", "speech dtmf")
SPEECH_MODELS = (
    r"default|numbers_and_commands|phone_call|experimental_(conversations|utterances)"
    r"|googlev2_(long|short|telephony|telephony_short)|deepgram_nova-[23](-[a-z]+)?"
)
LANGUAGE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?|cmn-[A-Za-z]+-[A-Z]{2}"
AUTO_SPEECH_TIMEOUT_S = 1.0
"""What ``speechTimeout="auto"`` is taken for: about the pause after which a recogniser thinks a sentence over."""

LONGEST_SPEECH_S = 60.0
MOST_HINTS = 500
LONGEST_HINT = 100
Result = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Gather:
    """``finish_on_key`` may be empty; ``num_digits`` 0 is unlimited; an empty ``action`` cannot happen."""

    hears_keys: bool
    hears_speech: bool
    action: str
    method: str
    timeout_s: int
    speech_timeout_s: float
    finish_on_key: str
    num_digits: int
    language: str
    partials: str
    partials_method: str
    acts_on_nothing: bool
    barge_in: bool
    prompts: tuple[Verb, ...]

    async def run(self, call: Call) -> Goto | None:
        call.answer()
        with call.ask() as ear:
            first = await self._prompt(call, ear)
            if first is None:
                call.hear(Heard("listening", self._kinds(), language=self.language, question=call.questions))
                first = await self._next(call, ear, self.timeout_s)
            result = await self._collect(call, ear, first)
        if not result and not self.acts_on_nothing:
            return None
        return Goto(self.action, self.method, result or self._nothing())

    async def _prompt(self, call: Call, ear: asyncio.Queue[Input]) -> Input | None:
        """Play the prompts; what interrupted them, or None when they came to their end."""
        prompts = asyncio.create_task(self._play(call))
        barge_in = asyncio.create_task(self._next(call, ear, None)) if self.barge_in else None
        try:
            await asyncio.wait({prompts, barge_in} if barge_in else {prompts}, return_when=asyncio.FIRST_COMPLETED)
            if barge_in and barge_in.done():
                return barge_in.result()
            await prompts
        finally:
            prompts.cancel()
            if barge_in:
                barge_in.cancel()
        return None

    async def _play(self, call: Call) -> None:
        for prompt in self.prompts:
            await prompt.run(call)

    async def _next(self, call: Call, ear: asyncio.Queue[Input], timeout_s: float | None) -> Input | None:
        """The next input that counts (one key at a time), or None when ``timeout_s`` passed without."""
        while True:
            heard = await call.within(timeout_s, ear.get())
            if heard is None or (isinstance(heard, Silence) and timeout_s is not None):
                return None
            if (self.hears_keys and isinstance(heard, Keys)) or (self.hears_speech and isinstance(heard, Words)):
                return heard

    async def _collect(self, call: Call, ear: asyncio.Queue[Input], first: Input | None) -> Result:
        if isinstance(first, Keys):
            return await self._digits(call, ear, first)
        if isinstance(first, Words):
            return await self._speech(call, ear, first)
        return ()

    async def _digits(self, call: Call, ear: asyncio.Queue[Input], first: Keys) -> Result:
        digits, key = "", first.keys
        while True:
            if key == self.finish_on_key:
                return _digits_result(digits, key) if digits else ()
            digits += key
            if len(digits) == self.num_digits:
                return _digits_result(digits, "")
            heard = await self._next(call, ear, self.timeout_s)
            while isinstance(heard, Words):
                heard = await self._next(call, ear, self.timeout_s)
            if not isinstance(heard, Keys):
                return _digits_result(digits, "")
            key = heard.keys

    async def _speech(self, call: Call, ear: asyncio.Queue[Input], first: Words) -> Result:
        """Words said one after the other are one result; a silence of ``speech_timeout_s`` ends it, or a minute."""
        said, until_ms = [first], call.network.time.now_ms() + LONGEST_SPEECH_S * 1000
        while True:
            self._report_partial(call, said)
            left_s = (until_ms - call.network.time.now_ms()) / 1000
            if said[-1].seconds >= left_s:
                await call.speak_for(left_s)
                said[-1] = _begun(said[-1], left_s)
                break
            wait_s = 0.0 if call.is_instant else min(said[-1].seconds + self.speech_timeout_s, left_s)
            heard: Input | None = said[-1]
            while heard is not None and (heard is said[-1] or isinstance(heard, Keys)):
                heard = await self._next(call, ear, wait_s)
            if not isinstance(heard, Words):
                break
            said.append(heard)
        confidence = min(words.confidence for words in said)
        text = " ".join(words.words for words in said if words.words)
        return (("SpeechResult", text), ("Confidence", str(confidence)))

    def _report_partial(self, call: Call, said: list[Words]) -> None:
        if self.partials:
            parameters = (
                ("UnstableSpeechResult", " ".join(words.words for words in said)),
                ("StableSpeechResult", ""),
                ("Stability", "0.8"),
                ("SequenceNumber", str(len(said) - 1)),
            )
            request = Request("callback", self.partials, self.partials_method, call.parameters(parameters), call.sid)
            call.notify(request)

    def _kinds(self) -> str:
        return " ".join(kind for kind, on in (("dtmf", self.hears_keys), ("speech", self.hears_speech)) if on)

    def _nothing(self) -> Result:
        digits = (("Digits", ""),) if self.hears_keys else ()
        return (*digits, ("SpeechResult", "")) if self.hears_speech else digits


def read(element: Element) -> Gather:
    """Raises DocumentError with the code of the attribute that is wrong."""
    kinds = element.choice("input", "dtmf", INPUTS).split()
    timeout_s = _seconds(element, "timeout", 5, auto_s=5)
    _read_speech_model(element)
    gather = Gather(
        hears_keys="dtmf" in kinds,
        hears_speech="speech" in kinds,
        action=element.url("action") or _same_document(element),
        method=element.method(),
        timeout_s=round(timeout_s),
        speech_timeout_s=_seconds(element, "speechTimeout", timeout_s, auto_s=AUTO_SPEECH_TIMEOUT_S),
        finish_on_key=element.string("finishOnKey", "#", fits=r"[0-9#*]?"),
        num_digits=element.integer("numDigits", 1, least=1) if element.has("numDigits") else 0,
        language=element.string("language", "en-US", fits=LANGUAGE),
        partials=element.url("partialResultCallback"),
        partials_method=element.method("partialResultCallbackMethod"),
        acts_on_nothing=element.flag("actionOnEmptyResult"),
        barge_in=element.flag("bargeIn", default=True),
        prompts=_read_prompts(element),
    )
    _read_unheeded(element)
    element.only(children=PROMPTS)
    return gather


def _read_prompts(element: Element) -> tuple[Verb, ...]:
    for child in element.children:
        if child.name not in PROMPTS:
            raise element.error(13320, f"must not hold <{child.name}>")
    return tuple(PROMPTS[child.name](child) for child in element.children)


def _read_speech_model(element: Element) -> None:
    """13335: ``auto`` cannot be combined with a chosen model."""
    element.string("speechModel", "default", fits=SPEECH_MODELS)
    if element.has("speechModel") and element.string("speechTimeout") == "auto":
        raise element.error(13335, "with a speechModel needs a speechTimeout in seconds, not auto")


def _read_unheeded(element: Element) -> None:
    """Attributes that are checked and change nothing here: the simulator hears every word."""
    element.flag("enhanced")
    element.flag("profanityFilter", default=True)
    element.flag("debug")
    element.integer("maxSpeechTime", round(LONGEST_SPEECH_S), least=1)
    hints = element.string("hints").split(",")
    if len(hints) > MOST_HINTS or any(len(hint.strip()) > LONGEST_HINT for hint in hints):
        raise element.error(12200, f"has more than {MOST_HINTS} hints, or one longer than {LONGEST_HINT} characters")


def _seconds(element: Element, name: str, default_s: float, *, auto_s: float) -> float:
    text = element.string(name)
    if text == "auto":
        return auto_s
    return element.integer(name, 1, least=1) if element.has(name) else default_s


def _same_document(element: Element) -> str:
    if not element.base:
        raise element.error(11100, "in inline TwiML needs an action")
    return element.base


def _begun(words: Words, seconds: float) -> Words:
    """What has been said of ``words`` after so many seconds."""
    spoken = words.words.split()
    return replace(words, words=" ".join(spoken[: math.ceil(len(spoken) * seconds / words.seconds)]))


def _digits_result(digits: str, finished_on: str) -> Result:
    return (("Digits", digits), ("FinishedOnKey", finished_on))
