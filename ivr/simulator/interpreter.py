"""The loop of a call: request a document, execute its verbs, follow where they lead, end.

Whatever goes wrong with a document leads once to the fallback URL, and from there to a sentence and the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.simulator.aside import fetch_document
from ivr.simulator.call import LONGEST_CALL_S
from ivr.simulator.documents import Document, read_document
from ivr.simulator.heard import Heard
from ivr.simulator.problems import DocumentError, Problem
from ivr.simulator.steps import Goto, HangUp, Inline, Perform, Quit
from ivr.simulator.verbs import DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ivr.simulator.call import Call
    from ivr.simulator.steps import Step

    Driven = Goto | Inline | Perform

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
PATIENT_DOCUMENTS = 10
"""Documents in a row that took no time before each further one is made to wait: the vendor waits between redirects."""

MOST_DOCUMENTS_WITHOUT_TIME = 100
"""Then the application is going round in circles."""


async def converse(call: Call, begin: Callable[[Call], Coroutine[object, object, Step]]) -> None:
    """Execute ``call`` from its beginning, which leads to its first document, to its end."""
    call.limit_to(LONGEST_CALL_S)
    timeless = 0
    try:
        step = await call.unless_ordered(begin(call))
        while not isinstance(step, HangUp | Quit):
            call.has_lasted = False
            step = await call.unless_ordered(_visit(call, step, timeless))
            timeless = 0 if call.has_lasted else timeless + 1
        call.finish(step.status if isinstance(step, HangUp) else None)
    finally:
        call.finish("failed")


async def _visit(call: Call, step: Driven, timeless: int) -> Step:
    """One document and where it leads."""
    try:
        if timeless >= PATIENT_DOCUMENTS:
            await call.network.time.sleep(1.0)
        if timeless >= MOST_DOCUMENTS_WITHOUT_TIME and not _is_fallback(step):
            raise _round_in_circles(step, timeless)
        return await _execute(call, await _fetch(call, step))
    except Problem as problem:
        call.report(problem)
        is_exhausted = timeless > MOST_DOCUMENTS_WITHOUT_TIME
        return await _apologize(call) if is_exhausted else await _rescue(call, step, problem)


def _is_fallback(step: Driven) -> bool:
    return isinstance(step, Goto) and step.is_fallback


def _round_in_circles(step: Driven, timeless: int) -> DocumentError:
    url = step.url if isinstance(step, Goto) else ""
    return DocumentError(11215, url, f"{timeless} documents in a row led on to the next without taking any time")


async def _fetch(call: Call, step: Driven) -> Document:
    if isinstance(step, Inline):
        return read_document(step.twiml, "", DOCUMENT)
    if isinstance(step, Perform):
        return Document("", step.verbs)
    return await fetch_document(call, step, DOCUMENT)


async def _execute(call: Call, document: Document) -> Step:
    """Its verbs from top to bottom; the end of a document hangs up."""
    for verb in document.verbs:
        step = await verb.run(call)
        if step is not None:
            return step
    call.answer()
    return HangUp()


async def _rescue(call: Call, step: Driven, problem: Problem) -> Step:
    url, method = call.fallback
    if not url or _is_fallback(step):
        return await _apologize(call)
    error = (("ErrorCode", str(problem.code)), ("ErrorUrl", problem.url.partition("#")[0]))
    return Goto(url, method, error, is_fallback=True)


async def _apologize(call: Call) -> Step:
    """What the vendor says when an application leaves it without a document."""
    call.answer()
    sound = await call.sound_of(APOLOGY, "en-US")
    await call.let_hear(Heard("say", APOLOGY, language="en-US", voice="man", seconds=sound.seconds), sound)
    return HangUp()
