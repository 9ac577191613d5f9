"""``ivr hours``: what is open, and closing at once without a publication.

``ivr hours close office --until 14:00 --say "We have a power cut."`` is in force with the next call that asks, in every
process, ends by itself, and is written down with who did it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from flows import hours
from flows.problems import did_you_mean, listed
from flows.text import LANGUAGE
from ivr import keys
from ivr.closures import Closing, Closures
from ivr.commands.errors import CannotRun
from ivr.commands.store import user, with_store
from ivr.times import UnclearTimeError, parse_until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from zoneinfo import ZoneInfo

    from flows.center import Center
    from ivr.clock import Clock
    from ivr.commands.store import Store

DAYS_SHOWN = 7
MOST_SAID = 500  # characters; half a minute, which every caller hears before anything else

app = typer.Typer(name="hours", help="Opening hours: what is open, and closing at once.")
ByOption = Annotated[str, typer.Option("--by", help="Who does it, for the record; your user name if not given.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands work with: the live centre, its closures and its clock."""

    center: Center
    closures: Closures
    clock: Clock

    def calendar(self, name: str) -> str:
        """A calendar's name; refused when the live centre has none of it."""
        if name in self.center.hours:
            return name
        hint = did_you_mean(name, self.center.hours) or f"; there are {listed(self.center.hours)}"
        raise CannotRun(f'no hours named "{name}" in the live center.yaml{hint}')


