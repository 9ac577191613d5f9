"""The verbs of TwiML: each file reads one (``read``, strict) and carries it out (``run``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.documents import Vocabulary
from ivr.simulator.verbs import (
    connect,
    dial,
    enqueue,
    gather,
    hangup,
    leave,
    pause,
    play,
    record,
    redirect,
    refer,
    reject,
    say,
    start,
    stop,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.elements import Element
    from ivr.simulator.steps import Verb

VERBS: Mapping[str, Callable[[Element], Verb]] = {
    "Connect": connect.read,
    "Dial": dial.read,
    "Enqueue": enqueue.read,
    "Gather": gather.read,
    "Hangup": hangup.read,
    "Leave": leave.read,
    "Pause": pause.read,
    "Play": play.read,
    "Record": record.read,
    "Redirect": redirect.read,
    "Refer": refer.read,
    "Reject": reject.read,
    "Say": say.read,
    "Start": start.read,
    "Stop": stop.read,
}

DOCUMENT = Vocabulary(VERBS)
"""What a document that drives a call may hold."""
