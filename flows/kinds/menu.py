"""``menu``: let the caller choose, by key or by word.

Example::

    menu: For billing, press 1 or say billing. For technical help, press 2. To hear this again, press star.
    options:
      1: {phrases: [billing, invoice, my bill], next: billing}
      2: {phrases: [technical help, not working], next: technical}
      0: operator
    again: Billing is 1, technical help 2.
    repeat: "*"
    no_input: Sorry, I did not hear anything.
    no_match: Sorry, that is not one of the choices.
    sure: 50%
    retries: 2
    listen: 5s
    barge_in: yes
    failed: operator

An option leads to a step, or is a map with ``next`` and ``phrases`` (a list, or a map of languages to lists). The menu
listens for words only when an option has phrases; then an option's key may be said too (``one``, ``number two``).
``again`` is the question as it is asked after a mistake or silence, shorter perhaps. ``repeat`` is the key that asks
the whole question again, as saying *repeat* does.

A phrase is understood wherever it stands in what was said. When the recogniser is less than ``sure``, or a word is only
nearly a phrase, the caller is asked *Did you mean billing?* and answers by word, with 1 for yes or 2 for no; when what
was said fits two options, the caller hears the keys of both. A caller may always answer with another option instead.

Silence (``no_input``), mistakes (``no_match``), denied guesses and unanswered ones are counted apart; after ``retries``
more attempts of any of them the call goes on at ``failed``. Who talks into what is said before the question and means
none of the options, as with *hello?*, is asked it at once, and has made no mistake. With ``barge_in: no`` the question
is heard to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows import phrases, understanding, words
from flows.events import KeysPressed, NothingHeard, WordsSpoken
from flows.form import Choice, Form
from flows.instructions import Gather
from flows.problems import listed
from flows.shapes import (
    BARGE_IN,
    NO_INPUT,
    NO_MATCH,
    Either,
    Fields,
    Table,
    Way,
    Word,
    listen,
    prompt,
    retries,
    sure,
)
from flows.source import Mapping, Scalar
from flows.spoken import listing
from flows.text import Heard, Prompt, read_barge_in, read_prompt
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.events import Event
    from flows.source import Node

KEY = "menu"
WAITS = True
KEYS = re.compile(r"[0-9*#]{1,8}")
LISTEN_S = 5  # twilio.com, <Gather>: the default timeout
RETRIES = 2
SURE_PERCENT = 50  # VoiceXML 2.0, confidencelevel: 0.5
CHOICE = {
    "phrases": words.PHRASES,
    "next": Way("The step that this choice leads to.", needed=True),
}
VALUE = prompt("The question, which names the choices.")
OPTIONS = {
    "options": Table(
        "Each key with the step it leads to, or with `phrases` and `next`.",
        each=Either(shapes=(Way(), Fields(options=CHOICE))),
        key="^[0-9*#]{1,8}$",
        needed=True,
    ),
    "again": prompt("The question when it is asked again, shorter perhaps; else the question."),
    "repeat": Word("The key that asks the question again, such as `*`."),
    "no_input": NO_INPUT,
    "no_match": NO_MATCH,
    "sure": sure(SURE_PERCENT),
    "retries": retries(RETRIES),
    "listen": listen(LISTEN_S),
    "barge_in": BARGE_IN,
    "failed": Way("The step to go on at after too many attempts."),
}
MOST_MEANT = 3  # options that one may be asked to tell apart; more is the menu again
YES, NO = "1", "2"
GREETED = "greeted"  # something was said before the question, which the caller may not have heard yet
KEY_NAMES = {"*": "star", "#": "pound"}  # a built-in sentence each


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a menu expects and says in one language: every phrase, and each option's name, its first phrase."""

    hints: tuple[str, ...]
    names: MappingType[str, str]


