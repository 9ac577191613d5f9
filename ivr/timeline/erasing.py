"""Forgetting a person: what was said and by whom goes, how often something happened stays, with a receipt.

Identities, names and fields are deleted, events lose their content, and the calls' turns are deleted, for they hold
numbers and words. Events keep type, time and channel, so that no report changes; they keep their names too, so that
what another system posts again does not come back. Whoever writes or calls next is somebody new.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import delete, insert, or_, select, update

from ivr.timeline.customers import CustomerError, person, root_of
from ivr.timeline.tables import CUSTOMERS, ERASURES, EVENTS, IDENTITIES, MERGES, TURNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Delete, Update
    from sqlalchemy.ext.asyncio import AsyncConnection

    from ivr.clock import Clock
    from ivr.timeline.database import Database


@dataclass(frozen=True, slots=True)
class Receipt:
    """That ``customer`` was erased: ``counts`` are the rows of each table; none of what they held."""

    id: str
    customer: str
    at_ms: int
    by: str
    reason: str
    counts: Mapping[str, int]


async def erase(database: Database, clock: Clock, customer: str, *, by: str, reason: str) -> Receipt:
    """Erase the person that the customer is part of, all or nothing. Raises CustomerError when there is none."""
    async with database.writing() as connection:
        root = await root_of(connection, customer)
        if root is None:
            raise CustomerError(f"there is no customer {customer}")
        members = (await person(connection, root)).members
        counts = await _erase(connection, members)
        receipt = Receipt(f"e{secrets.token_hex(8)}", root, clock.now_ms(), by, reason, counts)
        values = {name: getattr(receipt, name) for name in ("id", "customer", "at_ms", "by", "reason")}
        await connection.execute(insert(ERASURES).values(values | {"counts": orjson.dumps(counts).decode()}))
    return receipt


async def receipts(database: Database) -> list[Receipt]:
    """All receipts, newest first."""
    async with database.reading() as connection:
        rows = (await connection.execute(select(ERASURES).order_by(ERASURES.c.at_ms.desc()))).mappings()
        return [Receipt(**{**row, "counts": orjson.loads(row["counts"])}) for row in rows]


async def _erase(connection: AsyncConnection, members: tuple[str, ...]) -> dict[str, int]:
    theirs = EVENTS.c.customer.in_(members)
    # A call that is this person's and somebody else's too, by a transfer, holds words of this one.
    calls = select(EVENTS.c.contact).where(theirs, EVENTS.c.contact.is_not(None))
    unknown = {column.name: None for column in CUSTOMERS.c if column.name not in {"id", "root", "created_ms"}}
    merged = or_(MERGES.c.kept.in_(members), MERGES.c.absorbed.in_(members))
    statements: dict[str, Delete | Update] = {
        "turns": delete(TURNS).where(TURNS.c.call_sid.in_(calls)),
        "events": update(EVENTS).where(theirs).values(data="{}", summary="", words=None, actor=None),
        "identities": delete(IDENTITIES).where(IDENTITIES.c.customer.in_(members)),
        "customers": update(CUSTOMERS).where(CUSTOMERS.c.id.in_(members)).values(unknown),
        "merges": update(MERGES).where(merged).values(reason=""),
    }
    return {name: (await connection.execute(statement)).rowcount for name, statement in statements.items()}
