"""``<Start>``: begin something that runs beside the call, and go on with the next verb at once.

The builders know ``action`` and ``method``; nothing is waited for, so they are checked and change nothing.
Each noun is a file in ``nouns/`` and has its line in ``NOUNS``. Source: twilio.com/docs/voice/twiml/start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ivr.simulator.nouns import start_recording, stream, transcription

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.elements import Element

WRONG_NOUN = 14300


class Noun(Protocol):
    """What can be started, read and checked."""

    def start(self, call: Call) -> None:
        """Begin it and return at once; raises DocumentError where the vendor would refuse it."""


NOUNS: Mapping[str, Callable[[Element], Noun]] = {
    "Recording": start_recording.read,
    "Stream": stream.read,
    "Transcription": transcription.read,
}


@dataclass(frozen=True, slots=True)
class Start:
    nouns: tuple[Noun, ...]

    async def run(self, call: Call) -> None:
        call.answer()
        for noun in self.nouns:
            noun.start(call)


def read(element: Element) -> Start:
    """Raises DocumentError 14300 without a noun and for one that cannot be started."""
    wrong = next((child.name for child in element.children if child.name not in NOUNS), "")
    if wrong or not element.children:
        raise element.error(WRONG_NOUN, f"must hold {', '.join(sorted(NOUNS))}, not {wrong or 'nothing'}")
    element.url("action")
    element.method()
    element.only(children=NOUNS)
    return Start(tuple(NOUNS[child.name](child) for child in element.children))
