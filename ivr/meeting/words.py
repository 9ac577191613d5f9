"""What an agent hears at the telephone: who calls for what, and how to accept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows import phrases
from flows.instructions import Gather
from flows.spoken import spell
from ivr.meeting.lines import TELEPHONE
from ivr.sentences import say

if TYPE_CHECKING:
    from flows.program import Program
    from routing.offers import OfferNow

ACCEPT = "1"
ANSWER_WITHIN_S = 4


def announcement(now: OfferNow, program: Program | None) -> Gather:
    """Who calls for which queue; listens for one key."""
    accept = say("offer_accept", program)
    told = [phrases.filled(say("offer_queue", program).text, {"queue": now.queue.replace("_", " ")})]
    if TELEPHONE.fullmatch(now.caller):
        told.append(phrases.filled(say("offer_caller", program).text, {"number": str(spell(now.caller))}))
    said = replace(accept, text=" ".join((*told, accept.text)))
    return Gather((said,), said.language, timeout_s=ANSWER_WITHIN_S, num_digits=1, finish_on_key="")
