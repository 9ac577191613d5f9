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
from flows.center.queues import read_overflow
from flows.events import Answered, Dialed, EffectFailed
from flows.form import Form
from flows.instructions import Dial, Gather, JoinQueue, Pause
from flows.terms import Terms, read_terms
from flows.text import SILENT, Prompt
from flows.walk import Leave, Outcome, Step, Wait, Walk

if TYPE_CHECKING:
    from flows.events import Event
    from flows.expressions import Expression
    from flows.source import Node

KEY = "queue"
REFUSALS = ("nobody", "full", "too_long", "closed")
OPTIONS = (
    *terms.OPTIONS, "offer_callback", "overflow", "return_within", "ended", *REFUSALS, "failed",
)  # fmt: skip
WAITS = True
MOST_RETURN_S = 3_600
HOLD_S = 20  # of silence at a time, where the queue has no music


@dataclass(frozen=True, slots=True)
class Queue(Step):
    """``overflow_s`` None waits for ever; ``offers`` is when a callback is offered, None never."""

    terms: Terms
    music: Prompt
    overflow_s: int | None
    return_within_s: int
    offers: Expression | None

    def enter(self, walk: Walk) -> Outcome:
        asked = self.terms
        require, relax = asked.needs.of(walk)
        return Wait(
            JoinQueue(
                queue=asked.queue,
                require=require,
                relax=relax,
                priority=asked.priority.of(walk),
                prefer="" if asked.prefer is None else asked.prefer.agent,
                prefer_s=0 if asked.prefer is None else asked.prefer.for_s,
                overflow_s=self.overflow_s,
                return_within_s=self.return_within_s,
                language=walk.language,
                place=walk.station.place,
            )
        )

    def resume(self, walk: Walk, event: Event) -> Outcome:
        if isinstance(event, Answered):
            return self._answered(walk, event.value)
        if isinstance(event, EffectFailed):
            return self._failed(walk, f'the caller could not join "{self.terms.queue}": {event.reason}')
        if isinstance(event, Dialed):
            if event.status == "ended":
                return Leave("ended")
            return self._failed(walk, f"the caller did not meet the agent: {event.status}")
        return self._hold(walk, walk.memory) if walk.memory.get("contact") else walk.hold(event)

    def _answered(self, walk: Walk, value: Any) -> Outcome:
        """What became of the contact: see ``JoinQueue``."""
        told = value if isinstance(value, dict) else {}
        outcome = told.get("outcome")
        if outcome == "joined":
            walk.said.append(walk.sentence("please_wait"))
            return self._hold(walk, {"contact": str(told.get("contact") or walk.session.call_sid)})
        if outcome == "connected" and told.get("conference"):
            return Wait(Dial(str(told["conference"]), "conference"), walk.memory)
        if outcome == "overflow" or outcome in REFUSALS:
            return self._leave(walk, outcome)
        return self._failed(walk, f"the queue answered {str(outcome)[:40]}")

    def _hold(self, walk: Walk, memory: dict[str, Any]) -> Outcome:
        """Music, and a moment to press something, as long as the caller waits."""
        heard = walk.hear(self.music) or (Pause(HOLD_S),)
        return Wait(Gather(heard, walk.language, timeout_s=1, num_digits=1, finish_on_key=""), memory)

    def _failed(self, walk: Walk, why: str) -> Outcome:
        walk.notice("not-queued", why)
        return self._leave(walk, "failed")

    def _leave(self, walk: Walk, by: str) -> Outcome:
        """A way out that leads nowhere ends the call, but not without a word."""
        if walk.station.exits.get(by) is None and not walk.stack:
            walk.said.append(walk.sentence("nobody_free"))
        return Leave(by)


def read(form: Form, thing: Node) -> Queue:
    """A ``queue`` step."""
    name = form.reading.word(thing, "the name of a queue")
    if name:
        form.reading.refer("queue", thing, name)
    settings = form.reading.center.queues.get(name)
    overflow, overflow_s = read_overflow(form, ("after", "next"))
    if overflow_s is None and settings is not None:
        overflow_s = settings.overflow_s
    _exits(form, None if overflow is None else overflow.value("next"))
    return Queue(
        terms=read_terms(form, name),
        music=SILENT if settings is None else settings.announce.music,
        overflow_s=overflow_s,
        return_within_s=form.duration("return_within", default_s=0, least_s=0, most_s=MOST_RETURN_S),
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
    option = Form(form.reading, mapping, ("when",))
    return form.reading.expression(option.need("when"))
