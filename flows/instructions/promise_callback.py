"""Promise to call back: an act, named by a commit and performed after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.instructions.join_queue import Skills


@dataclass(frozen=True, slots=True)
class PromiseCallback:
    """Promise ``number`` (E.164) a call from ``queue``, in one of three ways.

    ``promise`` is ``keep_place`` (when it would have been this caller's turn), ``later_today`` (when nobody else waits)
    or ``at_a_time`` (``at_ms``, UTC epoch milliseconds; None otherwise). ``require``, ``relax``, ``priority``,
    ``prefer`` and ``prefer_s`` are as for ``JoinQueue``. The call that is made begins in ``program`` at ``place``
    (``flow/step``), in ``language``, with ``vars``.

    Answered with ``Answered({"outcome": "promised", "promise": id})``, with ``{"outcome": "refused", "reason": text}``
    when the queue does not promise that, or with ``EffectFailed``: ``unavailable``, ``failed``, ``unknown``.
    """

    queue: str
    number: str
    promise: str
    at_ms: int | None
    require: Skills
    relax: tuple[tuple[int, Skills], ...]
    priority: int
    prefer: str
    prefer_s: int
    language: str
    program: str
    place: str
    vars: dict[str, Any]
