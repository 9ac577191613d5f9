"""``ivr queues``: who waits, for how long and why; moving a caller, and giving one a head start."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from flows.problems import did_you_mean, listed
from ivr.commands.errors import CannotRun
from ivr.commands.halls import ByOption, JsonOption, WatchOption, lasted, refuse, show, tell, with_hall
from ivr.hall import WORDS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ivr.hall import Hall, QueueRow
    from routing.answers import Done, Refused
    from routing.listing import ContactNow
    from routing.why import ContactWhy

app = typer.Typer(name="queues", help="Queues: who waits, for how long and why.")
ContactArgument = Annotated[str, typer.Argument(help="A contact as `ivr queues show` names it, or a call's CallSid.")]
QueueArgument = Annotated[str, typer.Argument(help="The queue's name in center.yaml.")]
STATES = {"waiting": "yellow", "offered": "cyan", "accepted": "cyan", "connected": "green", "promised": "blue"}


@app.callback(invoke_without_command=True)
def queues(context: typer.Context, *, watch: WatchOption = False, as_json: JsonOption = False) -> None:
    """List the queues: waiting, longest wait, agents ready and signed in."""
    if context.invoked_subcommand is None:
        show(
            lambda hall: hall.queues(),
            _queues,
            lambda rows: [asdict(row) for row in rows],
            as_json=as_json,
            watch=watch,
        )


@app.command("show")
def show_(queue: QueueArgument, *, watch: WatchOption = False, as_json: JsonOption = False) -> None:
    """List the contacts of one queue in their order."""

    async def look(hall: Hall) -> tuple[int, tuple[ContactNow, ...]]:
        return hall.now_ms(), await hall.contacts(known_queue(hall, queue))

    def data(found: tuple[int, tuple[ContactNow, ...]]) -> list[dict[str, Any]]:
        return [asdict(one) | {"waited_ms": found[0] - one.since_ms} for one in found[1]]

    show(look, lambda found: _contacts(queue, *found), data, as_json=as_json, watch=watch)


@app.command()
def why(contact: ContactArgument, *, as_json: JsonOption = False) -> None:
    """Tell why a contact is where it is: who could answer, what others lack, what happened so far."""
    found: ContactWhy | None = with_hall(lambda hall: hall.why_contact(contact))
    if found is None:
        refuse(contact, WORDS["no_contact"], "no_contact", as_json=as_json)
    elif as_json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        print("\n".join(found.words))


@app.command()
def move(contact: ContactArgument, queue: QueueArgument, *, by: ByOption = "", as_json: JsonOption = False) -> None:
    """Move a contact to another queue of the same group; it keeps its place."""

    async def moving(hall: Hall) -> Done | Refused:
        return await hall.move(contact, known_queue(hall, queue))

    tell(with_hall(moving, by=by), f"{contact} waits in {queue} now, with its place", as_json=as_json, name=contact)


@app.command()
def priority(
    contact: ContactArgument,
    points: Annotated[int, typer.Argument(help="Points of head start; below 0 others go first.")],
    *,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give a contact another priority: each point is a head start, a minute unless the queue says otherwise."""
    done = with_hall(lambda hall: hall.prioritise(contact, points), by=by)
    tell(done, f"{contact} has priority {points} now", as_json=as_json, name=contact)


def known_queue(hall: Hall, name: str) -> str:
    """A queue's name; refused when the live centre has none of it."""
    known = hall.program.center.queues
    if name in known:
        return name
    hint = did_you_mean(name, known) or (f"; there are {listed(known)}" if known else "; there are none")
    raise CannotRun(f'no queue named "{name}" in the live center.yaml{hint}')


# ---------------------------------------------------------------------- what is shown


def _queues(rows: list[QueueRow]) -> RenderableType:
    if not rows:
        return 'the live center.yaml has no "queues:"'
    table = Table(box=None, header_style="bold")
    for name in ("queue", "group"):
        table.add_column(name)
    for name in ("waiting", "longest", "ready", "signed in"):
        table.add_column(name, justify="right")
    for row in rows:
        nobody = row.waiting > 0 and row.signed_in == 0
        colour = "red" if nobody else "yellow" if row.waiting else "default"
        longest = "" if row.longest_ms is None else lasted(row.longest_ms)
        waiting = f"[{colour}]{row.waiting}[/]"
        table.add_row(f"[bold]{row.name}[/]", row.group, waiting, longest, str(row.ready), str(row.signed_in))
    return table


def _contacts(queue: str, now_ms: int, found: tuple[ContactNow, ...]) -> RenderableType:
    if not found:
        return f"nobody waits in {queue}"
    table = Table(box=None, header_style="bold")
    table.add_column("", justify="right")
    table.add_column("contact", overflow="fold")
    table.add_column("caller")
    table.add_column("waited", justify="right")
    table.add_column("priority", justify="right")
    table.add_column("needs")
    table.add_column("")
    for number, one in enumerate(found, 1):
        who = f" {one.agent}" if one.agent else f" for {one.kept_for}" if one.kept_for else ""
        state = f"[{STATES.get(one.state, 'default')}]{one.state}[/]{who}"
        points = str(one.priority) if one.priority else ""
        waited = lasted(now_ms - one.since_ms)
        table.add_row(str(number), one.id, one.caller, waited, points, one.requirement or "anybody", state)
    return table
