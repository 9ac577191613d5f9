"""A call from dialling to its end: by script, by a person at a terminal, or by lines from a pipe."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ivr.telephone import keyboard
from ivr.telephone.script import Input, give, read_script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator

    from ivr.telephone.handset import Handset, Sound
    from ivr.telephone.screen import Screen


@dataclass(slots=True)
class Conversation:
    """What was heard and done, in order; ``ending`` is the final status, empty while the call lasts.

    A telephone that ``picks_up`` answers by itself when it rings.
    """

    handset: Handset
    screen: Screen | None = None
    happened: list[Sound | Input] = field(default_factory=list)
    ending: str = ""
    was_answered: bool = False
    picks_up: bool = False
    is_ringing: bool = False

    async def sounds(self) -> AsyncIterator[Sound]:
        """What is heard, noted and shown."""
        async for sound in self.handset.listen():
            self.happened.append(sound)
            if self.screen:
                self.screen.hear(sound)
            if sound.kind == "ended":
                self.ending = sound.text
            self.was_answered |= (sound.kind, sound.text) == ("status", "in-progress")
            self.is_ringing = sound.kind == "rings"
            if self.is_ringing and self.picks_up:
                await self.handset.answer()
            yield sound

    def note(self, given: Input) -> None:
        self.happened.append(given)
        if self.screen:
            self.screen.do(given)


async def by_script(talk: Conversation, next_input: Callable[[], Awaitable[Input | None]]) -> None:
    """Answer each question with the next input; when there are none left, hang up at the following question."""
    talk.picks_up = True
    with _hanging_up(talk):
        async for sound in talk.sounds():
            if sound.kind == "listening":
                given = await next_input() or Input("hung up")
                talk.note(given)
                await give(talk.handset, given, sound.question)


async def by_hand(talk: Conversation) -> None:
    """Send keys as they are typed and words at Enter, until the call ends; Enter answers while it rings."""
    typing = keyboard.Typing()
    tasks: set[asyncio.Task[None]] = set()

    def start(work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def type_character(character: str) -> None:
        if talk.is_ringing and character in "\r\n":
            start(talk.handset.answer())
            return
        given = typing.type(character)
        if talk.screen:
            talk.screen.words = typing.words
        if given is not None:
            talk.note(given)
            start(_do(talk.handset, given))

    with _hanging_up(talk), keyboard.raw_keys(type_character):
        async for _ in talk.sounds():
            pass


def listed(inputs: list[Input]) -> Callable[[], Awaitable[Input | None]]:
    """The next of ``inputs``, then None."""
    waiting = iter(inputs)

    async def next_input() -> Input | None:
        return next(waiting, None)

    return next_input


def piped() -> Callable[[], Awaitable[Input | None]]:
    """The next input from the lines of standard input, then None; raises ValueError for a line that is none."""
    lines, waiting = keyboard.lines(), list[Input]()

    async def next_input() -> Input | None:
        while not waiting:
            line = await lines.get()
            if line is None:
                return None
            waiting.extend(read_script(line))
        return waiting.pop(0)

    return next_input


def as_json(talk: Conversation, *, to: str, from_: str) -> dict[str, Any]:
    """The whole call as one document."""
    return {
        "to": to,
        "from": from_,
        "answered": talk.was_answered,
        "ended": talk.ending,
        "conversation": [_entry(one) for one in talk.happened],
    }


def _entry(one: Sound | Input) -> dict[str, Any]:
    if isinstance(one, Input):
        return {"kind": one.kind, "text": one.text}
    entry: dict[str, Any] = {"kind": one.kind, "text": one.text, "at_ms": one.at_ms}
    return entry | ({"language": one.language, "voice": one.voice} if one.kind == "say" else {})


async def _do(handset: Handset, given: Input) -> None:
    if given.kind == "pressed":
        await handset.press(given.text)
    elif given.kind == "spoke":
        await handset.speak(given.text)
    else:
        await handset.hang_up()


@contextmanager
def _hanging_up(talk: Conversation) -> Iterator[None]:
    """While this lasts Ctrl-C and SIGTERM hang up; a second one stops waiting for the end."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    hanging_up: list[asyncio.Task[None]] = []

    def interrupt() -> None:
        if hanging_up and task:
            task.cancel()
        else:
            talk.note(Input("hung up"))
            hanging_up.append(asyncio.create_task(talk.handset.hang_up()))

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
