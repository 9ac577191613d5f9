"""Whoever makes sound of text: tones of the right length, or the program espeak-ng where there is one."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from ivr.simulator.heard import CHARACTERS_PER_SECOND
from ivr.simulator.sound import tones
from ivr.simulator.sound.files import BadSoundError, read_wav
from ivr.simulator.sound.sounds import Samples

if TYPE_CHECKING:
    from ivr.simulator.sound.sounds import Sound

TIMEOUT_S = 10.0
MOST_REMEMBERED = 500
LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
AT_ONCE = 2
"""Programs that speak at the same time; others wait their turn."""


class Speaker(Protocol):
    """A voice."""

    async def say(self, text: str, language: str) -> Sound:
        """What ``text`` sounds like in ``language`` (``en-US``); as long as it takes to say."""


class Tones:
    """Speaks in tones: the same text always sounds the same, and nothing is made before somebody listens."""

    async def say(self, text: str, language: str) -> Sound:  # noqa: ARG002 - tones are understood everywhere
        return tones.melody(text, len(text) / CHARACTERS_PER_SECOND)


class Espeak:
    """Speaks with espeak-ng; in tones what the program cannot say (a language it does not know, an empty text)."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._said: OrderedDict[tuple[str, str], Sound] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def say(self, text: str, language: str) -> Sound:
        key = (text, language)
        if key not in self._said:
            async with self._turns:
                self._said[key] = await self._make(text, language)
        self._said.move_to_end(key)
        if len(self._said) > MOST_REMEMBERED:
            self._said.popitem(last=False)
        return self._said[key]

    async def _make(self, text: str, language: str) -> Sound:
        for voice in _voices(language):
            try:
                return Samples(read_wav(await self._run(text, voice)).decode())
            except (BadSoundError, OSError, TimeoutError):
                continue
        return await Tones().say(text, language)

    async def _run(self, text: str, voice: str) -> bytes:
        """The text goes in by a pipe, where it can be neither an option nor a file's name."""
        command = (self._program, "--stdin", "--stdout", "-b", "1", f"-v{voice}")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(TIMEOUT_S):
                audio, _ = await process.communicate(text.encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return audio


def _voices(language: str) -> tuple[str, ...]:
    """The program's names of a language, the nearest first; none for what is no language."""
    return (language.lower(), language.partition("-")[0].lower()) if LANGUAGE.fullmatch(language) else ()


def best_speaker() -> Speaker:
    """espeak-ng if this machine has it, else tones."""
    program = shutil.which("espeak-ng")
    return Espeak(program) if program else Tones()
