"""``collect``: let the caller key in a number, and keep it as text.

Example::

    collect: Please key in your six digit order number.
    into: order
    digits: 6
    pattern: "[1-9][0-9]{5}"
    confirm: "I have {{ spell(vars.order) }}. If that is right, press 1. To try again, press 2."
    no_match: That is not an order number.
    retries: 2
    next: order_status
    failed: main

``digits`` is a length (``6``) or a range (``4-8``); with a range the caller ends with ``finish`` (default ``#``).
``pattern`` is a regular expression that all of it must match. With ``confirm`` the caller hears it read back: 1 keeps
it, 2 asks again. ``listen`` is how long it waits for a key, ``no_input`` what a silent caller hears. Digits stay text:
``0123`` is not ``123``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.events import KeysPressed, NothingHeard, WordsSpoken
from flows.expressions import compile_pattern, matches
from flows.instructions import Gather
from flows.source import Scalar
from flows.text import Heard, Prompt, read_prompt
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.expressions import Expression
    from flows.form import Form
    from flows.source import Node

KEY = "collect"
OPTIONS = (
    "into", "digits", "finish", "pattern", "confirm", "no_input", "no_match", "retries", "listen", "next", "failed",
)  # fmt: skip
WAITS = True
MAX_DIGITS = 32  # an account number; nobody keys in more
LISTEN_S = 5
RETRIES = 2
DIGITS = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")
YES, NO = "1", "2"


@dataclass(frozen=True, slots=True)
class Collect(Step):
    """``least`` to ``most`` keys go into the variable ``into``."""

    question: Prompt
    into: str
    least: int
    most: int
    finish: str
    pattern: Expression | None
    confirm: Prompt | None
    no_input: Prompt | None
    no_match: Prompt | None
    retries: int
    listen_s: int

    def enter(self, walk: Walk) -> Outcome:
        return Wait(self._ask(walk, walk.hear(self.question)))

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if walk.memory.get("confirming"):
            return self._confirmed(walk, event)
        if isinstance(event, KeysPressed) and event.digits:
            return self._take(walk, event.digits)
        if isinstance(event, WordsSpoken):
            return self._again(walk, "no_match")
        if isinstance(event, (NothingHeard, KeysPressed)):
            return self._again(walk, "no_input")
        return Wait(self._ask(walk, walk.hear(self.question)), walk.memory)

    def _take(self, walk: Walk, digits: str) -> Outcome:
        if not self._is_valid(digits):
            return self._again(walk, "no_match")
        walk.set(self.into, digits)
        return Leave("next") if self.confirm is None else self._read_back(walk)

    def _is_valid(self, digits: str) -> bool:
        """Only what a keypad has, of the right length, and like the pattern."""
        if not (self.least <= len(digits) <= self.most and digits.isascii() and digits.isdecimal()):
            return False
        return self.pattern is None or matches(self.pattern, digits) is True

    def _read_back(self, walk: Walk) -> Outcome:
        assert self.confirm is not None, "only a step with confirm reads back"  # noqa: S101 - a bug of ours
        gather = Gather(walk.hear(self.confirm), walk.language, timeout_s=self.listen_s, num_digits=1, finish_on_key="")
        return Wait(gather, {**walk.memory, "confirming": True})

    def _confirmed(self, walk: Walk, event: Event) -> Outcome:
        """1 keeps the number, 2 forgets it and asks again; anything else reads it back again, and is counted."""
        if isinstance(event, KeysPressed) and event.digits == YES:
            return Leave("next")
        if isinstance(event, KeysPressed) and event.digits == NO:
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

    def _again(self, walk: Walk, why: str, sorry: tuple[Heard, ...] | None = None) -> Outcome:
        """Say what went wrong and ask again, until it has happened too often."""
        count = walk.memory.get(why, 0) + 1
        if count > self.retries:
            return Leave("failed")
        if sorry is None:
            own = self.no_input if why == "no_input" else self.no_match
            built_in = "no_input" if why == "no_input" else "not_valid"
            sorry = (walk.sentence(built_in),) if own is None else walk.hear(own)
        return Wait(self._ask(walk, sorry + walk.hear(self.question)), {**walk.memory, why: count})

    def _ask(self, walk: Walk, prompts: tuple[Heard, ...]) -> Gather:
        return Gather(
            prompts=prompts,
            language=walk.language,
            timeout_s=self.listen_s,
            num_digits=self.most if self.least == self.most else None,
            finish_on_key=self.finish,
        )


def read(form: Form, thing: Node) -> Collect:
    """A ``collect`` step."""
    question = read_prompt(form.reading, thing)
    into, node = form.word("into", "the name of a variable"), form.need("into")
    if node is not None and into:
        form.reading.sets(node, into, is_text=True)
    least, most = _digits(form)
    form.exit("next")
    form.exit("failed", on_silence=True)
    return Collect(
        question=question,
        into=into,
        least=least,
        most=most,
        finish=form.choice("finish", ("#", "*")),
        pattern=_pattern(form),
        confirm=form.prompt("confirm"),
        no_input=form.prompt("no_input"),
        no_match=form.prompt("no_match"),
        retries=form.whole("retries", default=RETRIES, least=0, most=9),
        listen_s=form.duration("listen", default_s=LISTEN_S, least_s=1, most_s=60),
    )


def _digits(form: Form) -> tuple[int, int]:
    node = form.value("digits")
    if node is None:
        return 1, MAX_DIGITS
    match = DIGITS.fullmatch(node.text) if isinstance(node, Scalar) else None
    least, most = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if 1 <= least <= most <= MAX_DIGITS:
        return least, most
    form.reading.problem(node, f"a length such as 6 or 4-8 is needed here, at most {MAX_DIGITS}", "bad-value")
    return 1, MAX_DIGITS


def _pattern(form: Form) -> Expression | None:
    node, pattern = form.value("pattern"), form.word("pattern", "a regular expression")
    if node is None or not pattern:
        return None
    compiled = compile_pattern(pattern)
    if compiled is None:
        form.reading.problem(node, f'"{pattern[:60]}" is not a regular expression', "bad-pattern")
    return compiled