@dataclass(frozen=True, slots=True)
class Menu(Step):
    """``options`` maps keys to comparable phrases by language; ``spoken`` is by language too."""

    question: Prompt
    again: Prompt | None
    options: MappingType[str, words.Phrases]
    repeat: str
    no_input: Prompt | None
    no_match: Prompt | None
    sure: float
    retries: int
    listen_s: int
    num_digits: int
    finish_on_key: str
    spoken: MappingType[str, Spoken]

    def enter(self, walk: Walk) -> Outcome:
        # Said in this turn, or before a question of the engine's own that split it.
        is_greeted = bool(walk.said) or walk.session.held is not None
        return self._ask(walk, (), {GREETED: True} if is_greeted else {})

    def resume(self, walk: Walk, event: Event) -> Outcome:
        is_greeted = GREETED in walk.memory
        if is_greeted:
            walk.memory = {}  # it is all that there was, and holds for one answer
        if "meant" in walk.memory:
            return self._told_apart(walk, event, tuple(walk.memory["meant"]))
        if isinstance(event, KeysPressed) and event.digits:
            return self._pressed(walk, event.digits)
        if isinstance(event, WordsSpoken) and event.words:
            return self._said(walk, event, is_greeted=is_greeted)
        if isinstance(event, (NothingHeard, KeysPressed, WordsSpoken)):
            return self._again(walk, "no_input")
        return self._ask(walk, (), walk.memory)

    # --- an answer to the question

    def _pressed(self, walk: Walk, digits: str) -> Outcome:
        if digits in self.options:
            return Leave(digits)
        return self._ask(walk, (), walk.memory) if digits == self.repeat else self._again(walk, "no_match")

    def _said(self, walk: Walk, event: WordsSpoken, *, is_greeted: bool) -> Outcome:
        meant = words.choose(event.words, self.options, walk.language)
        if len(meant.keys) == 1 and meant.sure and self._is_sure(event):
            return Leave(meant.keys[0])
        if 1 <= len(meant.keys) <= MOST_MEANT:
            return self._ask_back(walk, meant.keys, walk.memory)
        if is_greeted or (self.repeat and words.asks_again(event.words, walk.language)):
            return self._ask(walk, (), walk.memory)
        return self._again(walk, "no_match")

    def _is_sure(self, event: WordsSpoken) -> bool:
        """A confidence of 0 means that the recogniser gave none (cloud.google.com, SpeechRecognitionAlternative)."""
        return not event.confidence or event.confidence >= self.sure

    def _again(self, walk: Walk, why: str) -> Outcome:
        """Say what went wrong and ask again, until it has happened too often."""
        count = walk.memory.get(why, 0) + 1
        if count > self.retries:
            return Leave("failed")
        own = self.no_input if why == "no_input" else self.no_match
        sorry = (walk.sentence(why),) if own is None else walk.hear(own)
        return self._ask_again(walk, sorry, {**walk.memory, why: count})

    def _ask_again(self, walk: Walk, before: tuple[Heard, ...], memory: dict[str, object]) -> Wait:
        """Ask who has heard the question: as ``again`` has it, if it says anything."""
        return self._ask(walk, before, memory, () if self.again is None else walk.hear(self.again))

    def _ask(
        self, walk: Walk, before: tuple[Heard, ...], memory: dict[str, object], shorter: tuple[Heard, ...] = ()
    ) -> Wait:
        hints = self.spoken[walk.language].hints
        gather = Gather(
            prompts=before + (shorter or walk.hear(self.question)),
            language=walk.language,
            timeout_s=self.listen_s,
            speech=bool(hints),
            num_digits=self.num_digits,
            finish_on_key=self.finish_on_key,
            hints=hints,
        )
        return Wait(gather, memory)

    # --- did you mean

    def _told_apart(self, walk: Walk, event: Event, meant: tuple[str, ...]) -> Outcome:
        """What the caller answered to "did you mean"."""
        if isinstance(event, KeysPressed) and event.digits:
            return self._key_apart(walk, event.digits, meant)
        if isinstance(event, WordsSpoken) and event.words:
            return self._word_apart(walk, event, meant)
        if isinstance(event, (NothingHeard, KeysPressed, WordsSpoken)):
            return self._unconfirmed(walk, meant)
        return self._ask_back(walk, meant, walk.memory)

    def _key_apart(self, walk: Walk, digits: str, meant: tuple[str, ...]) -> Outcome:
        if len(meant) == 1 and digits in {YES, NO}:
            return Leave(meant[0]) if digits == YES else self._denied(walk)
        return Leave(digits) if digits in self.options else self._unconfirmed(walk, meant)

    def _word_apart(self, walk: Walk, event: WordsSpoken, meant: tuple[str, ...]) -> Outcome:
        """Another option, yes, no, or one of those that were named; the second time it need not be so clear."""
        is_yes = understanding.yes_no(event.words, walk.language)
        if is_yes and len(meant) == 1:
            return Leave(meant[0])
        found = words.choose(event.words, self.options, walk.language)
        if len(found.keys) == 1 and (found.sure or found.keys[0] in meant) and (is_yes is None or len(meant) > 1):
            return Leave(found.keys[0])
        if is_yes is False:
            other = found.keys[0] if len(found.keys) == 1 and found.sure else meant[0]
            return Leave(other) if other not in meant else self._denied(walk)
        return self._unconfirmed(walk, meant)

    def _denied(self, walk: Walk) -> Outcome:
        """It was something else: ask the question again."""
        memory = {name: value for name, value in walk.memory.items() if name != "meant"}
        count = memory.get("denied", 0) + 1
        return Leave("failed") if count > self.retries else self._ask_again(walk, (), {**memory, "denied": count})

    def _unconfirmed(self, walk: Walk, meant: tuple[str, ...]) -> Outcome:
        count = walk.memory.get("unconfirmed", 0) + 1
        if count > self.retries:
            return Leave("failed")
        return self._ask_back(walk, meant, {**walk.memory, "unconfirmed": count})

    def _ask_back(self, walk: Walk, meant: tuple[str, ...], memory: dict[str, object]) -> Wait:
        """``Did you mean billing?``, or the names and keys of several."""
        names = self.spoken[walk.language].names
        named = [names.get(keys, keys) for keys in meant]
        yes_or_no = phrases.language(walk.language).ear
        if len(meant) == 1:
            prompts: tuple[Heard, ...] = (walk.sentence("did_you_mean", choice=named[0]),)
        else:
            either = listing(named, walk.language, phrases.language(walk.language).either)
            keys = [" ".join(self._key_name(walk, key) for key in keys) for keys in meant]
            prompts = (
                walk.sentence("which_one", choices=either),
                *(walk.sentence("for_choice", choice=name, key=key) for name, key in zip(named, keys, strict=True)),
            )
        gather = Gather(
            prompts=prompts,
            language=walk.language,
            timeout_s=self.listen_s,
            speech=True,
            num_digits=1 if len(meant) == 1 else self.num_digits,
            finish_on_key="" if len(meant) == 1 else self.finish_on_key,
            hints=(*named, *yes_or_no.yes, *yes_or_no.no),
        )
        return Wait(gather, {**memory, "meant": list(meant)})

    def _key_name(self, walk: Walk, key: str) -> str:
        return walk.sentence(KEY_NAMES[key]).text if key in KEY_NAMES else key


