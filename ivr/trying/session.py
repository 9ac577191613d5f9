"""One try: what happens is shown, what is typed is done, until the call is over or nothing more is typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from flows.instructions import Dial, Gather, RecordCaller
from flows.scenarios.play import halted
from flows.scenarios.tell import place_of, speaker
from flows.scenarios.write import Diary
from ivr.trying import answers, typed
from ivr.trying.typed import deed, move

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from flows.scenarios import Call
    from flows.scenarios.lines import Line

STYLES = {"hears": ("☏", "cyan"), "plays": ("♪", "cyan"), "caller": ("caller", "bold green"), "notice": ("!", "yellow")}


@dataclass(slots=True)
class Try:
    """``ask`` gives a line that is typed in answer to a prompt, secretly or not; None when there are no more."""

    call: Call
    console: Console
    ask: Callable[[str, bool], str | None]
    shows_steps: bool = False
    diary: Diary = field(default_factory=Diary)
    shown: int = 0

    def run(self) -> None:
        """From ringing to the end."""
        self.call.start()
        if self._settle():
            self.diary.note("", self.call)
            while self.call.session.ended is None and self._one():
                pass
        if self.call.unanswered is None and not self.call.stuck:
            self._say(self._ended())

    def _one(self) -> bool:
        """Do what is typed next; false when that is nothing."""
        line = self.ask(prompt_of(self.call), self.call.is_secret())
        if line is None:
            return False
        written = deed(line, self.call)
        found = move(written, self.call)
        why = found if isinstance(found, str) else self._play(line, found.play)
        if why:
            self._say(why, "yellow")
            return True
        if not self._settle():
            return False
        self.diary.note(written, self.call)
        return True

    def _play(self, line: str, play: Callable[[Call], str]) -> str:
        """Keys that are sealed are pressed as they were typed, whatever is written down of them."""
        return self.call.press(line.strip()) if typed.KEYS.fullmatch(line.strip()) else play(self.call)

    def _settle(self) -> bool:
        """Show what has happened, and ask for what the flow wants to know; false when it cannot go on."""
        self._show()
        while self.call.unanswered is not None:
            asked = self.call.unanswered
            what, how = answers.question(asked)
            self._say(f"the flow asks: {what}", "magenta")
            line = self.ask(f"answer with {how}", False)
            if line is None:
                self._say(halted(self.call), "yellow")
                return False
            why = answers.give(self.call, asked, line)
            if why:
                self._say(why, "yellow")
            self._show()
        if self.call.stuck:
            self._say(halted(self.call), "red")
        return not self.call.stuck

    # --- showing

    def _show(self) -> None:
        """What is new: what somebody did, the steps that followed when they are asked for, and what these did."""
        news = self.call.lines[self.shown :]
        deeds = [line for line in news[:1] if line.who != "flow"]
        self._print(deeds)
        for station, by in self.call.stage.trace.path if self.shows_steps else ():
            self._say(f"{station.kind} {station.place}{f' → {by}' if by else ''}")
        self.call.stage.trace.path.clear()
        self._print(news[len(deeds) :])
        self.shown = len(self.call.lines)

    def _print(self, lines: list[Line]) -> None:
        for line in lines:
            if line.text:
                self.console.print(self._row(line))

    def _row(self, line: Line) -> Table:
        who = speaker(line)
        mark, style = STYLES.get(who, (who if who in {"agent", "world"} else "·", "dim"))
        place = place_of(line, self.call.stage.program) if self.shows_steps else ""
        row = Table.grid(padding=(0, 2, 0, 1))
        row.add_column(width=8, justify="right", style=style)
        row.add_column()
        text = Text(line.text, style="" if who == "hears" else "green" if who == "caller" else "dim")
        row.add_row(mark, Text.assemble(text, (f"  {place}" if place else "", "dim")))
        return row

    def _say(self, told: str, style: str = "dim") -> None:
        if told:
            self.console.print(Text(f"           {told}", style=style))

    def _ended(self) -> str:
        if self.call.session.ended is None:
            return f"Nothing more was typed; {self.call.state()}."
        return f"The call has ended: {', '.join(sorted(self.call.ending()))}."


def prompt_of(call: Call) -> str:
    """What may be typed now."""
    match call.waiting:
        case Dial(sort="conference"):
            return "agent hangs up, or hangup"
        case Dial():
            return "transferred ended, busy, no_answer or failed; or hangup"
        case RecordCaller():
            return "records 10s, Enter for silence, or hangup"
        case Gather() if call.queue is not None:
            return "agent answers, agent declines, waits 30s, queue overflow, or hangup"
        case Gather(keys=keys, speech=speech):
            return (
                " or ".join(filter(None, ("keys" if keys else "", '"words' if speech else ""))) + ", Enter for silence"
            )
    return "hangup"
