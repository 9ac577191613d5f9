"""Merging two customers and taking it back, with who did it and why; see ``merging.py`` for what a merge is.

Merges follow one another, in the whole database: each may move the root that the next one goes by. They are people's
work, a handful an hour, and take some milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, text, update

from ivr.timeline.customers import CustomerError, person, root_of
from ivr.timeline.merging import Edge, roots
from ivr.timeline.tables import CUSTOMERS, MERGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from ivr.clock import Clock
    from ivr.timeline.customers import Customer
    from ivr.timeline.database import Database

# Of this database's advisory locks, beside the migrations' own.
LOCK = 0x636F7264626F6173


@dataclass(frozen=True, slots=True)
class Merge:
    """``kept`` and ``absorbed`` are one person, said ``by`` whom and why; ``undone_ms`` None while it holds."""

    id: int
    kept: str
    absorbed: str
    at_ms: int
    by: str
    reason: str
    undone_ms: int | None
    undone_by: str | None


class Merges:
    """Merges customers."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def merge(self, keep: str, absorb: str, *, by: str, reason: str) -> Customer:
        """Make two customers one person, whose name and language are ``keep``'s where it has any.

        Raises CustomerError when one of them is not there or they are one person already.
        """
        async with self._database.writing() as connection:
            await self._one_at_a_time(connection)
            kept, absorbed = await _roots_of(connection, keep, absorb)
            if kept == absorbed:
                raise CustomerError(f"{keep} and {absorb} are one person already, {kept}")
            values = {"kept": keep, "absorbed": absorb, "at_ms": self._clock.now_ms(), "by": by, "reason": reason}
            await connection.execute(insert(MERGES).values(values))
            await _find_roots(connection, [kept, absorbed])
            return await person(connection, str(await root_of(connection, keep)))

    async def undo(self, merge_id: int, *, by: str) -> tuple[Customer, Customer]:
        """Take a merge back; the two as they are now, the kept one first. They may still be one by another merge.

        Raises CustomerError when there is no such merge, or it is undone already.
        """
        async with self._database.writing() as connection:
            await self._one_at_a_time(connection)
            found = (await connection.execute(select(MERGES).where(MERGES.c.id == merge_id))).one_or_none()
            if found is None:
                raise CustomerError(f"there is no merge {merge_id}")
            if found.undone_ms is not None:
                raise CustomerError(f"merge {merge_id} is undone already, by {found.undone_by}")
            root, _ = await _roots_of(connection, found.kept, found.absorbed)
            undone = {"undone_ms": self._clock.now_ms(), "undone_by": by}
            await connection.execute(update(MERGES).where(MERGES.c.id == merge_id).values(undone))
            await _find_roots(connection, [root])
            one, other = await _roots_of(connection, found.kept, found.absorbed)
            return await person(connection, one), await person(connection, other)

    async def _one_at_a_time(self, connection: AsyncConnection) -> None:
        """Until the end of the transaction no other merges; on SQLite nobody else writes anyway."""
        if not self._database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})

    async def of(self, customer: Customer) -> list[Merge]:
        """All merges of a person's customers, the undone ones too, newest first: why they are one."""
        involved = or_(MERGES.c.kept.in_(customer.members), MERGES.c.absorbed.in_(customer.members))
        async with self._database.reading() as connection:
            rows = await connection.execute(select(MERGES).where(involved).order_by(MERGES.c.id.desc()))
            return [Merge(**row) for row in rows.mappings()]


async def _roots_of(connection: AsyncConnection, one: str, other: str) -> tuple[str, str]:
    found = [await root_of(connection, each) for each in (one, other)]
    for each, root in zip((one, other), found, strict=True):
        if root is None:
            raise CustomerError(f"there is no customer {each}")
    return str(found[0]), str(found[1])


async def _find_roots(connection: AsyncConnection, of: Iterable[str]) -> None:
    """Compute the roots anew of all customers who had these."""
    members = set((await connection.execute(select(CUSTOMERS.c.id).where(CUSTOMERS.c.root.in_(list(of))))).scalars())
    holding = select(MERGES.c.kept, MERGES.c.absorbed).where(
        MERGES.c.undone_ms.is_(None), MERGES.c.kept.in_(members), MERGES.c.absorbed.in_(members)
    )
    edges = [Edge(*row) for row in await connection.execute(holding.order_by(MERGES.c.id))]
    for customer, root in sorted(roots(members, edges).items()):
        await connection.execute(update(CUSTOMERS).where(CUSTOMERS.c.id == customer).values(root=root))
