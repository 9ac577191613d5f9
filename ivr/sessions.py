"""Where calls are kept: reading a call's session, and committing a turn of it in one script.

Two round trips a turn, a plain read and the commit; no session is cached in a process, so any process can answer any
webhook. What may come of a commit is a value; only a Redis that cannot be reached is an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from flows.session import decode
from ivr import keys
from ivr.acts import PendingAct, decode_act, encode_act
from ivr.journal import JOURNAL_CAP
from routing.scripts import Script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.session import Session
    from routing.redis import Redis

COMMIT = Script.load("ivr.lua", "commit.lua")
CLAIM = Script.load("ivr.lua", "claim.lua")
MARK = Script.load("ivr.lua", "mark.lua")


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call as it is kept: the turn answered last, the session after it, and the act under way.

    ``act_id`` is empty when no act is under way; ``unheard`` are the verbs held back until its answer.
    """

    turn: int
    session: Session
    act_id: str = ""
    unheard: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """One turn to be committed.

    ``expected`` is the turn the session was read at, None when there was none. ``entry`` is empty for a turn in which
    nothing happened. ``done`` is the act that the turn answers, ``act`` one that it names, to be taken over at
    ``take_over_ms``; ``act_id`` is the one under way after it. ``errands`` are taken over then too.
    """

    session: Session
    turn: int
    expected: int | None
    document: bytes
    entry: bytes = b""
    done: str = ""
    act_id: str = ""
    act: PendingAct | None = None
    take_over_ms: int = 0
    unheard: str = ""
    errands: tuple[PendingAct, ...] = ()


class Sessions:
    """The calls in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def load(self, call_sid: str) -> CallRecord | None:
        """The call's record; None when we know nothing of it.

        Raises UnknownFormatError when another version of ours wrote its session.
        """
        turn, session, act_id, unheard = await self._redis.execute(
            "HMGET", keys.call(call_sid), "turn", "session", "act", "unheard"
        )
        if turn is None:
            return None
        return CallRecord(int(turn), decode(orjson.loads(session)), (act_id or b"").decode(), (unheard or b"").decode())

    async def turn_of(self, call_sid: str) -> int | None:
        """The turn that was answered last, without reading the session."""
        turn = await self._redis.execute("HGET", keys.call(call_sid), "turn")
        return None if turn is None else int(turn)

    async def present_document(self, call_sid: str) -> bytes | None:
        """The answer to the last turn; None when we know nothing of the call."""
        answer: bytes | None = await self._redis.execute("HGET", keys.call(call_sid), "answer")
        return answer

    async def commit(self, commit: Commit) -> str:
        """Commit the turn, or change nothing: ``done``, or why not: ``answered``, ``behind``, ``gone``."""
        reply = await self._redis.run(
            COMMIT,
            keys.of_commit(commit.session.call_sid),
            [
                "" if commit.expected is None else commit.expected,
                commit.turn,
                orjson.dumps(commit.session),
                commit.document,
                keys.ENDED_TTL_S if commit.session.ended else keys.CALL_TTL_S,
                commit.entry,
                commit.done,
                commit.act_id,
                encode_act(commit.act) if commit.act else b"",
                commit.take_over_ms,
                commit.unheard,
                JOURNAL_CAP,
                _written(commit.errands),
            ],
        )
        tag: bytes = reply[0]
        return tag.decode()

    async def mark(self, act: PendingAct, *, read_posts: int, take_over_ms: int) -> bool:
        """Write down how far an act has come since it was read with ``read_posts`` requests begun.

        False when somebody else has answered for it meanwhile, or has begun another request.
        """
        part = keys.partition(act.call_sid)
        reply = await self._redis.run(
            MARK, [keys.outbox(part), keys.outbox_due(part)], [act.act_id, encode_act(act), read_posts, take_over_ms]
        )
        return bool(reply[0] == b"marked")

    async def forget(self, call_sid: str, act_id: str) -> None:
        """Take an act out of the outbox whose call is long gone."""
        part = keys.partition(call_sid)
        await self._redis.pipeline([("HDEL", keys.outbox(part), act_id), ("ZREM", keys.outbox_due(part), act_id)])

    async def meanwhile(self, call_sid: str, act_id: str) -> str | None:
        """The verbs to be heard while the act takes its time; None when it does not wait for its answer any more."""
        act = await self._redis.execute("HGET", keys.outbox(keys.partition(call_sid)), act_id)
        if act is None:
            return None
        try:
            return decode_act(act).meanwhile
        except (ValueError, TypeError, LookupError):
            return ""  # another version's: it waits all the same

    async def is_pending(self, call_sid: str, act_id: str) -> bool:
        """Whether the act still waits for its answer."""
        return bool(await self._redis.execute("HEXISTS", keys.outbox(keys.partition(call_sid)), act_id))

    async def due_acts(self, now_ms: int) -> list[tuple[str, str]]:
        """Acts that their processes left behind, as (partition, act id); one pipeline over all partitions.

        A partition whose node does not answer is left out: those of the others need not wait for it.
        """
        replies = await self._redis.pipeline(
            [("ZRANGEBYSCORE", keys.outbox_due(part), "-inf", now_ms, "LIMIT", 0, 10) for part in keys.PARTITIONS],
            whole=False,
        )
        return [
            (part, act_id.decode())
            for part, due in zip(keys.PARTITIONS, replies, strict=True)
            if isinstance(due, list)
            for act_id in due
        ]

    async def claim(self, part: str, act_id: str, *, now_ms: int, next_ms: int) -> PendingAct | None:
        """Take over an act that is due; None when another process was first."""
        reply = await self._redis.run(CLAIM, [keys.outbox(part), keys.outbox_due(part)], [act_id, now_ms, next_ms])
        return decode_act(reply[1]) if reply[0] == b"claimed" else None


def _written(errands: Sequence[PendingAct]) -> bytes:
    """Errands as the commit takes them: their ids to their texts."""
    return orjson.dumps({one.act_id: encode_act(one).decode() for one in errands}) if errands else b""
