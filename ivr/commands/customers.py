"""``ivr customers``: who they are and what happened, merging and taking it back, tables in and out, erasure.

It speaks to the database and to nothing else, so it works beside a running server and without one. A customer is named
by an id, or by an identity such as ``phone:+12025550143``.
"""

from __future__ import annotations

import asyncio
import csv
import sys
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ivr.clock import parse_clock
from ivr.commands.errors import CannotRun, settings_or_refuse
from ivr.commands.store import user
from ivr.timeline.address import database_url, make_room
from ivr.timeline.identities import parse_identity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ivr.clock import Clock
    from ivr.timeline.customers import Customer, Customers
    from ivr.timeline.database import Database
    from ivr.timeline.erasing import Receipt
    from ivr.timeline.events import Event
    from ivr.timeline.merges import Merge, Merges
    from ivr.timeline.tabling import Line

app = typer.Typer(name="customers", help="Customers: who they are and what happened to them.", no_args_is_help=True)
WhoArgument = Annotated[str, typer.Argument(help="An id, or an identity such as phone:+12025550143.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
ByOption = Annotated[str, typer.Option(help="Who does it; you, if empty.")]
ReasonOption = Annotated[str, typer.Option(help="Why; it is kept.")]
Found = TypeVar("Found")
# Broken lines of a table that are shown one by one.
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with."""

    database: Database
    customers: Customers
    merges: Merges
    clock: Clock

    async def who(self, text: str) -> Customer:
        """The customer that a person has named; refused by name when there is none."""
        if ":" not in text:
            found = await self.customers.get(text)
        else:
            try:
                wanted = parse_identity(text)
            except ValueError as error:
                raise CannotRun(str(error)) from error
            found = await self.customers.with_identity(*wanted)
        if found is None:
            raise CannotRun(f"there is no customer {text}; look with: ivr customers find WORDS")
        return found


@app.command()
def show(
    who: WhoArgument,
    events: Annotated[int, typer.Option(min=1, max=200, help="How many events, newest first.")] = 20,
    search: Annotated[str, typer.Option(help="Only events whose texts hold these words.")] = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Show one customer: identities, fields, merges, and what happened last."""

    async def showing(desk: Desk) -> tuple[Customer, list[Merge], tuple[Event, ...]]:
        from ivr.timeline.reading import Wanted, read_page
        from ivr.timeline.searching import search as find_words

        customer = await desk.who(who)
        merges = await desk.merges.of(customer)
        if search:
            return customer, merges, (await find_words(desk.database, search, customers=customer.members)).events
        return customer, merges, (await read_page(desk.database, Wanted(customer.members), limit=events)).events

    customer, merges, line = _run(showing)
    if as_json:
        _print_json(_data(customer) | {"merges": list(map(asdict, merges)), "events": list(map(_event_data, line))})
    else:
        _show(customer, merges, line)


@app.command()
def find(
    words: Annotated[str, typer.Argument(help="Part of a name or an identity.")], *, as_json: JsonOption = False
) -> None:
    """Find customers by a part of a name, a number or an address."""
    found = _run(lambda desk: desk.customers.like(words))
    if as_json:
        _print_json([_data(customer) for customer in found])
        return
    for customer in found:
        print(f"{customer.id}  {customer.name or customer.first_name or '—'}  {_identities(customer)}")
    if not found:
        print(f'no customer has "{words}" in a name or an identity')


@app.command()
def merge(
    keep: WhoArgument,
    absorb: Annotated[str, typer.Argument(help="The customer who is the same person; an id or an identity.")],
    reason: ReasonOption = "",
    *,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make two customers one person; the first one's name counts. It can be undone."""

    async def merging(desk: Desk) -> tuple[Customer, list[Merge]]:
        one, other = await desk.who(keep), await desk.who(absorb)
        customer = await desk.merges.merge(one.id, other.id, by=by or user(), reason=reason)
        return customer, await desk.merges.of(customer)

    customer, merges = _run(merging)
    if as_json:
        _print_json(_data(customer) | {"merge": merges[0].id})
    else:
        print(
            f"one person now: {customer.id}, {_identities(customer)}; to undo it: ivr customers unmerge {merges[0].id}"
        )


@app.command()
def unmerge(
    number: Annotated[int, typer.Argument(metavar="MERGE", help="The merge's number, as `ivr customers show` has it.")],
    *,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take a merge back: each customer is again what it was, with what came since by its own identities."""
    kept, gone = _run(lambda desk: desk.merges.undo(number, by=by or user()))
    if as_json:
        _print_json([_data(kept), _data(gone)])
    else:
        print(f"{kept.id}: {_identities(kept)}\n{gone.id}: {_identities(gone)}")


@app.command()
def erase(who: WhoArgument, reason: ReasonOption = "", *, by: ByOption = "", as_json: JsonOption = False) -> None:
    """Erase what is held of a person, for good: identities, names, words; counts stay, and a receipt is kept."""

    async def erasing(desk: Desk) -> Receipt:
        from ivr.timeline import erasing as erasures

        customer = await desk.who(who)
        return await erasures.erase(desk.database, desk.clock, customer.id, by=by or user(), reason=reason)

    receipt = _run(erasing)
    if as_json:
        _print_json(asdict(receipt))
    else:
        counts = ", ".join(f"{count} {name}" for name, count in receipt.counts.items())
        print(f"erased: {counts}; the receipt is {receipt.id}")


@app.command("export")
def export(file: Annotated[Path, typer.Argument(help="The CSV file to be written; - is standard output.")]) -> None:
    """Write all customers into a table, a line for each person."""

    async def exporting(desk: Desk) -> int:
        from ivr.timeline.tabling import heading_of, row_of

        others = sorted({name async for some in desk.customers.everybody() for one in some for name in one.fields})
        count = 0
        with nullcontext(sys.stdout) if str(file) == "-" else _open(file, "w") as out:
            table = csv.DictWriter(out, heading_of(others))
            table.writeheader()
            async for some in desk.customers.everybody():
                rows = [row_of(one, others) for one in some if one.identities]
                table.writerows(rows)
                count += len(rows)
        return count

    count = _run(exporting)
    print(f"{count} customers written to {file}", file=sys.stderr)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with a heading; see docs/timeline.md.", exists=True)],
    *,
    as_json: JsonOption = False,
) -> None:
    """Read customers from a table; broken lines are named, all others are kept. Exit status 1 if any was broken."""

    async def importing(desk: Desk) -> tuple[int, list[Line]]:
        from ivr.timeline.tabling import HeadingError, read_customers

        kept, broken = 0, []
        with _open(file, "r") as table, Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(f"reading {file.name}", total=file.stat().st_size)
            try:
                async for done in read_customers(desk.database, desk.customers, table):
                    broken += [line for line in done if line.error]
                    kept += sum(not line.error for line in done)
                    progress.update(task, completed=table.buffer.tell())
            except HeadingError as error:
                raise CannotRun(f"{file}: {error}") from error
        return kept, broken

    kept, broken = _run(importing)
    if as_json:
        _print_json({"kept": kept, "broken": list(map(asdict, broken))})
    else:
        for line in broken[:MOST_SHOWN]:
            print(f"{file}:{line.number}: {line.error}".encode(errors="replace").decode(), file=sys.stderr)
        if len(broken) > MOST_SHOWN:
            print(f"… and {len(broken) - MOST_SHOWN} more; all of them with --json", file=sys.stderr)
        print(f"{kept} lines kept, {len(broken)} broken")
    if broken:
        raise typer.Exit(1)


def _open(file: Path, mode: str) -> Any:
    try:
        return file.open(mode, encoding="utf-8", errors="surrogateescape", newline="")
    except OSError as error:
        raise CannotRun(f"{file}: {error.strerror}") from error


def _run(work: Callable[[Desk], Awaitable[Found]]) -> Found:
    """Do some work with the database, of this version; refused by name where it cannot be used."""
    settings = settings_or_refuse()
    from ivr.timeline.customers import CustomerError, Customers
    from ivr.timeline.database import UNAVAILABLE, Database, reason_of
    from ivr.timeline.merges import Merges
    from ivr.timeline.migrating import NewerSchemaError, migrate

    async def connected() -> Found:
        clock = parse_clock(settings.clock)
        make_room(settings.database_url, settings.data_dir)
        database = Database(database_url(settings.database_url, settings.data_dir))
        try:
            await migrate(database)
            return await work(Desk(database, Customers(database, clock), Merges(database, clock), clock))
        finally:
            await database.close()

    try:
        return asyncio.run(connected())
    except (CustomerError, NewerSchemaError) as error:
        raise CannotRun(str(error)) from error
    except UNAVAILABLE as error:
        raise CannotRun(f"the database cannot be used: {reason_of(error)}; check IVR_DATABASE_URL") from error


# ---------------------------------------------------------------------- what is shown


def _data(customer: Customer) -> dict[str, Any]:
    return asdict(customer) | {"identities": [str(one) for one in customer.identities]}


def _event_data(event: Event) -> dict[str, Any]:
    return {name: value for name, value in asdict(event).items() if name != "who"}


def _print_json(found: Any) -> None:
    print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())


def _identities(customer: Customer) -> str:
    return ", ".join(map(str, customer.identities)) or "no identity"


def _show(customer: Customer, merges: list[Merge], line: tuple[Event, ...]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{customer.id}[/]", customer.name or customer.first_name or "", markup=True)
    for name, value in customer.facts().items():
        if name != "id" and value:
            console.print(f"  {name}: {value}", markup=False)
    console.print(f"  found by: {_identities(customer)}", markup=False)
    for one in merges:
        undone = "" if one.undone_ms is None else f", undone by {one.undone_by}"
        why = f": {one.reason}" if one.reason else ""
        console.print(f"  merge {one.id}: {one.absorbed} into {one.kept} by {one.by}{why}{undone}", markup=False)
    table = Table(box=None, padding=(0, 1))
    for heading in ("when", "channel", "type", "what"):
        table.add_column(heading)
    for event in line:
        when = datetime.fromtimestamp(event.time_ms / 1000, UTC).isoformat(sep=" ", timespec="seconds")
        table.add_row(when, event.channel or "", event.type, event.summary)
    console.print(table)
