"""What ``ivr queues`` and ``ivr agents`` share: the hall of the running server, and how it is shown."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.live import Live

from ivr import keys
from ivr.commands.errors import CannotRun
from ivr.commands.store import user, with_store
from ivr.hall import Hall, in_words
from ivr.sessions import Sessions
from routing.answers import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rich.console import RenderableType

    from ivr.commands.store import Store
    from routing.answers import Done

WATCH_S = 1.0
NOTHING_LIVE = "no program is live, so there are no queues; `ivr serve` publishes the workspace"

ByOption = Annotated[str, typer.Option("--by", help="Who does it, for the record; your user name if not given.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WatchOption = Annotated[bool, typer.Option("--watch", help="Show it live, every second, until Ctrl-C.")]

T = TypeVar("T")


def with_hall(work: Callable[[Hall], Awaitable[T]], *, by: str = "") -> T:
    """Do some work in the hall of the running server; refused by name where there is none, or no live program."""

    async def working(store: Store) -> T:
        live = await store.redis.execute("GET", keys.PROGRAM_LIVE)
        program = None if live is None else await store.programs.get(live.decode())
        if program is None:
            raise CannotRun(NOTHING_LIVE)
        return await work(Hall(store.redis, program, Sessions(store.redis), store.clock, by or user()))

    return with_store("ivr-hall", working)


def show(
    look: Callable[[Hall], Awaitable[T]],
    table: Callable[[T], RenderableType],
    data: Callable[[T], Any],
    *,
    as_json: bool,
    watch: bool,
) -> None:
    """Print what ``look`` finds as a table or as ``data``, once or every second; watched data is one line each."""
    if not watch:
        found = with_hall(look)
        if as_json:
            print(json.dumps(data(found), indent=2, ensure_ascii=False))
        else:
            Console(highlight=False).print(table(found))
        return

    async def watching(hall: Hall) -> None:
        with Live(console=Console(highlight=False), auto_refresh=False) as screen:
            while True:
                found = await look(hall)
                if as_json:
                    print(json.dumps(data(found), ensure_ascii=False), flush=True)
                else:
                    screen.update(table(found), refresh=True)
                await asyncio.sleep(WATCH_S)

    try:
        with_hall(watching)
    except KeyboardInterrupt:
        raise typer.Exit from None


def tell(done: Done | Refused, sentence: str, *, as_json: bool, name: str) -> None:
    """Say what was done; a refusal leaves with status 1, since nothing changed."""
    if isinstance(done, Refused):
        refuse(name, in_words(done), done.tag, as_json=as_json)
    offers = [{"contact": one.contact, "agent": one.agent} for one in done.offers]
    if as_json:
        print(json.dumps({"done": done.tag, "facts": list(done.facts), "offers": offers}, indent=2))
        return
    print(sentence)
    for offer in done.offers:
        print(f"  {offer.contact} is offered to {offer.agent}")


def refuse(name: str, words: str, tag: str, *, as_json: bool) -> NoReturn:
    """Say why nothing was done, and leave with status 1."""
    if as_json:
        print(json.dumps({"refused": tag, "why": words}, indent=2))
    else:
        typer.echo(f"ivr: {name}: {words}", err=True)
    raise typer.Exit(1)


def lasted(ms: int) -> str:
    """``0:07``, ``12:30``, ``1:02:03``."""
    seconds = max(0, ms) // 1000
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"
