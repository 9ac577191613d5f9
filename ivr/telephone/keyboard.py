"""What a person types, as inputs for a call: at once from a terminal, line by line from a pipe."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import threading
import tty
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.telephone.script import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYS = "0123456789*#"
BACKSPACE = "\b\x7f"
END_OF_INPUT = "\x04"
ESCAPE = "\x1b"


@dataclass(slots=True)
class Typing:
    """Turns characters into inputs: a key is pressed as it is typed, words go from a quotation mark to Enter."""

    words: str | None = field(default=None, init=False)

    def type(self, character: str) -> Input | None:
        if self.words is None:
            return self._key(character)
        if character in "\r\n":
            spoken, self.words = self.words.strip().rstrip('"').rstrip(), None
            return Input("spoke", spoken) if spoken else None
        if character == ESCAPE:
            self.words = None
        elif character in BACKSPACE:
            self.words = self.words[:-1]
        elif character.isprintable():
            self.words += character
        return None

    def _key(self, character: str) -> Input | None:
        if character in {'"', "'"}:
            self.words = ""
        if character == END_OF_INPUT:
            return Input("hung up")
        return Input("pressed", character) if character in KEYS else None


@contextmanager
def raw_keys(type_character: Callable[[str], None]) -> Iterator[None]:
    """Hand over each character typed at the terminal at once, unechoed; the terminal is always put back."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    loop = asyncio.get_running_loop()

    def read() -> None:
        typed = os.read(terminal, 1024).decode(errors="ignore")
        if not typed:
            loop.remove_reader(terminal)
        for character in ESCAPE if typed.startswith(ESCAPE) else typed:
            type_character(character)

    try:
        tty.setcbreak(terminal)
        loop.add_reader(terminal, read)
        yield
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def lines() -> asyncio.Queue[str | None]:
    """The lines of standard input as they come, then None."""
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return queue
