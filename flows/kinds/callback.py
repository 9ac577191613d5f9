"""``callback``: promise to call back, at a number that the caller has confirmed.

Example::

    callback: billing
    promise: keep_place
    into: number
    confirm: "We will call you at {{ phone(vars.number) }}. If that is right, press 1. For another number, press 2."
    ask: Please key in the number, with its area code, then press pound.
    no_match: That is not a telephone number.
    require: {billing: 3}
    relax: [{after: 45s, require: {billing: 1}}]
    prefer: {agent: last, for: 20s}
    priority: 0
    retries: 2
    listen: 5s
    next: promised
    declined: main
    failed: main

``promise`` says when: ``keep_place``, when it would have been this caller's turn; ``later_today``, when nobody else
waits; or ``at_a_time``, at the time that the expression ``at`` gives (``at: vars.when``: a time, or text such as
``2026-12-24T10:30:00-05:00``). The queue's ``callbacks`` in ``center.yaml`` say which of them may be promised.

The caller's own number is read back: 1, or a yes, keeps it; 2, or a no, asks for another, which is read back in turn.
A caller whose number is withheld is asked at once. A number without the code of its country gets the centre's
``dialling_code``; one abroad is taken only where ``transfer_to`` of ``center.yaml`` has its beginning, and a premium
number only where it has that in full, so that nobody earns by being called back. ``confirm`` and ``ask`` have built-in
sentences; ``into`` is the variable that holds the number. After ``retries`` (2) more attempts the call goes on at
``declined``, which is ``failed`` when it is left out. ``require``, ``relax``, ``prefer`` and ``priority`` are as for
``queue``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows import dialling, spoken, terms, understanding
from flows.center import E164
from flows.center.waiting import PROMISES
from flows.dialling import NORTH_AMERICA
from flows.events import Answered, EffectFailed, KeysPressed, NothingHeard, WordsSpoken
from flows.instructions import Gather, PromiseCallback
from flows.shapes import NEXT, NO_MATCH, Choice, Way, Word, listen, prompt, retries
from flows.shapes import Expression as Value
from flows.terms import Terms, read_terms
from flows.text import value_of
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.expressions import Expression
    from flows.form import Form
    from flows.instructions import Pause, Play, Say
    from flows.source import Node
    from flows.text import Prompt

KEY = "callback"
WAITS = True
RETRIES = 2
LISTEN_S = 5
MOST_KEYS = 18  # an exit code and the 15 digits of E.164
ABROAD = re.compile(r"(?:00|011)(?=[1-9])")  # how a number abroad begins; 011 in North America
VALUE = Word("The queue: a name under `queues` in center.yaml.")
OPTIONS = {
    "promise": Choice("When the customer is called.", words=PROMISES),
    "at": Value("The time, an expression; for `at_a_time`."),
    "into": Word("The variable that holds the number."),
    "confirm": prompt("Reads the number back; has a built-in sentence."),
    "ask": prompt("Asks for a number; has a built-in sentence."),
    "no_match": NO_MATCH,
    **terms.OPTIONS,
    "retries": retries(RETRIES),
    "listen": listen(LISTEN_S),
    "next": NEXT,
    "declined": Way("The step to go on at when no number was confirmed; else `failed`."),
    "failed": Way("The step to go on at when nothing could be promised."),
}


@dataclass(frozen=True, slots=True)
class Callback(Step):
    """``promise`` is one of ``PROMISES``; ``at`` is for ``at_a_time``."""

    terms: Terms
    promise: str
    at: Expression | None
    into: str
    confirm: Prompt | None
    question: Prompt | None
    no_match: Prompt | None
    retries: int
    listen_s: int

    def enter(self, walk: Walk) -> Outcome:
        caller = walk.session.caller
        is_good = E164.fullmatch(caller) and not dialling.is_premium(caller)  # a caller may show any number
        return self._read_back(walk, caller, {}) if is_good else self._ask(walk, {})

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Answered):
            return self._answered(walk, event.value)
        if isinstance(event, EffectFailed):
            return self._failed(walk, f"nothing was promised: {event.reason}")
        if walk.memory.get("promising"):
            return walk.hold(event)
        number = walk.memory.get("number")
        return self._keyed(walk, event) if number is None else self._confirmed(walk, number, event)

    def _read_back(self, walk: Walk, number: str, memory: dict[str, Any]) -> Outcome:
        if self.into:
            walk.set(self.into, number)
        own = walk.hear(self.confirm) if self.confirm is not None else ()
        heard = own or (walk.sentence("callback_number", number=str(spoken.phone(number))),)
        gather = Gather(
            heard, walk.language, timeout_s=self.listen_s, speech=True, num_digits=1, finish_on_key=""
        )  # fmt: skip
        return Wait(gather, {**memory, "number": number})

    def _confirmed(self, walk: Walk, number: str, event: Event) -> Outcome:
        """1 or a yes keeps the number, 2 or a no asks for another; anything else reads it back again, and counts."""
        is_right = {"1": True, "2": False}.get(event.digits) if isinstance(event, KeysPressed) else None
        if isinstance(event, WordsSpoken):
            is_right = understanding.yes_no(event.words, walk.language)
        if is_right:
            return self._promise(walk, number)
        memory = {**walk.memory, "number": None}
        if is_right is False:
            return self._ask(walk, memory)
        return self._counted(walk, memory) or self._read_back(walk, number, walk.memory)

    def _ask(self, walk: Walk, memory: dict[str, Any], sorry: tuple[Say | Play | Pause, ...] = ()) -> Outcome:
        own = walk.hear(self.question) if self.question is not None else ()
        prompts = (*sorry, *(own or (walk.sentence("callback_ask"),)))
        return Wait(Gather(prompts, walk.language, timeout_s=self.listen_s), memory)

    def _keyed(self, walk: Walk, event: Event) -> Outcome:
        keys = event.digits if isinstance(event, KeysPressed) else ""
        center, called = walk.program.center, walk.session.called
        number = in_full(keys, center.dialling_code, called)
        if number is not None and dialling.may_reach_at_home(number, center, called):
            return self._read_back(walk, number, walk.memory)
        if number is not None:
            walk.notice("not-promised", f"{number} is neither at home nor among transfer_to of center.yaml")
        given_up = self._counted(walk, walk.memory)
        if given_up is not None:
            return given_up
        silent = isinstance(event, NothingHeard)
        own = () if silent or self.no_match is None else walk.hear(self.no_match)
        return self._ask(walk, walk.memory, own or (walk.sentence("no_input" if silent else "not_valid"),))

    def _counted(self, walk: Walk, memory: dict[str, Any]) -> Outcome | None:
        """Count an attempt that came to nothing; the way out when there were too many."""
        count = memory.get("tries", 0) + 1
        walk.memory = {**walk.memory, "tries": count}
        return Leave("declined") if count > self.retries else None

    def _promise(self, walk: Walk, number: str) -> Outcome:
        at_ms = None if self.at is None else _epoch_ms(value_of(self.at, walk))
        now_ms = int(walk.now.timestamp() * 1000)
        if self.promise == "at_a_time" and (at_ms is None or at_ms <= now_ms):
            return self._failed(walk, "the time of the callback is unknown, or past")
        require, relax = self.terms.needs.of(walk)
        prefer = self.terms.prefer
        act = PromiseCallback(
            queue=self.terms.queue,
            number=number,
            promise=self.promise,
            at_ms=at_ms if self.promise == "at_a_time" else None,
            require=require,
            relax=relax,
            priority=self.terms.priority.of(walk),
            prefer="" if prefer is None else prefer.agent,
            prefer_s=0 if prefer is None else prefer.for_s,
            language=walk.language,
            program=walk.program.id,
            place=walk.station.place,
            vars=walk.vars,
        )
        return Wait(act, {"promising": True})

    def _answered(self, walk: Walk, value: Any) -> Outcome:
        told = value if isinstance(value, dict) else {}
        if told.get("outcome") == "promised":
            return Leave("next")
        return self._failed(walk, f"nothing was promised: {str(told.get('reason') or told.get('outcome'))[:60]}")

    def _failed(self, walk: Walk, why: str) -> Outcome:
        walk.notice("not-promised", why)
        return Leave("failed")


def in_full(keys: str, dialling_code: str | None, called: str) -> str | None:
    """What a caller keyed in as a number in E.164; None when it is none.

    Without the code of a country it gets ``dialling_code``, or North America's where ``called`` is there; a 0 in front
    of it is the trunk's and goes.
    """
    code = dialling_code or (NORTH_AMERICA if called.startswith(NORTH_AMERICA) else "")
    if not (keys.isascii() and keys.isdecimal() and len(keys) <= MOST_KEYS):
        return None
    if ABROAD.match(keys):
        number = "+" + ABROAD.sub("", keys, count=1)
    elif code == NORTH_AMERICA:
        number = code + keys.removeprefix("1")
    else:
        number = code + keys.removeprefix("0")
    is_whole = code != NORTH_AMERICA or not number.startswith(code) or len(number) == len("+12025550100")
    return number if E164.fullmatch(number) and is_whole else None


def _epoch_ms(value: Any) -> int | None:
    """A time as UTC epoch milliseconds; None when it is none, or has no offset."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        return int(value.astimezone(UTC).timestamp() * 1000)
    except OverflowError:  # in the first or last hours that there are
        return None


