"""``collect``: let the caller key in or say something, and keep it.

Example::

    collect: Please key in your six digit order number, or say it.
    into: order
    digits: 6
    pattern: "[1-9][0-9]{5}"
    speech: true
    confirm: "I have {{ spell(vars.order) }}. If that is right, press 1 or say yes. To try again, press 2."
    again: The order number, please.
    no_match: That is not an order number.
    retries: 2
    next: order_status
    failed: main

It is read afterwards as ``vars.order``. What is collected is one of

- ``digits``, a length (``6``) or a range (``4-8``); with a range the caller ends with ``finish`` (``#``). ``pattern``
  is a regular expression that all of it must match; ``check: luhn`` wants a right check digit, as cards have. Digits
  stay text: ``0123`` is not ``123``. Without any of the four it is up to 32 digits;
- ``date``, a real day: ``any``, ``past`` or ``future`` (today is both), or ``{since: 2020-01-01, until: today+30d}``.
  It is keyed in as eight digits, in the ``order`` of the caller's language (``mdy`` for American English, ``ymd`` for
  Japanese, ``dmy`` for most) unless you give one, and kept as ``2027-03-01``;
- ``money``, ``any`` or a range (``5-500``, ``0.50-99.99``), with the star as the decimal point and ``#`` at the end;
  kept as a number;
- ``words: any``, whatever the caller says; ``hints`` are phrases to expect.

With ``speech: true`` digits, dates and amounts may be said as well; what the recogniser is less than ``sure`` of (50%)
counts as not right, unless it is read back. With ``confirm`` the caller hears it read back: 1 keeps it, 2 asks again;
with speech so do yes and no. ``again`` is the question as it is asked once more, shorter perhaps. ``barge_in: no``
makes the caller hear the question out.

Silence (``no_input``) and what is not right (``no_match``) are counted apart; after ``retries`` more attempts of either
the call goes on at ``failed``. ``listen`` is how long it waits for a key.

``sensitive: true`` is for card numbers and PINs. The digits are sealed the moment they arrive: they are never logged or
written down, only how many there were and whether they were right. They are read as ``sealed.<name>``, which may stand
in the headers and the body of an ``http`` step and nowhere else, cannot be read back or said, and are forgotten when
the call ends or falls back after a fault. For a second after them no key counts, so that one too many reaches no other
step. It takes ``IVR_SECRET_KEY`` in the server's settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows import entering, scope, understanding, words
from flows.entering import read_entry
from flows.entries import Asker, Digits
from flows.entries import Words as AnyWords
from flows.events import KeysPressed, NothingHeard, SecretKeyed, WordsSpoken
from flows.instructions import Gather, Pause
from flows.shapes import BARGE_IN, NEXT, NO_INPUT, NO_MATCH, Choice, Flag, Way, Word, listen, prompt, retries, sure
from flows.text import Heard, Prompt, read_barge_in, read_prompt
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from typing import Any

    from flows.entries import Entry
    from flows.events import Event
    from flows.form import Form
    from flows.hidden import Seal
    from flows.source import Node
    from flows.words import Phrases

KEY = "collect"
WAITS = True
LISTEN_S = 5
RETRIES = 2
SURE_PERCENT = 50  # VoiceXML 2.0, confidencelevel: 0.5
VALUE = prompt("The question.")
OPTIONS = {
    "into": Word("The variable that keeps it, read as `vars.<name>`.", needed=True),
    **entering.OPTIONS,
    "finish": Choice("The key that ends the digits.", words=("#", "*")),
    "speech": Flag("May it be said as well?"),
    "hints": words.PHRASES,
    "sure": sure(SURE_PERCENT),
    "sensitive": Flag("For card numbers and PINs: sealed, never logged, read as `sealed.<name>`."),
    "barge_in": BARGE_IN,
    "confirm": prompt("Reads it back; 1 or yes keeps it, 2 or no asks again."),
    "again": prompt("The question when it is asked again, shorter perhaps; else the question."),
    "no_input": NO_INPUT,
    "no_match": NO_MATCH,
    "retries": retries(RETRIES),
    "listen": listen(LISTEN_S),
    "next": NEXT,
    "failed": Way("The step to go on at after too many attempts."),
}
YES, NO = "1", "2"
# A caller who keys in one digit too many, or the pound key after the last, would answer the next question with it, and
# what answers that is written down.
SWALLOW = Pause(1, barge_in=False)
UNSEALED = "unsealed"  # the digits were right, and there was no key to seal them with


@dataclass(frozen=True, slots=True)
class Collect(Step):
    """``entry`` goes into the variable ``into``, or into the sealed value of that name."""

    question: Prompt
    again: Prompt | None
    into: str
    entry: Entry
    finish: str
    speech: bool
    hints: Phrases
    sure: float
    sensitive: bool
    confirm: Prompt | None
    no_input: Prompt | None
    no_match: Prompt | None
    retries: int
    listen_s: int

    def enter(self, walk: Walk) -> Outcome:
        return Wait(self._ask(walk, walk.hear(self.question)))

    def resume(self, walk: Walk, event: Event) -> Outcome:
        event = self.conceal(event, _never)
        if isinstance(event, SecretKeyed):
            return self._take_sealed(walk, event)
        if walk.memory.get("confirming"):
            return self._confirmed(walk, event)
        if isinstance(event, KeysPressed) and event.digits:
            return self._take(walk, self.entry.keyed(event.digits, _asker(walk)))
        if isinstance(event, WordsSpoken) and event.words:
            return self._take(walk, self._heard(event, _asker(walk)))
        if isinstance(event, (NothingHeard, KeysPressed, WordsSpoken)):
            return self._again(walk, "no_input")
        return Wait(self._ask(walk, walk.hear(self.question)), walk.memory)

    def conceal(self, event: Event, seal: Seal) -> Event:
        """Sensitive keys leave only their length, what was wrong with them, and their ciphertext."""
        if not self.sensitive or not isinstance(event, (KeysPressed, WordsSpoken)):
            return event
        assert isinstance(self.entry, Digits), "only digits are sensitive"  # noqa: S101 - a bug of ours
        if isinstance(event, WordsSpoken):  # it did not listen for any
            return SecretKeyed(0, "words")
        wrong = self.entry.wrong(event.digits)
        if wrong:
            return SecretKeyed(len(event.digits), wrong)
        sealed = seal(event.digits, self.into)
        return SecretKeyed(len(event.digits), "" if sealed else UNSEALED, sealed)

    def _heard(self, event: WordsSpoken, asker: Asker) -> Any:
        """The value of what was said; none when it was not to be said, or is too uncertain to go unconfirmed."""
        # Recognisers that do not tell how sure they are say 0.
        is_sure = not event.confidence or event.confidence >= self.sure or self.confirm is not None
        return self.entry.said(event.words, asker) if self.speech and is_sure else None

    def _take_sealed(self, walk: Walk, event: SecretKeyed) -> Outcome:
        """Keep it, or ask again; keys pressed after the last one that was asked for reach no other step."""
        outcome = self._judged(walk, event)
        if isinstance(outcome, Leave):
            walk.said.append(SWALLOW)
        return outcome

    def _judged(self, walk: Walk, event: SecretKeyed) -> Outcome:
        if event.wrong == UNSEALED:
            walk.notice("not-sealed", f"sealed.{self.into} was not kept: the server has no key to seal it with")
            return Leave("failed")
        if event.wrong:
            return self._again(walk, "no_match" if event.length else "no_input")
        walk.seal(self.into, event.sealed)
        return Leave("next")

    def _take(self, walk: Walk, value: Any) -> Outcome:
        if value is None:
            return self._again(walk, "no_match")
        walk.set(self.into, value)
        return Leave("next") if self.confirm is None else self._read_back(walk)

    def _read_back(self, walk: Walk) -> Outcome:
        assert self.confirm is not None, "only a step with confirm reads back"  # noqa: S101 - a bug of ours
        gather = Gather(
            prompts=walk.hear(self.confirm),
            language=walk.language,
            timeout_s=self.listen_s,
            speech=self.speech,
            num_digits=1,
            finish_on_key="",
        )
        return Wait(gather, {**walk.memory, "confirming": True})

    def _confirmed(self, walk: Walk, event: Event) -> Outcome:
        """Yes keeps it, no forgets it and asks again; anything else reads it back again, and is counted."""
        answer = self._yes_no(event, walk.language)
        if answer is True:
            return Leave("next")
        if answer is False:
            walk.memory = {**walk.memory, "confirming": False}
            walk.set(self.into, None)
            return self._again(walk, "refused", sorry=())
        if not isinstance(event, (NothingHeard, KeysPressed, WordsSpoken)):
            return self._read_back(walk)
        count = walk.memory.get("unconfirmed", 0) + 1
        if count > self.retries:
            walk.set(self.into, None)
            return Leave("failed")
        walk.memory = {**walk.memory, "unconfirmed": count}
        return self._read_back(walk)

    def _yes_no(self, event: Event, language: str) -> bool | None:
        if isinstance(event, KeysPressed):
            return {YES: True, NO: False}.get(event.digits)
        if isinstance(event, WordsSpoken) and self.speech:
            return understanding.yes_no(event.words, language)
        return None

    def _again(self, walk: Walk, why: str, sorry: tuple[Heard, ...] | None = None) -> Outcome:
        """Say what went wrong and ask again, until it has happened too often."""
        count = walk.memory.get(why, 0) + 1
        if count > self.retries:
            return Leave("failed")
        if sorry is None:
            own = self.no_input if why == "no_input" else self.no_match
            built_in = "no_input" if why == "no_input" else "not_valid"
            sorry = (walk.sentence(built_in),) if own is None else walk.hear(own)
        shorter = () if self.again is None else walk.hear(self.again)
        return Wait(self._ask(walk, sorry + (shorter or walk.hear(self.question))), {**walk.memory, why: count})

    def _ask(self, walk: Walk, prompts: tuple[Heard, ...]) -> Gather:
        return Gather(
            prompts=prompts,
            language=walk.language,
            timeout_s=self.listen_s,
            keys=not isinstance(self.entry, AnyWords),
            speech=self.speech,
            num_digits=self.entry.num_digits,
            finish_on_key=self.finish,
            hints=self.hints.get(walk.language, ()),
        )


def _never(_value: str, _name: str) -> str:
    """Whoever lets a sensitive step see digits as they are has nothing to seal them with."""
    return ""


def _asker(walk: Walk) -> Asker:
    return Asker(walk.language, scope.local(walk.now, walk.program.center).date())


def read(form: Form, thing: Node) -> Collect:
    """A ``collect`` step."""
    question = read_prompt(form.reading, thing, barge_in=read_barge_in(form))
    entry = read_entry(form)
    sensitive = form.flag("sensitive")
    into, node = form.word("into", "the name of a variable"), form.value("into")
    if node is not None and into and sensitive:
        form.reading.seals(node, into)
    elif node is not None and into:
        form.reading.sets(node, into, is_text=form.value("money") is None)
    _refuse_to_tell(form, sensitive=sensitive)
    form.exit("next")
    form.exit("failed", on_silence=True)
    return Collect(
        question=question,
        again=form.prompt("again"),
        into=into,
        entry=entry,
        finish=form.choice("finish"),
        speech=form.flag("speech") or isinstance(entry, AnyWords),
        hints=words.read_phrases(form.reading, form.value("hints")),
        sure=form.percent("sure") / 100,
        sensitive=sensitive and isinstance(entry, Digits),
        confirm=form.prompt("confirm"),
        no_input=form.prompt("no_input"),
        no_match=form.prompt("no_match"),
        retries=form.whole("retries"),
        listen_s=form.duration("listen"),
    )


def _refuse_to_tell(form: Form, *, sensitive: bool) -> None:
    """What is sensitive is neither said aloud nor read back."""
    for name, why in (("confirm", "cannot be read back"), ("speech", "is never said aloud")):
        node = form.value(name)
        if sensitive and node is not None:
            form.reading.problem(node, f'what is sensitive {why}; leave "{name}:" out', "bad-value")
