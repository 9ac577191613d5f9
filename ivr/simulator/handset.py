"""A telephone somebody holds: how a test, a script or a person uses the network.

What is heard stays in ``heard`` until the next call is dialled or rings; ``listen`` is the same as a stream. A
registered telephone rings when its number is called, and is then answered, declined, or left to ring.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from ivr.simulator.heard import Heard, Keys, Noise, Silence, Words
from ivr.simulator.sound.files import BadSoundError, read_wav
from ivr.simulator.sound.sounds import Samples
from ivr.simulator.steps import HangUp
from ivr.simulator.voice import HUMAN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from ivr.simulator.call import Call
    from ivr.simulator.network import Simulator
    from ivr.simulator.voice import Voice

PACES = ("natural", "instant")


class Misuse(ValueError):  # noqa: N818 - it is what a person did, not what went wrong inside
    """The telephone was used in a way a telephone cannot be; the text says how."""


class Telephone:
    """One telephone, for one call at a time."""

    def __init__(self, network: Simulator, number: str, *, voice: Voice = HUMAN) -> None:
        self.number = number
        self.voice = voice
        self.takes_transfers = True
        self.heard: list[Heard] = []
        self.call: Call | None = None
        self._network = network
        self._news = asyncio.Event()
        self._decision: asyncio.Future[str] | None = None

    @property
    def is_in_call(self) -> bool:
        return self.call is not None and not self.call.is_over

    @property
    def is_ringing(self) -> bool:
        """Whether somebody calls who is not answered yet."""
        return self._decision is not None and not self._decision.done()

    def register(self) -> None:
        """Ring from now on when the number is called."""
        self._network.people.remove(self)
        self._network.people.put(self.number, self)

    def unregister(self) -> None:
        self._network.people.remove(self)

    async def ring(self, call: Call) -> str:
        """Ring for ``call`` until it is answered or declined; busy during another call."""
        if self.is_in_call:
            return "busy"
        self.heard = []
        self.call = call
        decision: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._decision = decision
        call.ring(self)
        try:
            return await decision
        finally:
            self._decision = None

    async def answer(self) -> None:
        """Pick up; raises Misuse when it does not ring."""
        self._decide("answered")

    async def decline(self) -> None:
        """Refuse the call: the network takes it for no-answer."""
        self._decide("no-answer")

    def _decide(self, status: str) -> None:
        if self._decision is None or self._decision.done():
            raise Misuse("this telephone does not ring")
        self._decision.set_result(status)

    async def dial(self, to: str, *, pace: str = "natural") -> None:
        """Call ``to``; at pace ``instant`` speech and audio take no time.

        A number that is not in service ends the call at once. Raises Misuse during a call, or for an unknown pace.
        """
        self._check_free(pace)
        self.call = self._network.place(to, from_=self.number, ear=self, pace=pace)

    async def connect(
        self, application: str, parameters: Mapping[str, str] | None = None, *, pace: str = "natural"
    ) -> None:
        """Call in as a browser does, through a TwiML application; raises Misuse for one the account does not have."""
        self._check_free(pace)
        if application not in self._network.applications:
            raise Misuse(f"there is no application {application!r}")
        self.call = self._network.connect(application, from_=self.number, ear=self, custom=parameters or {}, pace=pace)

    def _check_free(self, pace: str) -> None:
        if self.is_in_call:
            raise Misuse("this telephone is in a call already")
        if pace not in PACES:
            raise Misuse(f"a pace is one of {', '.join(PACES)}, not {pace!r}")
        self.heard = []

    async def press(self, keys: str) -> None:
        """Press ``keys`` one after the other; lost, as on any telephone, when nobody asks."""
        if not re.fullmatch(r"[0-9*#]+", keys):
            raise Misuse(f"keys are 0-9, * and #, not {keys!r}")
        self._present().take(Keys(keys))

    async def speak(self, words: str, confidence: float = 0.9, *, sound: bytes | None = None) -> None:
        """Say ``words``, which a recogniser is ``confidence`` (0 to 1) sure of, with the voice in the WAV ``sound``.

        Without it the network's own voice says them, in the language that was last heard.
        """
        if not words.strip() or not 0 <= confidence <= 1:
            raise Misuse("speaking needs words and a confidence from 0 to 1")
        call = self._present()
        said = await call.sound_of(words, self._language()) if sound is None else _read(sound)
        call.take(Words(words, confidence, said))

    async def play(self, sound: bytes) -> None:
        """Let the WAV ``sound`` be heard, in which a recogniser finds no words."""
        self._present().take(Noise(_read(sound)))

    def _language(self) -> str:
        return next((heard.language for heard in reversed(self.heard) if heard.language), "en-US")

    async def stay_silent(self, question: int) -> None:
        """Say and press nothing more to this question, and do not make anybody wait for that."""
        call = self._present()
        if call.questions == question:
            call.take(Silence(question))

    async def transfer(self, target: str) -> None:
        """Ask the network to connect the other side with ``target``; raises Misuse where there is none.

        Without a referUrl the Dial refuses it, which is among the network's errors.
        """
        transfer = self._present().transfer
        if transfer is None:
            raise Misuse("nobody takes a transfer here: only who was dialled by SIP can ask for one")
        transfer(target)

    async def hang_up(self) -> None:
        if self.is_ringing:
            await self.decline()
        elif self.call is not None and self.is_in_call:
            self.call.order(HangUp())

    async def listen(self) -> AsyncIterator[Heard]:
        """What is heard in the present call from its beginning, until it ends."""
        position = 0
        while True:
            while position < len(self.heard):
                heard = self.heard[position]
                position += 1
                yield heard
                if heard.kind == "ended":
                    return
            await self.news()

    async def news(self) -> None:
        """Return when something more is heard."""
        self._news.clear()
        await self._news.wait()

    def hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        self._news.set()

    def _present(self) -> Call:
        if self.call is None or self.call.is_over:
            raise Misuse("this telephone is not in a call")
        return self.call


def _read(sound: bytes) -> Samples:
    try:
        return Samples(read_wav(sound).decode())
    except BadSoundError as error:
        raise Misuse(f"this sound {error}") from error
