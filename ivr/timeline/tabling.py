"""Customers as CSV: one line a person, in and out.

Columns are ``phone``, ``email``, ``external_id`` (one is enough), the names of ``customers.OWN_FIELDS``, ``tags`` with
semicolons between, and ``field.<name>`` for what a workspace has made up. A line that cannot be read is told with
its number and changes nothing; those before and behind it are kept.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ivr.timeline.customers import OWN_FIELDS, CustomerError
from ivr.timeline.identities import Identity, identity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
    from typing import TextIO

    from ivr.timeline.customers import Customer, Customers
    from ivr.timeline.database import Database

# The first one a line has finds the customer: another system's own name is the surest.
IDENTITIES = ("external_id", "phone", "email")
OTHER = "field."
# Lines of one transaction: a sync each would be most of the time.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one line, counted from 1 with the heading: ``error`` is empty when it is kept."""

    number: int
    error: str = ""


class HeadingError(ValueError):
    """The file's first line is no heading of ours; the text names the column."""


async def read_customers(database: Database, customers: Customers, file: TextIO) -> AsyncIterator[list[Line]]:
    """Keep every line of a CSV file, some in a transaction; yields what became of those. Raises HeadingError.

    The file is opened with ``newline=""`` and ``errors="surrogateescape"``: a line in another encoding is a mistake of
    that line.
    """
    rows = csv.reader(file)
    heading = [name.strip() for name in next(rows, [])]
    _check(heading)
    some: list[tuple[int, list[str] | str]] = []
    for row in _readable(rows):
        some.append(row)
        if len(some) == AT_ONCE:
            yield await _keep(database, customers, heading, some)
            some = []
    if some:
        yield await _keep(database, customers, heading, some)


def _check(heading: Sequence[str]) -> None:
    known = (*IDENTITIES, *OWN_FIELDS, "tags")
    for name in heading:
        if name not in known and not (name.startswith(OTHER) and len(name) > len(OTHER)):
            raise HeadingError(f'no column is named "{name[:40]}"; known are {", ".join(known)} and {OTHER}<name>')
    if len(set(heading)) < len(heading) or not set(heading) & set(IDENTITIES):
        raise HeadingError(f"the heading names one of {', '.join(IDENTITIES)}, and no column twice")


def _readable(rows: Any) -> Iterator[tuple[int, list[str] | str]]:
    """By line number the cells, or what is wrong with the line; blank lines are none."""
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield rows.line_num, f"not readable: {error}"
        else:
            if row:
                yield rows.line_num, row


async def _keep(
    database: Database, customers: Customers, heading: Sequence[str], rows: Sequence[tuple[int, list[str] | str]]
) -> list[Line]:
    done = []
    async with database.writing() as connection:
        for number, row in rows:
            try:
                found, facts = _read(heading, row)
                async with connection.begin_nested():
                    await customers.describe_in(connection, found, facts)
            except ValueError as error:
                done.append(Line(number, str(error)))
            else:
                done.append(Line(number))
    return done


def _read(heading: Sequence[str], row: Sequence[str] | str) -> tuple[list[Identity], dict[str, Any]]:
    if isinstance(row, str):
        raise CustomerError(row)
    if len(row) != len(heading):
        raise CustomerError(f"{len(row)} cells, and the heading has {len(heading)}")
    cells = {name: cell.strip() for name, cell in zip(heading, row, strict=True) if cell.strip()}
    found = [identity(kind, cells[kind]) for kind in IDENTITIES if kind in cells]
    if not found:
        raise CustomerError(f"nothing to find the customer by: {', '.join(IDENTITIES)} are empty")
    facts: dict[str, Any] = {name: cells[name] for name in OWN_FIELDS if name in cells}
    if "tags" in cells:
        facts["tags"] = [tag.strip() for tag in cells["tags"].split(";") if tag.strip()]
    if other := {name.removeprefix(OTHER): cell for name, cell in cells.items() if name.startswith(OTHER)}:
        facts["fields"] = other
    return found, facts


def heading_of(others: Sequence[str]) -> list[str]:
    """The columns of a file that is written."""
    return [*IDENTITIES, *OWN_FIELDS, "tags", *(f"{OTHER}{name}" for name in others)]


def row_of(customer: Customer, others: Sequence[str]) -> Mapping[str, str]:
    """One person's cells; of several telephone numbers the first."""
    cells: dict[str, str | None] = {kind: customer.first(kind) for kind in IDENTITIES}
    cells |= {name: getattr(customer, name) for name in OWN_FIELDS} | {"tags": "; ".join(customer.tags)}
    cells |= {f"{OTHER}{name}": customer.fields.get(name) for name in others}
    return {name: cell or "" for name, cell in cells.items()}
