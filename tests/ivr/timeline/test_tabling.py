"""Customers in and out of tables: broken lines are named, everything else is kept."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from ivr.timeline.identities import parse_identity
from ivr.timeline.tabling import HeadingError, heading_of, read_customers, row_of

if TYPE_CHECKING:
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database

HEADING = "external_id,phone,email,first_name,tags,field.plan"


async def read(database: Database, customers: Customers, *lines: str) -> dict[int, str]:
    """By line number the mistakes."""
    found: dict[int, str] = {}
    async for done in read_customers(database, customers, io.StringIO("\n".join(lines))):
        found |= {line.number: line.error for line in done}
    return found


async def test_a_line_is_one_person(database: Database, customers: Customers) -> None:
    """With all that it says; a second line about the same person adds to the first."""
    told = await read(
        database,
        customers,
        HEADING,
        '42,+1 202 555 0143,Ana@Example.com,"Ana, the first",vip; late,basic',
        "",
        ",,ana@example.com,,,gold",
    )
    ana = await customers.with_identity("phone", "+12025550143")

    assert told == {2: "", 4: ""}
    assert ana is not None
    assert (ana.first_name, ana.tags, dict(ana.fields)) == ("Ana, the first", ("vip", "late"), {"plan": "gold"})
    assert {str(one) for one in ana.identities} == {"external_id:42", "phone:+12025550143", "email:ana@example.com"}


async def test_broken_lines_change_nothing_and_the_others_are_kept(database: Database, customers: Customers) -> None:
    """Too few cells, no identity, a number that is none, somebody else's address, another encoding."""
    await customers.describe([parse_identity("email:luis@example.com")])
    lines = [
        "1,,,Ana,,",
        "2,,",
        ",,,Nobody,,",
        "3,12,,Eva,,",
        "1,,luis@example.com,Not Luis,,",
        "5,,,\udce4,,",
        "6,,,Luis,,",
    ]
    told = await read(database, customers, HEADING, *lines)

    assert [number for number, error in told.items() if not error] == [2, 8]
    assert told[3] == "3 cells, and the heading has 6"
    assert told[4] == "nothing to find the customer by: external_id, phone, email are empty"
    assert told[5] == '"12" is no telephone number in E.164: + and 7 to 15 digits'
    assert told[6].startswith("these are different customers: ")
    assert told[7] == "first_name must be a text of at most 200 printable characters"
    assert (await customers.like("Not Luis"), await customers.with_identity("external_id", "3")) == ([], None)


async def test_a_broken_line_far_behind_is_named_by_its_number(database: Database, customers: Customers) -> None:
    """Two hundred and fifty lines in two transactions, with one broken."""
    lines = [f"{number},,,,," for number in range(250)]
    lines[230] = "230"
    told = await read(database, customers, HEADING, *lines)

    assert {number: error for number, error in told.items() if error} == {232: "1 cells, and the heading has 6"}
    assert sum(len(some) for some in [one async for one in customers.everybody()]) == 249


@pytest.mark.parametrize("heading", ["", "name", "phone,phone", "phone,nmae", "phone,field."])
async def test_a_heading_that_is_none_is_refused(database: Database, customers: Customers, heading: str) -> None:
    """Before anything is kept."""
    with pytest.raises(HeadingError):
        await read(database, customers, heading, "+12025550143")


async def test_what_is_written_reads_as_the_same(database: Database, customers: Customers) -> None:
    """A line out is a line in."""
    facts = {"name": "Ana Lopez", "tier": "gold", "tags": ["vip", "late"], "fields": {"plan": "a,b"}}
    ana = await customers.describe([parse_identity("phone:+12025550143")], facts)
    out = io.StringIO()
    table = csv.DictWriter(out, heading_of(["plan"]))
    table.writeheader()
    table.writerow(row_of(ana, ["plan"]))
    told = await read(database, customers, *out.getvalue().splitlines())

    assert told == {2: ""}
    assert await customers.get(ana.id) == ana