def read(form: Form, thing: Node) -> Menu:
    """A ``menu`` step."""
    question = read_prompt(form.reading, thing, barge_in=read_barge_in(form))
    options = _options(form)
    repeat = _repeat(form, options)
    form.exit("failed", on_silence=True)
    keys = [*options, *([repeat] if repeat else [])]
    longest = max((len(one) for one in keys), default=1)
    return Menu(
        question=question,
        again=form.prompt("again"),
        options={key: words.comparable(given) for key, given in options.items()},
        repeat=repeat,
        no_input=form.prompt("no_input"),
        no_match=form.prompt("no_match"),
        sure=form.percent("sure") / 100,
        retries=form.whole("retries"),
        listen_s=form.duration("listen"),
        num_digits=longest,
        finish_on_key="" if longest == 1 or any("#" in one for one in keys) else "#",
        spoken={tag: _spoken(options, tag) for tag in form.reading.center.languages},
    )


def _spoken(options: MappingType[str, words.Phrases], language: str) -> Spoken:
    names = {key: given[language][0] for key, given in options.items() if given.get(language)}
    return Spoken(words.hints(options, language), names)


def _repeat(form: Form, options: MappingType[str, words.Phrases]) -> str:
    """The key that asks again, which is a choice like the others for whoever counts them."""
    node, key = form.value("repeat"), form.word("repeat", "a key such as *")
    if node is None or not key:
        return ""
    if not KEYS.fullmatch(key) or key in options:
        message = f'"{key[:60]}" is an option already' if key in options else _no_key(key)
        form.reading.problem(node, message, "bad-key")
        return ""
    form.reading.facts.choices.append(Choice(key, {}, node.line, node.column))
    return key


def _no_key(given: str) -> str:
    return f'"{given[:60]}" is not a key of the telephone; use {listed("0123456789")}, * and #'


def _options(form: Form) -> dict[str, words.Phrases]:
    mapping = form.reading.mapping(form.value("options"), "a map of keys to steps")
    options: dict[str, words.Phrases] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if KEYS.fullmatch(key.text):
            options[key.text] = _option(form, key, value)
        else:
            form.reading.problem(key, _no_key(key.text), "bad-key")
    if mapping is not None and not mapping.pairs:
        form.reading.problem(mapping, "at least one option is needed here", "bad-value")
    return options


def _option(form: Form, key: Scalar, value: Node) -> words.Phrases:
    """One option's phrases; its exit and its choice are noted."""
    reading = form.reading
    given: words.Phrases = {}
    if isinstance(value, Mapping):
        option = Form(reading, value, CHOICE)
        reading.exit_to(key.text, option.value("next"))
        given = words.read_phrases(reading, option.value("phrases"))
    else:
        reading.exit_to(key.text, value)
    reading.facts.choices.append(Choice(key.text, words.comparable(given), key.line, key.column))
    return given
