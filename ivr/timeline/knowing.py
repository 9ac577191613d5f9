"""Whose an identity is: customers are found by it, and made when nobody has it yet.

Two processes that meet the same unknown caller at the same moment agree by the identity's row: whoever inserts it
first has made the customer, the other finds it.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from ivr.timeline import bulk
from ivr.timeline.identities import Identity
from ivr.timeline.tables import CUSTOMERS, EVENTS, IDENTITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from ivr.timeline.database import Database

KNOWN = select(IDENTITIES.c.value, IDENTITIES.c.customer).where(
    IDENTITIES.c.kind == bindparam("kind"), IDENTITIES.c.value.in_(bindparam("values", expanding=True))
)
OF_CONTACTS = (
    select(EVENTS.c.contact, EVENTS.c.customer)
    .where(EVENTS.c.contact.in_(bindparam("contacts", expanding=True)), EVENTS.c.customer.is_not(None))
    .distinct()
)


def new_id() -> str:
    """An id of 80 random bits that says nothing about anybody: ``c`` and 16 small letters and digits."""
    return "c" + b32encode(secrets.token_bytes(10)).decode().lower()


async def known(connection: AsyncConnection, wanted: Iterable[Identity]) -> dict[Identity, str]:
    """By identity the customer whose it is; unknown ones are left out."""
    found: dict[Identity, str] = {}
    for kind, group in groupby(sorted(set(wanted)), key=lambda one: one.kind):
        rows = await connection.execute(KNOWN, {"kind": kind, "values": [one.value for one in group]})
        found.update((Identity(kind, row.value), row.customer) for row in rows)
    return found


async def known_or_made(
    database: Database, connection: AsyncConnection, wanted: Iterable[Identity], now_ms: int
) -> dict[Identity, str]:
    """The same with a new customer for each unknown identity. In a transaction that writes."""
    wanted = set(wanted)
    found = await known(connection, wanted)
    # In one order everywhere, so that two processes never wait for each other in a circle.
    missing = sorted(wanted - found.keys())
    if not missing:
        return found
    made = {one: new_id() for one in missing}
    rows = [(one.kind, one.value, customer, now_ms) for one, customer in made.items()]
    columns = ("kind", "value", "customer", "created_ms")
    theirs: dict[Identity, str] = {}
    if await bulk.insert(database, connection, IDENTITIES, columns, rows) < len(rows):
        met = await known(connection, missing)
        theirs = {one: customer for one, customer in met.items() if made[one] != customer}
    people = [(customer, customer, now_ms) for one, customer in made.items() if one not in theirs]
    await bulk.insert(database, connection, CUSTOMERS, ("id", "root", "created_ms"), people)
    return found | made | theirs


async def of_contacts(connection: AsyncConnection, contacts: Iterable[str]) -> dict[str, str]:
    """By contact the customer whom its events so far are about."""
    wanted = sorted(set(contacts))
    if not wanted:
        return {}
    rows = await connection.execute(OF_CONTACTS, {"contacts": wanted})
    return {row.contact: row.customer for row in rows}
