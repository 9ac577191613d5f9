"""The verbs of TwiML: each file reads one (``read``, strict) and carries it out (``run``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.verbs import gather, hangup, pause, play, redirect, reject, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.elements import Element
    from ivr.simulator.steps import Verb

VERBS: Mapping[str, Callable[[Element], Verb]] = {
    "Gather": gather.read,
    "Hangup": hangup.read,
    "Pause": pause.read,
    "Play": play.read,
    "Redirect": redirect.read,
    "Reject": reject.read,
    "Say": say.read,
}
