"""``menu``: let the caller choose, by key or by word.

Example::

    menu: For billing, press 1 or say billing. To hear this again, press star.
    options:
      1: {phrases: [billing, invoice, my bill], next: billing}
      "*": main
    no_input: Sorry, I did not hear anything.
    no_match: Sorry, that is not one of the choices.
    retries: 2
    listen: 5s
    failed: operator

An option leads to a step, or is a map with ``next`` and ``phrases`` (a list, or a map of languages to lists). The menu
listens for words only when an option has phrases. A word is understood when exactly one option has a phrase in what
was said. Silence and mistakes are counted apart; after ``retries`` more attempts the call goes on at ``failed``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows import words
from flows.events import KeysPressed, NothingHeard, WordsSpoken
from flows.form import Choice, Form
from flows.instructions import Gather
from flows.problems import listed
from flows.source import Mapping, Scalar
from flows.text import Heard, Prompt, read_prompt
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.events import Event
    from flows.source import Node

KEY = "menu"
OPTIONS = ("options", "no_input", "no_match", "retries", "listen", "failed")
WAITS = True
KEYS = re.compile(r"[0-9*#]{1,8}")
LISTEN_S = 5  # twilio.com, <Gather>: the default timeout
RETRIES = 2


@dataclass(frozen=True, slots=True)
class Menu(Step):
    """``options`` maps keys to phrases by language; ``hints`` are all of them as written."""

    question: Prompt
    options: MappingType[str, words.Phrases]
    no_input: Prompt | None
    no_match: Prompt | None
    retries: int
    listen_s: int
    num_digits: int
    finish_on_key: str
    hints: MappingType[str, tuple[str, ...]]

    def enter(self, walk: Walk) -> Outcome:
        return Wait(self._ask(walk, walk.hear(self.question)))

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, KeysPressed) and event.digits:
            return Leave(event.digits) if event.digits in self.options else self._again(walk, "no_match")
        if isinstance(event, WordsSpoken) and event.words:
            said = words.choose(event.words, self.options, walk.language)
            return self._again(walk, "no_match") if said is None else Leave(said)
        if isinstance(event, (NothingHeard, KeysPressed, WordsSpoken)):
            return self._again(walk, "no_input")
        return Wait(self._ask(walk, walk.hear(self.question)), walk.memory)

    def _again(self, walk: Walk, why: str) -> Outcome:
        """Say what went wrong and ask again, until it has happened too often."""
        count = walk.memory.get(why, 0) + 1
        if count > self.retries:
            return Leave("failed")
        own = self.no_input if why == "no_input" else self.no_match
        sorry = (walk.sentence(why),) if own is None else walk.hear(own)
        return Wait(self._ask(walk, sorry + walk.hear(self.question)), {**walk.memory, why: count})

    def _ask(self, walk: Walk, prompts: tuple[Heard, ...]) -> Gather:
        hints = self.hints.get(walk.language, ())
        return Gather(
            prompts=prompts,
            language=walk.language,
            timeout_s=self.listen_s,
            speech=bool(hints),
            num_digits=self.num_digits,
            finish_on_key=self.finish_on_key,
            hints=hints,
        )


def read(form: Form, thing: Node) -> Menu:
    """A ``menu`` step."""
    question = read_prompt(form.reading, thing)
    options = _options(form)
    form.exit("failed", on_silence=True)
    longest = max((len(keys) for keys in options), default=1)
    return Menu(
        question=question,
        options={choice.keys: choice.phrases for choice in form.reading.facts.choices},
        no_input=form.prompt("no_input"),
        no_match=form.prompt("no_match"),
        retries=form.whole("retries", default=RETRIES, least=0, most=9),
        listen_s=form.duration("listen", default_s=LISTEN_S, least_s=1, most_s=60),
        num_digits=longest,
        finish_on_key="" if longest == 1 or any("#" in keys for keys in options) else "#",
        hints={tag: words.hints(options, tag) for tag in form.reading.center.languages},
    )


def _options(form: Form) -> dict[str, words.Phrases]:
    mapping = form.reading.mapping(form.need("options"), "a map of keys to steps")
    options: dict[str, words.Phrases] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if KEYS.fullmatch(key.text):
            options[key.text] = _option(form, key, value)
        else:
            message = f'"{key.text[:60]}" is not a key of the telephone; use {listed("0123456789")}, * and #'
            form.reading.problem(key, message, "bad-key")
    if mapping is not None and not mapping.pairs:
        form.reading.problem(mapping, "at least one option is needed here", "bad-value")
    return options


def _option(form: Form, key: Scalar, value: Node) -> words.Phrases:
    """One option's phrases; its exit and its choice are noted."""
    reading = form.reading
    phrases: words.Phrases = {}
    if isinstance(value, Mapping):
        option = Form(reading, value, ("phrases", "next"))
        reading.exit_to(key.text, option.need("next"))
        phrases = words.read_phrases(reading, option.value("phrases"))
    else:
        reading.exit_to(key.text, value)
    reading.facts.choices.append(Choice(key.text, words.comparable(phrases), key.line, key.column))
    return phrases
