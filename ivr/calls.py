"""The call desk: takes a webhook, walks the call one turn on, and commits what came of it. Exactly once.

A *turn* is one event that moves a call. Turn *n* is answered once: the session advances by compare-and-set on its turn
number (``lua/commit.lua``), and whoever loses that race throws its own document away and sends the stored one. So a
repeated, concurrent or late webhook moves nothing, and gets the same bytes or the present document.

What could collide, and what settles it:

- the same webhook twice, in one process or two: the commit of the slower one is refused, it sends the faster one's;
- a hang-up and a key at the same moment: both are turns; the loser looks again, and finds the call moved or ended;
- an act's answer and a webhook: the same; while an act is under way a webhook gets a short silence and comes back;
- two processes with one act's answer: the same, the slower one's commit is refused;
- a key and a move that routing decided: both are turns; whichever comes second looks again at where the call is;
- a move and an update of ours that is late: the provider fetches the turn that is answered, or the present document;
- two processes with one act to perform, the slow owner and who took over: ``lua/mark.lua`` lets one of them ask;
- Redis lost its last writes: the turn asked for is ahead of the session; the caller hears the present document again;
- Redis cannot be reached: the caller hears "one moment" and comes back to the same turn.

A caller never meets silence: what breaks in our own code is answered with an apology and the workspace's fallback
(``ivr/exchange.py``), and if that breaks as well, with an apology and the end.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import structlog

from flows.engine import begin, still_hears
from flows.events import (
    Answered,
    CallStarted,
    Dialed,
    EffectFailed,
    FellBack,
    HungUp,
    KeysPressed,
    NothingHeard,
    Recorded,
    WordsSpoken,
)
from flows.hidden import conceal
from flows.instructions import Hangup, Pause, SendRequest
from flows.session import UnknownFormatError
from ivr import journal
from ivr.acts import TAKE_OVER_MS, PendingAct, Undecided
from ivr.acts.errands import LeaveQueue, MoveCall
from ivr.acts.message import sent
from ivr.exchange import Exchange
from ivr.sentences import say
from ivr.sessions import CallRecord, Commit
from ivr.twilio.twiml import EMPTY, MOST_BYTES, Scribe
from routing.redis import RedisError, RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from flows.events import Event
    from flows.instructions import Act
    from flows.session import Session
    from ivr.clock import Clock
    from ivr.effects import Effects
    from ivr.exchange import Happened
    from ivr.programs import Programs
    from ivr.sealing import Vault
    from ivr.sessions import Sessions
    from ivr.twilio.links import Links
    from ivr.twilio.requests import VoiceRequest

log = structlog.get_logger()

# Twilio waits 15 s in all, its own connection and retries included; half of it is ours.
TURN_BUDGET_S = 8.0
# How long one webhook looks again for a Redis that cannot be reached, before the caller hears "one moment".
REDIS_PATIENCE_S = 3.0
LOOK_AGAIN_S = 0.05
# A race is lost when somebody else wins it; eight in a row mean that something is wrong with us.
MOST_RACES = 8
# Turns of a second each that an act may hold a call. Two requests, two look-ups and both callbacks' time take less; an
# act that nobody could finish by then (a bug, a version that cannot read it) must not keep a caller in silence.
MOST_HOLDS = 60
# What a caller bears without a word; then the act's own sentence is said, if it has one.
BEARABLE_S = 2.0
# How often a process tells that it is at its act still: well within the time after which another takes it over.
STILL_S = 0.5
# Refusals of a Redis that will be well again soon; any other refusal is our bug.
PASSING = ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "OOM", "MISCONF", "NOREPLICAS")

TOO_LONG = "a document longer than the provider reads"
# What a caller hears while an act is under way.
SILENCE = (Pause(1),)


# What a step that waits is told of when its contact is over (``flows/instructions/join_queue.py``).
ROUTING_ENDS = frozenset({"overflow", "nobody", "full", "too_long", "closed", "lost"})


class Move(Enum):
    """What became of moving a call: done; it waits no more; or an act of its own is under way, so try again."""

    MOVED = "moved"
    GONE = "gone"
    BUSY = "busy"


class NoProgramError(Exception):
    """Nothing has been published yet, so that no call can be answered; ``/readyz`` says so too."""


class LostRaceError(Exception):
    """Somebody else moved the call between our reading and our commit: look again."""


class CallDesk:
    """Answers the webhooks of every call. It owns nothing but the tasks of acts that outlive their webhook."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        programs: Programs,
        effects: Effects,
        vault: Vault,
        links: Links,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._programs = programs
        self._effects = effects
        self._vault = vault
        self._links = links
        self._scribe = Scribe(links.audio_xml, links.recordings_xml, links.conference_xml)
        self._clock = clock
        self._acts: dict[str, asyncio.Task[bytes]] = {}

    async def answer(self, request: VoiceRequest, turn: int | None) -> bytes:
        """The TwiML for a voice webhook; ``turn`` is its URL's, None for a call that arrives. Never an exception."""
        if request.garbage:
            log.warning("webhook_garbage", garbage=list(request.garbage))
        try:
            return await self._persist(request, turn)
        except RedisUnavailable as error:
            log.warning("turn_without_redis", turn=turn, error=str(error))
        except NoProgramError:
            log.error("turn_without_program", turn=turn)  # noqa: TRY400 - a state of the server, not a stack to read
        except RedisRefused as error:
            if not str(error).startswith(PASSING):
                return self._sorry("turn_refused_by_redis", turn)
            log.warning("turn_refused_by_redis", turn=turn, error=str(error))
        except Exception:  # whatever it is, the caller must not meet silence
            return self._sorry("turn_failed", turn)
        return self._one_moment(request.call_sid, turn)

    async def hang_up(self, call_sid: str) -> None:
        """The call is over: end its session, if it has one that has not ended; raises what Redis raises."""
        for _race in range(MOST_RACES):
            try:
                await self._hang_up(call_sid, HungUp())
            except LostRaceError:
                continue
            return
        log.error("hang_up_lost_every_race")

    async def act_answered(self, call_sid: str, act_id: str, event: Event) -> bytes:
        """An act's answer moves the call; whoever brings it first counts. The call's document after it."""
        for _race in range(MOST_RACES):
            record = await self._sessions.load(call_sid)
            if record is None or record.act_id != act_id:
                # Answered before, or its call began anew without it: then it would be taken over for ever. An errand's
                # answer is nobody's, but that its call is over.
                await self._sessions.forget(call_sid, act_id)
                if isinstance(event, HungUp):
                    await self.hang_up(call_sid)
                return EMPTY if record is None else await self._present(call_sid)
            try:
                until = asyncio.get_running_loop().time() + TURN_BUDGET_S
                return await self._move(record, event, until, done=act_id)
            except LostRaceError:
                continue
        raise LostRaceError

    async def move(
        self, call_sid: str, contact: str, event: Event, *, where: Callable[[Session], bool] | None = None
    ) -> Move:
        """Move a call that waits as ``contact`` by what routing decided; raises what Redis raises.

        A call that is not ``where`` it should be for that has been moved before.

        The turn is committed with its answer first, then the provider is told to fetch it: whichever reaches it first,
        that or a key, a Redirect or an update already under way, gets the stored answer.
        """
        for _race in range(MOST_RACES):
            record = await self._sessions.load(call_sid)
            if record is None or record.session.ended is not None or record.session.contact != contact:
                return Move.GONE
            if where is not None and not where(record.session):
                return Move.MOVED
            if record.act_id:
                return Move.BUSY
            try:
                await self._move(record, event, asyncio.get_running_loop().time() + TURN_BUDGET_S, ours=True)
            except LostRaceError:
                continue
            return Move.MOVED
        return Move.BUSY

    def begin(self, errand: PendingAct) -> None:
        """Perform an errand that stands in the outbox now, beside everything else; failures are logged."""
        if errand.act_id not in self._acts:
            self._in_hand(errand, self._perform(errand)).add_done_callback(log_failure)

    def begin_take_over(self, act: PendingAct) -> None:
        """Take an act over beside everything else, unless this process is at it already; failures are logged."""
        if act.act_id not in self._acts:
            self._in_hand(act, self.take_over(act)).add_done_callback(log_failure)

    async def take_over(self, act: PendingAct) -> bytes:
        """Finish an act that its process left behind; the call's document after it."""
        log.info("act_taken_over", act=act.act_id, posts=act.posts)
        found = await self._effects.find_out(act)
        if found is None:
            return await self._perform(act)
        if isinstance(found, Undecided):
            await self._sessions.mark(act, read_posts=act.posts, take_over_ms=found.again_ms)
            return EMPTY
        return await self.act_answered(act.call_sid, act.act_id, found)

    async def message_seen(self, call_sid: str, act_id: str, message_sid: str) -> None:
        """A message's own callback tells that it was sent, whatever became of the request that sent it."""
        if await self._sessions.is_pending(call_sid, act_id):
            await self.act_answered(call_sid, act_id, sent(message_sid))

    async def close(self) -> None:
        """Let the acts under way come to their end."""
        while self._acts:  # an act's answer may name the next one
            await asyncio.gather(*self._acts.values(), return_exceptions=True)

    # ---------------------------------------------------------------- one webhook

    async def _persist(self, request: VoiceRequest, turn: int | None) -> bytes:
        """Look again after every lost race, and for a while after a Redis that cannot be reached."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        races = 0
        while True:
            try:
                if request.over:
                    return await self._hang_up(request.call_sid, event_of(request))
                return await self._take_turn(request, turn, began + TURN_BUDGET_S)
            except RedisUnavailable:
                # The commit is repeatable by its turn number, so it does not matter whether the lost one ran.
                if loop.time() > began + REDIS_PATIENCE_S:
                    raise
                await asyncio.sleep(LOOK_AGAIN_S)
            except LostRaceError:
                races += 1
                if races > MOST_RACES:
                    raise

    async def _take_turn(self, request: VoiceRequest, turn: int | None, until: float) -> bytes:
        try:
            record = await self._sessions.load(request.call_sid)
        except UnknownFormatError as error:
            return await self._begin_at_fallback(request, until, str(error))
        if record is None:
            return await self._begin(request, turn or 0, until)
        if turn is None or turn <= record.turn:
            return await self._present(request.call_sid)
        if turn > record.turn + 1:
            log.warning("turn_ahead_of_session", turn=turn, session_turn=record.turn)
            return await self._present(request.call_sid)
        if record.act_id:
            return await self._hold(record, until)
        return await self._move(record, event_of(request), until)

    async def _present(self, call_sid: str) -> bytes:
        document = await self._sessions.present_document(call_sid)
        if document is None:
            raise LostRaceError
        return document

    async def _hang_up(self, call_sid: str, event: Event) -> bytes:
        """The call is over; a recording that its end brings is kept, whichever webhook tells of the end first."""
        record = await self._sessions.load(call_sid)
        if record is not None and still_hears(record.session, event):
            await self._move(record, event, asyncio.get_running_loop().time() + TURN_BUDGET_S)
        return EMPTY

    # ---------------------------------------------------------------- one turn

    async def _begin(self, request: VoiceRequest, turn: int, until: float) -> bytes:
        """A call that we know nothing of begins its number's flow, at whatever turn it comes with."""
        if turn:
            log.warning("session_lost", turn=turn)
        exchange = await self._anew(request, until).run(CallStarted(), self._effects)
        return await self._commit(exchange, turn, None)

    async def _begin_at_fallback(self, request: VoiceRequest, until: float, why: str) -> bytes:
        """A session this version cannot read (an upgrade under way) goes on at the fallback, never in silence."""
        log.error("session_unreadable", error=why)
        turn = await self._sessions.turn_of(request.call_sid)
        exchange = await self._anew(request, until).run(FellBack(), self._effects)
        return await self._commit(
            exchange, (turn or 0) + 1, None if turn is None else CallRecord(turn, exchange.session)
        )

    async def _move(
        self, record: CallRecord, event: Event, until: float, *, done: str = "", ours: bool = False
    ) -> bytes:
        """Walk a known call one turn on; ``done`` is the act whose answer ``event`` is.

        ``ours`` tells that no webhook brought the event, so that the provider must be told.
        """
        program_id = record.session.program
        program = self._programs.known(program_id) or await self._programs.get(program_id)
        if program is not None:
            # Before the engine, the journal or the log can see it.
            event = conceal(program, record.session, event, self._vault.sealing(record.session.call_sid))
            exchange = Exchange(program, record.session, self._clock.now_ms(), until)
        else:
            # Its program went with an emptied Redis: the number's flow anew is the best that is left.
            log.error("program_lost", program=program_id)
            exchange = self._anew(record.session, until)
            event = HungUp() if is_over(event) else CallStarted()
        walked = await exchange.run(event, self._effects)
        document = await self._commit(walked, record.turn + 1, record, done=done, ours=ours)
        return await self._attend(walked.session, document, until) if walked.idle else document

    async def _attend(self, session: Session, document: bytes, until: float) -> bytes:
        """Somebody waits: a sign of life. What should have moved the call by now and did not moves it here."""
        event = await self._effects.attend(session)
        record = None if event is None else await self._sessions.load(session.call_sid)
        if event is None or record is None or record.session.contact != session.contact or record.act_id:
            return document
        log.warning("move_made_up_for", contact=session.contact)
        try:
            return await self._move(record, event, until)
        except LostRaceError:
            return await self._present(session.call_sid)

    async def _hold(self, record: CallRecord, until: float) -> bytes:
        """A webhook while an act is under way: a second of silence, then the next turn. Nothing happened.

        The first such turn says what the act has to say meanwhile, and before it what was held back. An act that is
        not in the outbox, or that nobody could finish in time, failed: no caller waits for ever.
        """
        turn, call_sid = record.turn + 1, record.session.call_sid
        held = turn - int(record.act_id.rpartition(".")[2])
        meanwhile = await self._sessions.meanwhile(call_sid, record.act_id)
        if held > MOST_HOLDS or meanwhile is None:
            log.error("act_given_up", act=record.act_id, held=held)
            return await self._move(record, EffectFailed("unknown"), until, done=record.act_id)
        next_xml, unheard = self._links.turn_xml(call_sid, turn + 1), record.unheard
        document = self._scribe.write(SILENCE, next_xml)
        if meanwhile and held == 1:
            words = self._scribe.wrap(unheard + meanwhile, next_xml)
            if len(words) <= MOST_BYTES:
                document, unheard = words, ""
        commit = Commit(record.session, turn, record.turn, document, act_id=record.act_id, unheard=unheard)
        await self._settle(commit)
        return document

    def _anew(self, call: VoiceRequest | Session, until: float) -> Exchange:
        """A turn that begins its session, in the program that is live."""
        program = self._programs.live
        if program is None:
            raise NoProgramError
        now_ms = self._clock.now_ms()
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        session = begin(program, call_sid=call.call_sid, caller=call.caller, called=call.called, now=now)
        return Exchange(program, session, now_ms, until, began=True)

    async def _commit(
        self, exchange: Exchange, turn: int, record: CallRecord | None, *, done: str = "", ours: bool = False
    ) -> bytes:
        """Commit a walked turn; while an act is under way its words are held back until the act is answered."""
        session = exchange.session
        next_xml = None if session.ended else self._links.turn_xml(session.call_sid, turn + 1)
        verbs = self._scribe.verbs(exchange.spoken, next_xml, "" if record is None else record.unheard)
        act_id = ""
        if record is not None:
            act_id = "" if done else record.act_id
        act = None
        if exchange.act is not None:
            act = self._pending(exchange.act, session, turn)
            act_id = act.act_id
        held = act_id != "" and session.ended is None
        document = self._scribe.write(SILENCE, next_xml) if held else self._scribe.wrap(verbs, next_xml)
        if len(document) > MOST_BYTES and await exchange.fall_back(TOO_LONG, self._effects):
            # Nor is what was held back for an act said any more: it may be what is too long.
            heard = None if record is None else replace(record, unheard="")
            return await self._commit(exchange, turn, heard, done=done, ours=ours)
        errands = errands_of(exchange, turn, record, ours=ours)
        commit = Commit(
            session=session,
            turn=turn,
            expected=None if record is None else record.turn,
            document=document,
            entry=b"" if exchange.idle else journal.write_entry(exchange, turn),
            done=done,
            act_id=act_id,
            act=act,
            take_over_ms=exchange.now_ms + TAKE_OVER_MS,
            unheard=verbs if held else "",
            errands=errands,
        )
        await self._settle(commit)
        for errand in errands:
            self._in_hand(errand, self._perform(errand)).add_done_callback(log_failure)
        return document if act is None else await self._follow(act, document, exchange.until)

    async def _settle(self, commit: Commit) -> None:
        """Commit for good; raises LostRaceError when the call moved meanwhile."""
        outcome = await self._sessions.commit(commit)
        if outcome != "done":
            if outcome != "answered":
                log.warning("commit_refused", turn=commit.turn, outcome=outcome)
            raise LostRaceError

    # ---------------------------------------------------------------- acts

    async def _follow(self, act: PendingAct, holding: bytes, until: float) -> bytes:
        """Perform the act just named.

        A webhook that must leave first leaves with ``holding``, or with what the act has to say meanwhile; the act
        goes on.
        """
        task = self._in_hand(act, self._perform(act))
        left_s = max(0.0, until - asyncio.get_running_loop().time())
        await asyncio.wait([task], timeout=min(left_s, BEARABLE_S) if act.meanwhile else left_s)
        if task.done():
            return task.result()
        task.add_done_callback(log_failure)
        if not act.meanwhile:
            return holding
        record = await self._sessions.load(act.call_sid)
        if record is None or record.act_id != act.act_id:
            return await self._present(act.call_sid)
        return await self._hold(record, until)

    def _pending(self, act: Act, session: Session, turn: int) -> PendingAct:
        """The act as the outbox keeps it: with all that performing it takes, and nothing else."""
        act_id, call_sid = f"{session.call_sid}.{turn}", session.call_sid
        if not isinstance(act, SendRequest):
            return PendingAct(act_id, call_sid, act)
        meanwhile = self._scribe.verbs(act.meanwhile, None)
        needed = act.fetch.sealed_names
        sealed = {name: token for name, token in session.sealed.items() if name in needed}
        return PendingAct(act_id, call_sid, replace(act, meanwhile=()), sealed=sealed, meanwhile=meanwhile)

    def _in_hand(self, act: PendingAct, doing: Coroutine[Any, Any, bytes]) -> asyncio.Task[bytes]:
        """A task that ``close`` waits for."""
        task = self._acts[act.act_id] = asyncio.create_task(doing)
        task.add_done_callback(lambda _done: self._acts.pop(act.act_id, None))
        return task

    async def _perform(self, read: PendingAct) -> bytes:
        act = self._effects.posting(read)
        # Written down before the request leaves: whoever takes over must know that it may have gone out.
        due_ms = self._effects.due_ms(act)
        if not await self._sessions.mark(act, read_posts=read.posts, take_over_ms=due_ms):
            return await self._present(act.call_sid)
        still = asyncio.create_task(self._tell_still(act, due_ms))
        try:
            answer = await self._effects.perform(act)
        finally:
            still.cancel()
        if isinstance(answer, Undecided):
            return await self._present(act.call_sid)
        return await self.act_answered(act.call_sid, act.act_id, answer)

    async def _tell_still(self, act: PendingAct, due_ms: int) -> None:
        """Put off the taking over of an act that is being performed, as far as it wants that, until cancelled."""
        while True:
            await asyncio.sleep(STILL_S)
            later_ms = self._effects.due_ms(act)
            if later_ms <= due_ms:
                continue
            try:
                if not await self._sessions.mark(act, read_posts=act.posts, take_over_ms=later_ms):
                    return
                due_ms = later_ms
            except RedisError as error:
                log.warning("act_not_put_off", error=str(error))

    # ---------------------------------------------------------------- when all else fails

    def _one_moment(self, call_sid: str, turn: int | None) -> bytes:
        again_xml = self._links.voice_xml if turn is None else self._links.turn_xml(call_sid, turn)
        return self._scribe.write((say("one_moment", self._programs.live), Pause(2)), again_xml)

    def _sorry(self, what: str, turn: int | None) -> bytes:
        log.exception(what, turn=turn)
        return self._scribe.write((say("apology", self._programs.live), Hangup()), None)


