"""Put the caller into a queue: an act, named by a commit and performed after it."""

from __future__ import annotations

from dataclasses import dataclass

Skills = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class JoinQueue:
    """Let the call wait in ``queue`` for somebody with the skills ``require`` (name and least level, by name).

    ``contact`` is what the call is named while it waits: another name for each time that it does. ``caller`` is its
    number in E.164, empty when withheld. ``since_ms`` is since when it waits, 0 for now.

    ``relax`` has what is required instead from so many seconds of waiting on. ``prefer`` is an agent's name, to be
    waited for ``prefer_s`` seconds; empty for none.
    ``priority`` counts points of head start. ``overflow_s`` is when the caller leaves again, None never;
    ``return_within_s`` how long the place is kept for one who hangs up and calls again, 0 not at all.

    Answered with ``Answered({"outcome": …})``, first for the act and then for what becomes of the contact:

    ============== =========================================================================================
    ``joined``     the caller waits; ``contact`` is its id, ``group`` where it is kept
    ``connected``  an agent took it and waits in ``conference``; the caller is sent there
    ``overflow``   the time was up
    ``nobody``     no agents signed in or available (``join_when``, ``leave_when``)
    ``full``       too many wait already
    ``too_long``   the estimate is above the limit
    ``closed``     the queue's hours are over
    ``lost``       nobody knows of the contact any more: it joins again, with its place
    ============== =========================================================================================

    or with ``EffectFailed``: ``unavailable`` from a server without queues, ``refused`` for a number that joins too
    often, ``failed``, ``unknown``.
    """

    queue: str
    contact: str
    caller: str
    require: Skills
    relax: tuple[tuple[int, Skills], ...]
    priority: int
    prefer: str
    prefer_s: int
    overflow_s: int | None
    return_within_s: int
    language: str
    place: str
    since_ms: int = 0
