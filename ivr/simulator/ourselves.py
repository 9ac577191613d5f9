"""Calls to one of the account's own numbers: what goes out comes in there again, as two calls that hear each other.

Each is the far end of the other: what the document of one says or plays as tones, the other is told. The one that went
out is answered when the one that came in is, and when either ends so does the other.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from ivr.simulator.heard import Keys, Words
from ivr.simulator.steps import HangUp

if TYPE_CHECKING:
    from ivr.simulator.call import Call
    from ivr.simulator.heard import Heard, Input
    from ivr.simulator.network import Simulator
    from ivr.simulator.people import Line
    from ivr.simulator.records import Number

APPLICATION = re.compile(r"app:(?P<sid>AP\w+)(\?(?P<custom>\S*))?")
"""How a participant who is a TwiML application is addressed; it is told the parameters."""

TONES = re.compile(r"[0-9*#wW]+")
SET_UP_S = 0.5
MOST_HOPS = 10
"""Numbers that forward to each other are a circle, which the telephone network breaks."""

LATENCY_S = 0.2
"""Until a voice arrives: time enough for whoever was answered to be connected or to listen."""

ECHO_MS = 2000
"""The two may be in one room, where each hears the other say what it has just been told."""

REFUSALS = frozenset({"busy", "failed"})
"""How a call that came in and was not answered may end; every other way is no-answer."""


class FarEnd:
    """The ear of one call, at which ``other`` is the far end; ``answered`` is known once it is answered or refused.

    ``said`` is what went through lately either way, by its time: its echo does not.
    """

    def __init__(self, other: Call, said: dict[Input, int]) -> None:
        self.other = other
        self.answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._said = said

    def hear(self, heard: Heard) -> None:
        """Let ``other`` hear it as its far end's voice; an end is its end, too."""
        if heard.kind == "status" and heard.text == "in-progress":
            self._settle("answered")
        elif heard.kind == "ended" and not self.answered.done():
            self._settle(heard.text if heard.text in REFUSALS else "no-answer")
        elif heard.kind == "ended":
            self.other.order(HangUp())
        elif (given := _spoken(heard)) and not self._is_echo(given, heard.at_ms):
            self._said[given] = heard.at_ms
            self.other.network.spawn(self._pass_on(given))

    async def _pass_on(self, given: Input) -> None:
        await self.other.network.time.sleep(LATENCY_S)
        if not self.other.is_over:
            self.other.take(given)

    def _is_echo(self, given: Input, at_ms: int) -> bool:
        return at_ms - self._said.get(given, -ECHO_MS) < ECHO_MS

    def _settle(self, status: str) -> None:
        if not self.answered.done():
            self.answered.set_result(status)


def _spoken(heard: Heard) -> Input | None:
    """Words and keys; music and other audio mean nothing to who listens."""
    if heard.kind in {"say", "voice"}:
        return Words(heard.text)
    if heard.kind == "tones" or (heard.kind == "play" and TONES.fullmatch(heard.text)):
        return Keys(re.sub("[wW]", "", heard.text))
    return None


def _hops(call: Call) -> int:
    """How often this has been passed on already, from own number to own number."""
    hops = 0
    while call.parent is not None and isinstance(call.parent.ear, FarEnd):
        call, hops = call.parent.ear.other, hops + 1
    return hops


class Ourselves:
    """The line of an own number, or of an application."""

    def __init__(self, number: Number, *, application: str = "", custom: tuple[tuple[str, str], ...] = ()) -> None:
        self._number = number
        self._application = application
        self._custom = custom

    async def ring(self, call: Call) -> str:
        await call.network.time.sleep(SET_UP_S)
        if _hops(call) >= MOST_HOPS:
            return "failed"
        said: dict[Input, int] = {}
        there = FarEnd(call, said)
        incoming = call.network.receive(
            self._number, ear=there, to=call.to, from_=call.from_, custom=(*self._custom, *call.custom.items())
        )
        incoming.application_sid = self._application
        call.ring(FarEnd(incoming, said))
        status = ""
        try:
            status = await there.answered
        finally:
            if status != "answered":
                incoming.order(HangUp())
        return status


def ourselves(network: Simulator, to: str) -> Line | None:
    """The line behind ``to`` when it is the account's own, else None."""
    if to in network.numbers:
        return Ourselves(network.numbers[to])
    match = APPLICATION.fullmatch(to)
    if match is None or match["sid"] not in network.applications:
        return None
    custom = tuple(parse_qsl(match["custom"] or "", keep_blank_values=True))
    return Ourselves(network.applications[match["sid"]], application=match["sid"], custom=custom)
