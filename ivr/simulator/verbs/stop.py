"""``<Stop>``: end something that ``<Start>`` began, by the name it was given then.

A name that nothing runs under changes nothing. Source: twilio.com/docs/voice/twiml/stop.
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
    """What can be stopped, read and checked."""

    def stop(self, call: Call) -> None:
        """End it and return at once."""


NOUNS: Mapping[str, Callable[[Element], Noun]] = {
    "Recording": start_recording.read_stop,
    "Stream": stream.read_stop,
    "Transcription": transcription.read_stop,
}


@dataclass(frozen=True, slots=True)
class Stop:
    nouns: tuple[Noun, ...]

    async def run(self, call: Call) -> None:
        call.answer()
        for noun in self.nouns:
            noun.stop(call)


def read(element: Element) -> Stop:
    """Raises DocumentError 14300 without a noun and for one that cannot be stopped."""
    wrong = next((child.name for child in element.children if child.name not in NOUNS), "")
    if wrong or not element.children:
        raise element.error(WRONG_NOUN, f"must hold {', '.join(sorted(NOUNS))}, not {wrong or 'nothing'}")
    element.only(children=NOUNS)
    return Stop(tuple(NOUNS[child.name](child) for child in element.children))