def log_failure(task: asyncio.Task[bytes]) -> None:
    """Say what an act met that nobody waits for any more; it stays in the outbox, and is taken over."""
    error = None if task.cancelled() else task.exception()
    if isinstance(error, RedisUnavailable):
        log.warning("act_without_redis", error=str(error))
    elif error is not None:
        log.error("act_failed", exc_info=error)


def errands_of(exchange: Exchange, turn: int, record: CallRecord | None, *, ours: bool) -> tuple[PendingAct, ...]:
    """What a turn asks for that its call does not wait for.

    Whichever way a call stops to wait, its contact ends with it, unless it was routing that told so; and a turn of our
    own making is to be fetched by the provider.
    """
    call_sid, errands = exchange.session.call_sid, []
    if ours:
        errands.append(PendingAct(f"{call_sid}.{turn}.move", call_sid, MoveCall(turn)))
    before, after = None if record is None else record.session, exchange.session
    waits_on = before is not None and after.contact == before.contact and after.ended is None
    if before is not None and before.contact and not waits_on and not any(map(is_known_end, exchange.happened)):
        outcome = "abandoned" if after.ended == "hung_up" else "failed"
        left = LeaveQueue(before.contact, before.group, outcome)
        errands.append(PendingAct(f"{call_sid}.{turn}.leave", call_sid, left))
    return tuple(errands)


def is_known_end(happened: Happened) -> bool:
    """Was it routing that told that the contact is over."""
    value = happened.event.value if isinstance(happened.event, Answered) else None
    return isinstance(value, dict) and value.get("outcome") in ROUTING_ENDS


def is_over(event: Event) -> bool:
    """Does the event end the call."""
    return isinstance(event, HungUp) or (isinstance(event, Recorded) and event.hung_up)


def event_of(request: VoiceRequest) -> Event:
    """What happened to the caller, from what the provider posted."""
    if request.recording is not None:
        made = request.recording
        return Recorded(made.sid, made.url, made.duration_s, request.digits or "", hung_up=request.over)
    if request.over:
        return HungUp()
    if request.dial is not None:
        return Dialed(request.dial.status, request.dial.duration_s)
    if request.digits is not None:
        return KeysPressed(request.digits)
    if request.words is not None:
        return WordsSpoken(request.words, request.confidence)
    return NothingHeard()
