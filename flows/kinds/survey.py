"""``survey``: ask callers what they think, some of them and not too often.

Example::

    survey:
      - {rating: "How satisfied are you, from 1 to 5?", name: satisfaction}
      - {comment: "After the tone, tell us why, then press pound.", name: reason, longest: 60s}
    share: 30%
    not_again_within: 30d
    beep: "yes"
    retries: 1
    listen: 5s
    next: thanks
    not_asked: goodbye
    failed: goodbye

The questions are listed in the step, or under a name in ``surveys`` of ``center.yaml`` (``survey: after_call``). A
``rating`` is a key from 1, the worst, to 5, or the number said; a ``comment`` is recorded, for ``longest`` (60s) at
most, and may be left out by saying nothing. Each answer is kept under the ``name`` of its question.

``share`` is how many of the callers are asked, all unless given; chance falls alike however often a call is looked at.
``not_again_within`` spares a customer who was asked before; whom nobody knows is asked. Who is not asked goes on at
``not_asked``, which is ``next`` when it is left out. A rating that is not understood is asked for ``retries`` (1) times
more; after that the call goes on at ``failed``, which is ``next`` too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from flows import understanding
from flows.events import KeysPressed, NothingHeard, Recorded, WordsSpoken
from flows.instructions import Gather, RecordCaller, SurveyAnswer
from flows.questions import QUESTIONS, Question, read_questions
from flows.shapes import NEXT, Duration, Either, Percent, Way, Word, listen, retries
from flows.source import Scalar
from flows.taking import BEEP, SHORTEST_S, SILENCE_S, Taking, kept, read_beep
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.form import Form
    from flows.instructions import Pause, Play, Say
    from flows.source import Node

KEY = "survey"
WAITS = True
RETRIES = 1
LISTEN_S = 5  # twilio.com, <Gather>: the default timeout
LEAST, MOST = 1, 5
YEAR_S = 366 * 86_400
VALUE = Either("The questions, or the name of some under `surveys` in center.yaml.", shapes=(QUESTIONS, Word()))
OPTIONS = {
    "share": Percent("How many of the callers are asked.", least=1),
    "not_again_within": Duration(
        "Spares a customer who was asked so recently.", default_s=YEAR_S, least_s=3_600, most_s=YEAR_S
    ),
    "beep": BEEP,
    "retries": retries(RETRIES),
    "listen": listen(LISTEN_S),
    "next": NEXT,
    "not_asked": Way("The step to go on at for who is not asked; else `next`."),
    "failed": Way("The step to go on at when an answer was not understood; else `next`."),
}


@dataclass(frozen=True, slots=True)
class Survey(Step):
    """``share`` is in per cent; ``not_again_s`` None asks as often as somebody calls; ``name`` may be empty."""

    questions: tuple[Question, ...]
    name: str
    share: int
    not_again_s: int | None
    beep: bool
    retries: int
    listen_s: int

    def enter(self, walk: Walk) -> Outcome:
        if not self._is_asked(walk):
            return Leave("not_asked")
        return self._ask(walk, 0)

    def resume(self, walk: Walk, event: Event) -> Outcome:
        at = walk.memory.get("at", 0)
        if at >= len(self.questions):
            return Leave("next")
        question = self.questions[at]
        if question.sort == "comment":
            self._comment(walk, question, event)
            return self._ask(walk, at + 1)
        rating = _rating(event, walk.language)
        if rating is None:
            return self._again(walk, question, event)
        walk.said.append(SurveyAnswer(self._name(walk), question.name, rating))
        return self._ask(walk, at + 1)

    def left(self, walk: Walk, recorded: Recorded) -> None:
        at = walk.memory.get("at", 0)
        if at < len(self.questions) and self.questions[at].sort == "comment":
            self._comment(walk, self.questions[at], recorded)

    def _is_asked(self, walk: Walk) -> bool:
        if self.not_again_s is not None and _asked_since(walk, self.not_again_s):
            return False
        return is_drawn(walk.session.call_sid, walk.station.place, self.share)

    def _ask(self, walk: Walk, at: int) -> Outcome:
        if at >= len(self.questions):
            return Leave("next")
        question = self.questions[at]
        if question.sort == "rating":
            return Wait(self._gather(walk, walk.hear(question.prompt)), {"at": at})
        walk.speak(question.prompt)
        return Wait(self._taking(question).instruction, {"at": at})

    def _again(self, walk: Walk, question: Question, event: Event) -> Outcome:
        """Say that it was not understood and ask again, until it has happened too often."""
        count = walk.memory.get("tries", 0) + 1
        if count > self.retries:
            return Leave("failed")
        sorry = walk.sentence("no_input" if isinstance(event, NothingHeard) else "not_valid")
        gather = self._gather(walk, (sorry, *walk.hear(question.prompt)))
        return Wait(gather, {**walk.memory, "tries": count})

    def _gather(self, walk: Walk, prompts: tuple[Say | Play | Pause, ...]) -> Gather:
        return Gather(
            prompts, walk.language, timeout_s=self.listen_s, speech=True, num_digits=1, finish_on_key=""
        )  # fmt: skip

    def _taking(self, question: Question) -> Taking:
        return Taking(RecordCaller(question.longest_s, SILENCE_S, beep=self.beep), SHORTEST_S)

    def _comment(self, walk: Walk, question: Question, event: Event) -> None:
        if isinstance(event, Recorded) and not self._taking(question).is_empty(event):
            walk.said.append(kept(event, "survey", question.name))
            walk.said.append(SurveyAnswer(self._name(walk), question.name, None, event.recording_sid))

    def _name(self, walk: Walk) -> str:
        return self.name or walk.station.place


def _rating(event: Event, language: str) -> int | None:
    if isinstance(event, KeysPressed):
        given = event.digits if len(event.digits) == 1 and event.digits.isdecimal() else ""
        return int(given) if given and LEAST <= int(given) <= MOST else None
    if isinstance(event, WordsSpoken):
        return understanding.rating(event.words, language, least=LEAST, most=MOST)
    return None


def is_drawn(call_sid: str, place: str, share: int) -> bool:
    """Is a call among the ``share`` (per cent) that the step at ``place`` asks."""
    return _lot(f"{call_sid} {place}") < share


def _lot(name: str) -> float:
    """A number from 0 to 100 that is always the same for a name, and evenly spread over names."""
    return int.from_bytes(sha256(name.encode()).digest()[:4]) / 2**32 * 100


def _asked_since(walk: Walk, seconds: int) -> bool:
    """Was this customer asked in the last ``seconds``; not, as far as we know, when we know nothing."""
    customer: dict[str, Any] = walk.customer or {}
    last = customer.get("last_survey")
    if isinstance(last, str):
        try:
            last = datetime.fromisoformat(last)
        except ValueError:
            return False
    if not isinstance(last, datetime) or last.tzinfo is None:
        return False
    return (walk.now - last).total_seconds() < seconds


def read(form: Form, thing: Node) -> Survey:
    """A ``survey`` step."""
    name, questions = _questions(form, thing)
    form.exit_as("next")
    form.exit_as("not_asked", "next")
    form.exit_as("failed", "next")
    again = form.value("not_again_within")
    if again is not None:
        form.reading.refer("customer", again, "last_survey")
    return Survey(
        questions=questions,
        name=name,
        share=form.percent("share"),
        not_again_s=None if again is None else form.duration("not_again_within"),
        beep=read_beep(form),
        retries=form.whole("retries"),
        listen_s=form.duration("listen"),
    )


def _questions(form: Form, thing: Node) -> tuple[str, tuple[Question, ...]]:
    """The questions in the step, or those that ``center.yaml`` has under a name."""
    if not isinstance(thing, Scalar):
        return "", read_questions(form.reading, thing)
    name = form.reading.word(thing, "a list of questions, or the name of a survey")
    if name:
        form.reading.refer("survey", thing, name)
    return name, form.reading.center.surveys.get(name, ())