def read(form: Form, thing: Node) -> Callback:
    """A ``callback`` step."""
    queue = form.reading.word(thing, "the name of a queue")
    if queue:
        form.reading.refer("queue", thing, queue)
    into, node = form.word("into", "the name of a variable"), form.value("into")
    if node is not None and into:
        form.reading.sets(node, into, is_text=True)
    form.exit_as("next")
    form.exit_as("failed", on_silence=True)
    form.exit_as("declined", "failed")
    promise = _promise(form, queue)
    return Callback(
        terms=read_terms(form, queue),
        promise=promise,
        at=_at(form, promise),
        into=into,
        confirm=form.prompt("confirm"),
        question=form.prompt("ask"),
        no_match=form.prompt("no_match"),
        retries=form.whole("retries"),
        listen_s=form.duration("listen"),
    )


def _promise(form: Form, queue: str) -> str:
    """What is promised, which has to be among what the queue promises."""
    promise, settings = form.choice("promise"), form.reading.center.queues.get(queue)
    if settings is not None and promise not in settings.callbacks.promises:
        node = form.value("promise") or form.node
        allowed = ", ".join(settings.callbacks.promises) or "nothing"
        form.reading.problem(node, f'queue "{queue}" does not promise {promise}, only {allowed}', "bad-promise")
    return promise


def _at(form: Form, promise: str) -> Expression | None:
    node = form.value("at")
    if promise == "at_a_time":
        return form.reading.expression(form.need("at"))
    if node is not None:
        form.reading.problem(node, 'only "promise: at_a_time" has a time', "bad-value")
    return None