@app.callback(invoke_without_command=True)
def show(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Show what is open now, what was closed by hand, and the next seven days."""
    if context.invoked_subcommand is None:
        found = _run(_standing)
        if as_json:
            print(json.dumps(found, indent=2, ensure_ascii=False))
        else:
            _print(found)


@app.command()
def close(
    calendar: Annotated[str, typer.Argument(help="The calendar's name in center.yaml.")],
    until: Annotated[
        str, typer.Option(help='When it ends by itself: 14:00, "tomorrow 08:00", 2026-12-24 12:00 or 2h.')
    ],
    say: Annotated[
        list[str] | None,
        typer.Option(help='What callers hear; for another language than the first: --say es-US="Hoy cerramos."'),
    ] = None,
    *,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Close a calendar at once, until a moment at which it opens again by itself."""

    async def closing(desk: Desk) -> dict[str, Any]:
        name, zone = desk.calendar(calendar), desk.center.zone
        try:
            ends = parse_until(until, desk.clock.now(), zone)
        except UnclearTimeError as error:
            raise CannotRun(f"--until {until}: {error}") from error
        told = sentences(say or [], desk.center.languages)
        done = await desk.closures.close(name, until_ms=int(ends.timestamp() * 1000), say=told, by=by or user())
        return _as_data(done, zone)

    done = _run(closing)
    print(json.dumps(done, indent=2, ensure_ascii=False) if as_json else f"{calendar} is closed until {done['until']}")


@app.command("open")
def open_(
    calendar: Annotated[str, typer.Argument(help="The calendar's name in center.yaml.")],
    *,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let a calendar that was closed at once go by its own hours again."""

    async def opening(desk: Desk) -> dict[str, Any]:
        name = desk.calendar(calendar)
        gone = await desk.closures.open(name, by=by or user())
        state = hours.state(desk.center.hours[name], desk.center.zone, desk.clock.now())
        return {"calendar": name, "was_closed": gone is not None, "state": state}

    done = _run(opening)
    if as_json:
        print(json.dumps(done, indent=2))
    else:
        told = "goes by its own hours again" if done["was_closed"] else "was not closed by hand; nothing changes"
        print(f"{calendar} {told}: it is {done['state']} now")


def sentences(given: list[str], languages: tuple[str, ...]) -> dict[str, str]:
    """By language what callers are told; refused for a language that the centre does not speak, or said twice."""
    told: dict[str, str] = {}
    for text in given:
        tag, equals, rest = text.partition("=")
        named = bool(equals) and LANGUAGE.fullmatch(tag) is not None
        language, sentence = (tag, rest.strip()) if named else (languages[0], text.strip())
        if language not in languages:
            raise CannotRun(f"--say {language}=…: the centre speaks {listed(languages)}")
        if language in told:
            raise CannotRun(f"--say is given twice for {language}")
        if not sentence or len(sentence) > MOST_SAID:
            raise CannotRun(f"--say: a sentence of 1 to {MOST_SAID} characters is needed, and this has {len(sentence)}")
        told[language] = sentence
    return told


def _run(work: Callable[[Desk], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Do some work with the running server's Redis and live program; refused by name where there is none."""

    async def connected(store: Store) -> dict[str, Any]:
        live = await store.redis.execute("GET", keys.PROGRAM_LIVE)
        program = None if live is None else await store.programs.get(live.decode())
        if program is None:
            raise CannotRun("no program is live, so there are no hours; `ivr serve` publishes the workspace")
        return await work(Desk(program.center, Closures(store.redis, store.clock), store.clock))

    return with_store("ivr-hours", connected)


# ---------------------------------------------------------------------- what is shown


async def _standing(desk: Desk) -> dict[str, Any]:
    """How every calendar stands, as plain data."""
    closed = await desk.closures.of(desk.center.hours)
    now, zone = desk.clock.now(), desk.center.zone
    found = [_calendar(calendar, closed.get(name), now, zone) for name, calendar in desk.center.hours.items()]
    return {"timezone": zone.key, "now": _wall(now, zone), "calendars": found}


def _calendar(calendar: hours.Calendar, closing: Closing | None, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    until = None if closing is None else datetime.fromtimestamp(closing.until_ms / 1000, UTC)
    opens = hours.next_opening(calendar, zone, now, until)
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=number) for number in range(DAYS_SHOWN)]
    return {
        "name": calendar.name,
        "state": hours.state(calendar, zone, now, until),
        "opens": None if opens is None else _wall(opens, zone),
        "closed_at_once": None if closing is None else _as_data(closing, zone),
        "days": [
            {
                "date": day.isoformat(),
                "shifts": [f"{_clock(begins)}-{_clock(ends)}" for begins, ends in hours.shifts_on(calendar, day)],
                "holiday": hours.is_holiday(calendar, day),
            }
            for day in days
        ],
    }


def _as_data(closing: Closing, zone: ZoneInfo) -> dict[str, Any]:
    until = datetime.fromtimestamp(closing.until_ms / 1000, UTC)
    since = datetime.fromtimestamp(closing.at_ms / 1000, UTC)
    return {
        "calendar": closing.calendar,
        "until": _wall(until, zone),
        "say": dict(closing.say),
        "by": closing.by,
        "since": _wall(since, zone),
    }


def _wall(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(sep=" ", timespec="minutes")


def _clock(minute: int) -> str:
    """``08:30``; midnight at a shift's end is ``24:00``."""
    minute = minute if minute <= hours.DAY_MINUTES else minute - hours.DAY_MINUTES
    return f"{minute // 60:02}:{minute % 60:02}"


def _print(found: dict[str, Any]) -> None:
    colours = {"open": "green", "closed": "red", "holiday": "yellow"}
    console = Console(highlight=False)
    for calendar in found["calendars"]:
        state = calendar["state"]
        opens = "" if state == "open" or calendar["opens"] is None else f", opens {calendar['opens']}"
        console.print(f"[bold]{calendar['name']}[/] is [{colours[state]}]{state}[/]{opens}", soft_wrap=True)
        closing = calendar["closed_at_once"]
        if closing is not None:
            said = "".join(f'\n  {tag}: "{text}"' for tag, text in closing["say"].items())
            console.print(f"  closed by {closing['by']} until {closing['until']}{said}", markup=False, soft_wrap=True)
        table = Table(box=None, show_header=False, padding=(0, 1))
        for day in calendar["days"]:
            open_at = ", ".join(day["shifts"]) or ("holiday" if day["holiday"] else "closed")
            weekday = hours.DAYS[datetime.fromisoformat(day["date"]).weekday()]
            table.add_row("", weekday, day["date"], open_at)
        console.print(table)
    if not found["calendars"]:
        console.print('the live center.yaml has no "hours:"')
