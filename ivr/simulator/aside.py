"""Documents executed aside from the one that drives the call: music while waiting, announcements, screening.

They know fewer verbs, they come to an end or begin anew, and only what stops the waiting itself leaves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.delivery import Request
from ivr.simulator.documents import read_answer
from ivr.simulator.steps import Goto, HangUp, Quit

if TYPE_CHECKING:
    from collections.abc import Callable

    from ivr.simulator.call import Call
    from ivr.simulator.documents import Document, Vocabulary
    from ivr.simulator.parameters import Parameters
    from ivr.simulator.steps import Step

BREATH_S = 1.0
"""Waited after a document that took no time, so that an endless one does not spin."""


async def fetch_document(call: Call, goto: Goto, vocabulary: Vocabulary) -> Document:
    """The document ``goto`` leads to; raises Problem when there is none."""
    request = Request("twiml", goto.url, goto.method, call.parameters(goto.parameters), call.sid)
    answer = await call.request(request)
    bare = goto.url.partition("#")[0]
    return read_answer(answer, goto.url if answer.url == bare else answer.url, vocabulary)


async def perform_aside(
    call: Call, vocabulary: Vocabulary, begin: Callable[[], Goto], *, is_endless: bool = False
) -> HangUp | Quit | None:
    """Execute the document at ``begin()`` and those it leads to; None at their end, which an endless one never has.

    Raises Problem when a document cannot be had.
    """
    goto = begin()
    while True:
        call.has_lasted = False
        step = await _perform(call, await fetch_document(call, goto, vocabulary))
        if isinstance(step, HangUp | Quit):
            return step
        if step is None and not is_endless:
            return None
        if not call.has_lasted:
            await call.spend(BREATH_S)
        goto = step if isinstance(step, Goto) else begin()


async def _perform(call: Call, document: Document) -> Step | None:
    for verb in document.verbs:
        step = await verb.run(call)
        if step is not None:
            return step
    return None


def beginning(url: str, method: str, parameters: Callable[[], Parameters] = tuple) -> Callable[[], Goto]:
    """Where an aside begins each time, with what is true of it then."""
    return lambda: Goto(url, method, parameters())
