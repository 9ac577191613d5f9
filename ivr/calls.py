"""The call desk: takes a webhook, walks the call one turn on, and commits what came of it. Exactly once.

A *turn* is one event that moves a call. Turn *n* is answered once: the session advances by compare-and-set on its turn
number (``lua/commit.lua``), and whoever loses that race throws its own document away and sends the stored one. So a
repeated, concurrent or late webhook moves nothing, and gets the same bytes or the present document.

What could collide, and what settles it:

- the same webhook twice, in one process or two: the commit of the slower one is refused, it sends the faster one's;
- a hang-up and a key at the same moment: both are turns; the loser looks again, and finds the call moved or ended;
- an act's answer and a webhook: the same; while an act is under way a webhook gets a short silence and comes back;
- two processes with one act's answer: the script finds the act gone from the outbox and changes nothing;
- Redis lost its last writes: the turn asked for is ahead of the session; the caller hears the present document again;
- Redis cannot be reached: the caller hears "one moment" and comes back to the same turn.

A caller never meets silence: what breaks in our own code is answered with an apology and the workspace's fallback
(``ivr/exchange.py``), and if that breaks as well, with an apology and the end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from flows.engine import begin
from flows.events import CallStarted, FellBack, HungUp, KeysPressed, NothingHeard, WordsSpoken
from flows.instructions import Hangup, Pause
from flows.session import UnknownFormatError
from ivr import journal
from ivr.effects import TAKE_OVER_MS, PendingAct, Undecided
from ivr.exchange import Exchange
from ivr.sentences import say
from ivr.sessions import CallRecord, Commit
from ivr.twilio import twiml
from routing.redis import RedisRefused, RedisUnavailable

if TYPE_CHECKING:
    from flows.events import Event
    from flows.program import Program
    from flows.session import Session
    from ivr.clock import Clock
    from ivr.effects import Effects
    from ivr.programs import Programs
    from ivr.sessions import Sessions
    from ivr.twilio.links import Links
    from ivr.twilio.requests import VoiceRequest

log = structlog.get_logger()

# Twilio waits 15 s in all, its own connection and retries included; half of it is ours.
TURN_BUDGET_S = 8.0
# What a turn keeps of it for its commit, after its last question.
COMMIT_RESERVE_S = 1.0
# How long one webhook looks again for a Redis that cannot be reached, before the caller hears "one moment".
REDIS_PATIENCE_S = 3.0
# A race is lost when somebody else wins it; eight in a row mean that something is wrong with us.
MOST_RACES = 8
# Refusals of a Redis that will be well again soon; any other refusal is our bug.
PASSING = ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "OOM", "MISCONF", "NOREPLICAS")


class NoProgramError(Exception):
    """Nothing has been published yet, so that no call can be answered; ``/readyz`` says so too."""


class LostRaceError(Exception):
    """Somebody else moved the call between our reading and our commit: look again."""


class CallDesk:
    """Answers the webhooks of every call. It owns nothing but the tasks of acts that outlive their webhook."""

    def __init__(self, *, sessions: Sessions, programs: Programs, effects: Effects, links: Links, clock: Clock) -> None:
        self._sessions = sessions
        self._programs = programs
        self._effects = effects
        self._links = links
        self._clock = clock
        self._acts: set[asyncio.Task[bytes]] = set()

    async def answer(self, request: VoiceRequest, turn: int | None) -> bytes:
        """The TwiML for a voice webhook; ``turn`` is its URL's, None for a call that arrives. Never an exception."""
        if request.garbage:
            log.warning("webhook_garbage", garbage=list(request.garbage))
        try:
            async with asyncio.timeout(TURN_BUDGET_S):
                return await self._persist(request, turn)
        except TimeoutError:
            log.warning("turn_too_slow", turn=turn)
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
                await self._hang_up(call_sid)
            except LostRaceError:
                continue
            return
        log.error("hang_up_lost_every_race")

    async def act_answered(self, call_sid: str, act_id: str, event: Event) -> bytes:
        """An act's answer moves the call; whoever brings it first counts. The call's document after it."""
        for _race in range(MOST_RACES):
            record = await self._sessions.load(call_sid)
            if record is None:
                await self._sessions.forget(call_sid, act_id)
                return twiml.EMPTY
            if record.act_id != act_id:
                return await self._present(call_sid)
            try:
                return await self._move(record, event, done=act_id)
            except LostRaceError:
                continue
        raise LostRaceError

    async def take_over(self, act: PendingAct) -> None:
        """Finish an act that its process left behind."""
        log.info("act_taken_over", act=act.act_id, posts=act.posts)
        found = await self._effects.find_out(act)
        if found is None:
            await self._perform(act)
        elif isinstance(found, Undecided):
            await self._sessions.mark(act, take_over_ms=found.again_ms)
        else:
            await self.act_answered(act.call_sid, act.act_id, found)

    async def message_seen(self, call_sid: str, act_id: str, message_sid: str) -> None:
        """A message's own callback tells that it was sent, whatever became of the request that sent it."""
        if await self._sessions.is_pending(call_sid, act_id):
            await self.act_answered(call_sid, act_id, self._effects.sent(message_sid))

    async def close(self) -> None:
        """Let the acts under way come to their end."""
        await asyncio.gather(*self._acts, return_exceptions=True)

    # ---------------------------------------------------------------- one webhook

    async def _persist(self, request: VoiceRequest, turn: int | None) -> bytes:
        """Look again after every lost race, and for a while after a Redis that cannot be reached."""
        loop = asyncio.get_running_loop()
        patience = loop.time() + REDIS_PATIENCE_S
        races = 0
        while True:
            try:
                return await (self._hang_up(request.call_sid) if request.over else self._take_turn(request, turn))
            except RedisUnavailable:
                # The commit is repeatable by its turn number, so it does not matter whether the lost one ran.
                if loop.time() > patience:
                    raise
            except LostRaceError:
                races += 1
                if races > MOST_RACES:
                    raise

    async def _take_turn(self, request: VoiceRequest, turn: int | None) -> bytes:
        try:
            record = await self._sessions.load(request.call_sid)
        except UnknownFormatError as error:
            return await self._begin_at_fallback(request, str(error))
        if record is None:
            return await self._begin(request, turn or 0)
        if turn is None or turn <= record.turn:
            return await self._present(request.call_sid)
        if turn > record.turn + 1:
            log.warning("turn_ahead_of_session", turn=turn, session_turn=record.turn)
            return await self._present(request.call_sid)
        if record.act_id:
            return await self._hold(record)
        return await self._move(record, event_of(request))

    async def _present(self, call_sid: str) -> bytes:
        document = await self._sessions.present_document(call_sid)
        if document is None:
            raise LostRaceError
        return document

    async def _hang_up(self, call_sid: str) -> bytes:
        record = await self._sessions.load(call_sid)
        if record is not None and record.session.ended is None:
            await self._move(record, HungUp())
        return twiml.EMPTY

    # ---------------------------------------------------------------- one turn

    async def _begin(self, request: VoiceRequest, turn: int) -> bytes:
        """A call that we know nothing of begins its number's flow, at whatever turn it comes with."""
        if turn:
            log.warning("session_lost", turn=turn)
        exchange = self._new_exchange(self._session(self._live(), request))
        return await self._commit(await self._run(exchange, CallStarted()), turn, expected=None)

    async def _begin_at_fallback(self, request: VoiceRequest, why: str) -> bytes:
        """A session this version cannot read (an upgrade under way) goes on at the fallback, never in silence."""
        log.error("session_unreadable", error=why)
        turn = await self._sessions.turn_of(request.call_sid)
        exchange = self._new_exchange(self._session(self._live(), request))
        return await self._commit(await self._run(exchange, FellBack()), (turn or 0) + 1, expected=turn)

    async def _move(self, record: CallRecord, event: Event, *, done: str = "") -> bytes:
        """Walk a known call one turn on; ``done`` is the act whose answer ``event`` is."""
        program = await self._programs.get(record.session.program)
        if program is not None:
            exchange = Exchange(program, record.session, self._clock.now_ms())
        else:
            # Its program went with an emptied Redis: the number's flow anew is the best that is left.
            log.error("program_lost", program=record.session.program)
            exchange = self._new_exchange(self._session(self._live(), record.session))
            event = event if isinstance(event, HungUp) else CallStarted()
        return await self._commit(
            await self._run(exchange, event),
            record.turn + 1,
            expected=record.turn,
            done=done,
            act_id="" if done else record.act_id,
            before=record.unheard,
        )

    async def _hold(self, record: CallRecord) -> bytes:
        """A webhook while an act is under way: a second of silence, then the next turn. Nothing happened."""
        call_sid, turn = record.session.call_sid, record.turn + 1
        document = self._pause(call_sid, turn + 1)
        return await self._settle(
            Commit(
                session=record.session, turn=turn, expected=record.turn, document=document,
                act_id=record.act_id, unheard=record.unheard,
            )
        )  # fmt: skip

    async def _run(self, exchange: Exchange, event: Event) -> Exchange:
        until = asyncio.get_running_loop().time() + TURN_BUDGET_S - COMMIT_RESERVE_S
        return await exchange.run(event, self._effects, until=until)

    async def _commit(
        self, exchange: Exchange, turn: int, *, expected: int | None, done: str = "", act_id: str = "", before: str = ""
    ) -> bytes:
        """Commit a walked turn; while an act is under way its words are held back until the act is answered."""
        session, call_sid = exchange.session, exchange.session.call_sid
        act = PendingAct(f"{call_sid}.{turn}", call_sid, exchange.act) if exchange.act else None
        act_id = act.act_id if act else act_id
        verbs = before + twiml.write_verbs(
            exchange.spoken, audio_url=self._links.audio, next_url=self._links.turn(call_sid, turn + 1)
        )
        held = bool(act_id) and not session.ended
        commit = Commit(
            session=session,
            turn=turn,
            expected=expected,
            document=self._pause(call_sid, turn + 1) if held else self._document(verbs, session, turn),
            entry=journal.write_entry(exchange, turn),
            done=done,
            act_id=act_id,
            act=act,
            take_over_ms=self._clock.now_ms() + TAKE_OVER_MS,
            unheard=verbs if held else "",
        )
        return await self._settle(commit)

    async def _settle(self, commit: Commit) -> bytes:
        """Commit for good and follow the act it names; raises LostRaceError when the call moved meanwhile."""
        outcome = await self._sessions.commit(commit)
        if outcome != "done":
            if outcome != "answered":
                log.warning("commit_refused", turn=commit.turn, outcome=outcome)
            raise LostRaceError
        if commit.act is None:
            return commit.document
        # The webhook may have to leave before the act is answered; the act goes on, and its answer is the next turn.
        task = asyncio.create_task(self._perform(commit.act))
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)
        return await asyncio.shield(task)

    async def _perform(self, act: PendingAct) -> bytes:
        act = self._effects.posting(act)
        # Written down before the request leaves: whoever takes over must know that it may have gone out.
        if not await self._sessions.mark(act, take_over_ms=self._effects.callback_due_ms(act)):
            return await self._present(act.call_sid)
        answer = await self._effects.perform(act)
        if isinstance(answer, Undecided):
            return await self._present(act.call_sid)
        return await self.act_answered(act.call_sid, act.act_id, answer)

    # ---------------------------------------------------------------- pieces

    def _live(self) -> Program:
        if self._programs.live is None:
            raise NoProgramError
        return self._programs.live

    def _session(self, program: Program, call: VoiceRequest | Session) -> tuple[Program, Session]:
        now = self._clock.now()
        return program, begin(program, call_sid=call.call_sid, caller=call.caller, called=call.called, now=now)

    def _new_exchange(self, begun: tuple[Program, Session]) -> Exchange:
        return Exchange(*begun, self._clock.now_ms(), began=True)

    def _pause(self, call_sid: str, next_turn: int) -> bytes:
        return twiml.write_document(
            [Pause(1)], audio_url=self._links.audio, next_url=self._links.turn(call_sid, next_turn)
        )

    def _document(self, verbs: str, session: Session, turn: int) -> bytes:
        return twiml.wrap(verbs, next_url=None if session.ended else self._links.turn(session.call_sid, turn + 1))

    def _one_moment(self, call_sid: str, turn: int | None) -> bytes:
        again = self._links.voice if turn is None else self._links.turn(call_sid, turn)
        spoken = (say("one_moment", self._programs.live), Pause(2))
        return twiml.write_document(spoken, audio_url=self._links.audio, next_url=again)

    def _sorry(self, what: str, turn: int | None) -> bytes:
        log.exception(what, turn=turn)
        spoken = (say("apology", self._programs.live), Hangup())
        return twiml.write_document(spoken, audio_url=self._links.audio, next_url=None)


def event_of(request: VoiceRequest) -> Event:
    """What the caller did, from what the provider posted."""
    if request.digits is not None:
        return KeysPressed(request.digits)
    if request.words is not None:
        return WordsSpoken(request.words, request.confidence)
    return NothingHeard()
