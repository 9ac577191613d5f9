"""Connect the caller with somebody else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dial:
    """Ring ``to`` for ``ring_s`` seconds and let the two talk for at most ``longest_s``; the last of its turn.

    ``sort`` says what ``to`` is: a ``number`` in E.164, a ``sip`` address, or the ``conference`` in which an agent
    waits. ``caller_id`` is the number the other side sees, None the provider's choice: the caller's own. Answered with
    ``Dialed``, unless the caller hangs up (twilio.com, ``<Dial>``).
    """

    to: str
    sort: str = "number"
    caller_id: str | None = None
    ring_s: int = 30
    longest_s: int = 14_400
