"""How a call looks in a terminal: the conversation grows line by line, and below it stands what the line is doing.

What is being said appears at the speed it is spoken; what is cut short ends in a dash.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ivr.telephone.handset import Sound
    from ivr.telephone.script import Input

DOING = {"say": "speaking", "play": "playing", "pause": "silent for a moment", "listening": "listening"}
ENDINGS = {
    "completed": "The call has ended",
    "busy": "Busy",
    "no-answer": "Nobody answered",
    "failed": "The call failed",
    "canceled": "The call was canceled",
    "not-in-service": "This number is not in service",
}
ASKED = {"dtmf": "press a key", "speech": 'say something: "words Enter', "dtmf speech": 'press a key, or "words Enter'}


class Screen:
    """Follow ``hear`` and ``do``; used as a context, which draws."""

    def __init__(self, console: Console, to: str, *, own: str = "") -> None:
        self._console = console
        self._to = to
        self._state = f"calling {to}" if to else f"waiting at {own}"
        self._hint = "Ctrl-C hangs up"
        self._language = ""
        self._spoken: Sound | None = None
        self._spoken_from_s = 0.0
        self._answered_s: float | None = None
        self._pressed = ""
        self.words: str | None = None
        self._spinner = Spinner("dots", style="cyan")
        self._live = Live(
            get_renderable=self._draw, console=console, refresh_per_second=12, transient=True, redirect_stdout=False
        )

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def hear(self, sound: Sound) -> None:
        self._finish_speech(cut=sound.kind not in {"listening", "status"} and not self._is_said())
        match sound.kind:
            case "say" | "play":
                self._begin_speech(sound)
            case "status":
                self._follow_status(sound.text)
            case "rings":
                self._to = sound.text
                self._print(_line("", "bold", Text(f"{sound.text} is calling: Enter answers, Ctrl-C declines")))
            case "ended":
                self._flush_keys()
                self._end(sound.text)
            case "error":
                self._print(_line("", "", Text(sound.text, style="red")))
        self._state = DOING.get(sound.kind, self._state)
        self._hint = ASKED.get(sound.text, "") if sound.kind == "listening" else "Ctrl-C hangs up"

    def do(self, given: Input) -> None:
        """Show what was pressed or said; keys in a row stand on one line."""
        self._state = "listening" if given.kind in {"pressed", "spoke"} else self._state
        self._finish_speech(cut=not self._is_said())
        if given.kind == "pressed":
            self._pressed += given.text
            return
        self._flush_keys()
        shown = f"“{given.text}”" if given.text else f"({given.kind})"
        self._print(_line("you", "bold green", Text(shown, style="green")))

    def _begin_speech(self, sound: Sound) -> None:
        self._flush_keys()
        self._spoken, self._spoken_from_s = sound, time.monotonic()

    def _follow_status(self, status: str) -> None:
        if status == "in-progress" and self._answered_s is None:
            self._answered_s = time.monotonic()
            self._print(_line("", "", Text(f"{self._to} answered", style="dim")))
        self._state = "ringing" if status == "ringing" else "connected"

    def _end(self, status: str) -> None:
        style = "dim" if status == "completed" else "bold yellow"
        lasted = f" after {self._clock()}" if self._answered_s is not None else ""
        self._print(_line("", "", Text(f"{ENDINGS.get(status, status)}{lasted}.", style=style)))

    def _flush_keys(self) -> None:
        if self._pressed:
            self._print(_line("you", "bold green", Text(self._pressed, style="green")))
            self._pressed = ""

    def _is_said(self) -> bool:
        return self._spoken is None or time.monotonic() - self._spoken_from_s >= self._spoken.seconds - 0.2

    def _finish_speech(self, *, cut: bool) -> None:
        if self._spoken is not None:
            sound, self._spoken = self._spoken, None
            line = self._said(sound, f"{self._so_far(sound).rstrip()} —" if cut and sound.kind == "say" else sound.text)
            self._print(line)
            self._language = sound.language or self._language

    def _so_far(self, sound: Sound) -> str:
        share = (time.monotonic() - self._spoken_from_s) / sound.seconds if sound.seconds else 1.0
        return sound.text if share >= 1 else sound.text[: round(len(sound.text) * share)]

    def _said(self, sound: Sound, text: str) -> Table:
        if sound.kind == "play":
            return _line("♪", "cyan", Text(text, style="dim"))
        changed = bool(self._language) and sound.language != self._language
        return _line("☏", "cyan", Text.assemble((f"[{sound.language}] " if changed else "", "magenta"), text))

    def _draw(self) -> RenderableType:
        parts: list[RenderableType] = []
        if self._spoken is not None:
            parts.append(self._said(self._spoken, self._so_far(self._spoken)))
        if self._pressed or self.words is not None:
            typed = self._pressed if self.words is None else f"“{self.words}▏"
            parts.append(_line("you", "bold green", Text(typed, style="green")))
        self._spinner.update(text=Text.assemble((self._state, "cyan"), (f"  {self._clock()}  {self._hint}", "dim")))
        return Group(*parts, Text(""), self._spinner)

    def _clock(self) -> str:
        seconds = 0 if self._answered_s is None else int(time.monotonic() - self._answered_s)
        return f"{seconds // 60}:{seconds % 60:02}"

    def _print(self, line: Table) -> None:
        self._console.print(line)


def _line(mark: str, style: str, text: Text) -> Table:
    """A line of the conversation: who, and what, which stays in its column when it is long."""
    line = Table.grid(padding=(0, 2, 0, 1))
    line.add_column(width=3, justify="right", style=style)
    line.add_column()
    line.add_row(mark, text)
    return line
