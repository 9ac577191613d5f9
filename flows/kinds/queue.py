"""``queue``: let the caller wait for somebody, and go on when they have talked.

Example::

    queue: billing
    require: {billing: 3}
    relax: [{after: 45s, require: {billing: 1}}]
    prefer: {agent: last, for: 20s}
    priority: {when: customer.tier == "gold", then: 2, else: 0}
    offer_callback: {when: ewt_s > 120}
    overflow: {after: 10m, next: voicemail}
    return_within: 60s
    ended: survey
    nobody: voicemail
    full: voicemail
    too_long: voicemail
    closed: closed
    failed: voicemail

``require`` has the skills that the agent needs, each with its least level from 1 (lowest) to 10, and ``relax`` what is
enough after some time, keeping the place. Either may differ by language (``{en-US: {billing: 3}, es-US: {billing: 3,
spanish: 5}}``); ``require`` and ``priority`` may be chosen by condition, with ``{when, then, else}`` or a list of
``{when, then}`` that ends with ``{else}``. What the step leaves out is as ``center.yaml`` has it for the queue.

``prefer`` holds the call back for one agent, by name or the ``last`` who helped this customer, ``for`` a while (20s).
``priority`` is a head start in points, from -10 to 10. ``offer_callback`` says when who waits is offered to be called
back instead. ``return_within`` keeps the place for a caller who was cut off and calls again.

Ways out: ``ended`` after the conversation; ``overflow`` when its time is up; ``nobody`` (no agents), ``full``,
``too_long`` and ``closed`` as the queue's ``join_when``, ``leave_when`` and hours say; ``failed``. All but ``ended``
lead where ``failed`` does when they are left out, and ``failed`` where ``overflow`` does. Without any of them a caller
whom nobody can help is told so, and the call ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flows import terms
from flows.center.queues import OVERFLOW_AFTER, read_overflow
from flows.center.waiting import Announce
from flows.events import Answered, Dialed, EffectFailed
from flows.form import Form
from flows.instructions import Dial, Gather, JoinQueue, Play
from flows.shapes import Duration, Fields, Way, Word
from flows.shapes import Expression as Condition
from flows.terms import LAST, Terms, read_terms
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.expressions import Expression
    from flows.source import Node
    from flows.text import Heard

KEY = "queue"
REFUSALS = ("nobody", "full", "too_long", "closed")
WAITS = True
MOST_RETURN_S = 3_600
# Where the queue names no music: the sample's own, prompts/any/hold.wav, which every server has
HOLD_MUSIC = "e5e81adb838de9bb1911b0a1656e41cf9eab8a15b993f2d98cde889d99c83ba1"
LONGEST_HOLD_S = 86_400  # a call lasts no longer (twilio.com, Calls resource, TimeLimit)
OFFER = {"when": Condition("The condition, an expression.", needed=True)}
OVERFLOW = {**OVERFLOW_AFTER, "next": Way("The step to go on at then.")}
VALUE = Word("The queue: a name under `queues` in center.yaml.")
OPTIONS = {
    **terms.OPTIONS,
    "offer_callback": Fields("When who waits is offered to be called back instead.", options=OFFER),
    "overflow": Fields("When waiting ends, and where it leads.", options=OVERFLOW),
    "return_within": Duration(
        "Keeps the place of a caller who was cut off and calls again.", least_s=0, most_s=MOST_RETURN_S
    ),
    "ended": Way("The step to go on at after the conversation. Without it the call ends politely."),
    "nobody": Way("The step to go on at when there are no agents; else `failed`."),
    "full": Way("The step to go on at when too many wait; else `failed`."),
    "too_long": Way("The step to go on at when the wait is too long; else `failed`."),
    "closed": Way("The step to go on at when the queue is closed; else `failed`."),
    "failed": Way("The step to go on at when the caller could not wait; else where `overflow` leads."),
}


@dataclass(frozen=True, slots=True)
class Queue(Step):
    """``overflow_s`` None waits for ever; ``offers`` is when a callback is offered, None never."""

    terms: Terms
    announce: Announce
    overflow_s: int | None
    return_within_s: int
    offers: Expression | None

    def enter(self, walk: Walk) -> Outcome:
        return self._join(walk)

    def _join(self, walk: Walk, since_ms: int = 0) -> Outcome:
        asked = self.terms
        require, relax = asked.needs.of(walk)
        prefer, prefer_s = self._preferred(walk)
        contact = f"{walk.session.call_sid}-{walk.session.turns}"
        return Wait(
            JoinQueue(
                queue=asked.queue,
                contact=contact,
                caller=walk.session.caller,
                require=require,
                relax=relax,
                priority=asked.priority.of(walk),
                prefer=prefer,
                prefer_s=prefer_s,
                overflow_s=self.overflow_s,
                return_within_s=self.return_within_s,
                language=walk.language,
                place=walk.station.place,
                since_ms=since_ms,
            ),
            {"contact": contact},
        )

    def _preferred(self, walk: Walk) -> tuple[str, int]:
        """Who is waited for, and for how long; nobody when nobody has helped this customer yet."""
        prefer = self.terms.prefer
        agent = "" if prefer is None else prefer.agent
        if agent == LAST:
            agent = str((walk.customer or {}).get("last_agent") or "")
        return (agent, prefer.for_s) if prefer is not None and agent else ("", 0)

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Answered):
            return self._answered(walk, event.value)
        if isinstance(event, EffectFailed):
            return self._failed(walk, f'the caller could not join "{self.terms.queue}": {event.reason}')
        if isinstance(event, Dialed):
            if event.status == "ended":
                return Leave("ended")
            return self._failed(walk, f"the caller did not meet the agent: {event.status}")
        return self._go_on(walk) if "since_ms" in walk.memory else walk.hold(event)

    def _answered(self, walk: Walk, value: Any) -> Outcome:
        """What became of the contact: see ``JoinQueue``."""
        told = value if isinstance(value, dict) else {}
        outcome, now_ms = told.get("outcome"), _ms(walk)
        if outcome == "joined":
            walk.said.append(walk.sentence("please_wait"))
            kept = {name: str(told[name]) for name in ("contact", "group") if told.get(name)}
            music = {"since_ms": now_ms, "told_ms": now_ms, "told": 0, "conference": ""}
            return Wait(self._music(walk), {**walk.memory, **kept, **music})
        if outcome == "connected" and told.get("conference"):
            room = str(told["conference"])
            return Wait(Dial(room, "conference"), {**walk.memory, "conference": room})
        if outcome == "lost" and "since_ms" in walk.memory:
            return self._join(walk, walk.memory["since_ms"])
        if outcome == "overflow" or outcome in REFUSALS:
            return self._leave(walk, outcome)
        return self._failed(walk, f"the queue answered {str(outcome)[:40]}")

    def _go_on(self, walk: Walk) -> Outcome:
        """Nothing happened, and the caller waits on; a sentence now and then says that the line is not dead."""
        memory, now_ms = walk.memory, _ms(walk)
        if now_ms - memory["since_ms"] >= LONGEST_HOLD_S * 1000:
            return self._failed(walk, "nobody took the call for a day")
        if now_ms - memory["told_ms"] < self.announce.every_s * 1000:
            return Wait(self._music(walk), memory, idle=True)
        messages = self.announce.messages
        said = walk.hear(messages[memory["told"] % len(messages)]) if messages else (walk.sentence("please_wait"),)
        told = {**memory, "told_ms": now_ms, "told": memory["told"] + 1}
        return Wait(self._music(walk, said), told, idle=True)

    def _music(self, walk: Walk, before: tuple[Heard, ...] = ()) -> Gather:
        """Music, and a moment to press something."""
        heard = (*before, *(walk.hear(self.announce.music) or (Play(HOLD_MUSIC),)))
        return Gather(heard, walk.language, timeout_s=1, num_digits=1, finish_on_key="")

    def _failed(self, walk: Walk, why: str) -> Outcome:
        walk.notice("not-queued", why)
        return self._leave(walk, "failed")

    def _leave(self, walk: Walk, by: str) -> Outcome:
        """A way out that leads nowhere ends the call, but not without a word."""
        if walk.station.exits.get(by) is None and not walk.stack:
            walk.said.append(walk.sentence("nobody_free"))
        return Leave(by)


def _ms(walk: Walk) -> int:
    return int(walk.now.timestamp() * 1000)


def read(form: Form, thing: Node) -> Queue:
    """A ``queue`` step."""
    name = form.reading.word(thing, "the name of a queue")
    if name:
        form.reading.refer("queue", thing, name)
    settings = form.reading.center.queues.get(name)
    overflow, overflow_s = read_overflow(form, OVERFLOW)
    if overflow_s is None and settings is not None:
        overflow_s = settings.overflow_s
    _exits(form, None if overflow is None else overflow.value("next"))
    asked, preferred = read_terms(form, name), form.value("prefer")
    if preferred is not None and asked.prefer is not None and asked.prefer.agent == LAST:
        form.reading.refer("customer", preferred, "last_agent")
    return Queue(
        terms=asked,
        announce=Announce() if settings is None else settings.announce,
        overflow_s=overflow_s,
        return_within_s=form.duration("return_within"),
        offers=_offers(form),
    )


def _exits(form: Form, overflow: Node | None) -> None:
    form.exit_as("ended")
    given = form.value("failed")
    failed = overflow if given is None else given
    for name, node in (("overflow", overflow), ("failed", failed), *((name, form.value(name)) for name in REFUSALS)):
        form.lead(name, failed if node is None else node)


def _offers(form: Form) -> Expression | None:
    mapping = form.reading.mapping(form.value("offer_callback"), "a map with when")
    if mapping is None:
        return None
    option = Form(form.reading, mapping, OFFER)
    return form.reading.expression(option.value("when"))
