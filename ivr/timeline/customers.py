"""Customers as people and flows see them: everybody who was merged with somebody is one person.

Facts come from all of a person's customers: the root's own first, then what the others add. What a flow may know
(``flows/scope.py``) is found with two queries by index, and within a deadline: a caller does not wait for a database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, or_, select, update

from ivr.timeline import bulk, knowing
from ivr.timeline.identities import Identity, identity
from ivr.timeline.tables import CUSTOMERS, IDENTITIES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from ivr.clock import Clock
    from ivr.timeline.database import Database

# What a caller does not notice; it takes some milliseconds.
FIND_S = 0.3
OWN_FIELDS = ("name", "first_name", "language", "tier", "time_zone")
MOST_FIELD = 200
MOST_TAGS = 50
MOST_OTHER_FIELDS = 50

ROOT_OF_IDENTITY = (
    select(CUSTOMERS.c.root)
    .join(IDENTITIES, IDENTITIES.c.customer == CUSTOMERS.c.id)
    .where(IDENTITIES.c.kind == bindparam("kind"), IDENTITIES.c.value == bindparam("value"))
)
OF_ROOTS = (
    select(CUSTOMERS, IDENTITIES.c.kind, IDENTITIES.c.value)
    .outerjoin(IDENTITIES, IDENTITIES.c.customer == CUSTOMERS.c.id)
    .where(CUSTOMERS.c.root.in_(bindparam("roots", expanding=True)))
    .order_by(CUSTOMERS.c.created_ms, CUSTOMERS.c.id, IDENTITIES.c.created_ms, IDENTITIES.c.kind, IDENTITIES.c.value)
)


class CustomerError(ValueError):
    """What was asked of customers cannot be done; the text names what and why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One person: ``id`` is the root's, ``members`` are all customers who are merged into it, the root first."""

    id: str
    members: tuple[str, ...]
    created_ms: int
    name: str | None = None
    first_name: str | None = None
    language: str | None = None
    tier: str | None = None
    time_zone: str | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()
    last_contact_ms: int | None = None
    last_survey_ms: int | None = None
    last_agent: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether we know more than that somebody with this number is calling for the first time."""
        described = any((self.name, self.first_name, self.language, self.tier, self.tags, self.fields))
        return described or self.last_contact_ms is not None or len(self.identities) > 1

    def first(self, kind: str) -> str | None:
        """The first identity of a sort."""
        return next((one.value for one in self.identities if one.kind == kind), None)

    def facts(self) -> dict[str, Any]:
        """What flows may know, by the names of ``flows/scope.py``; what is unknown is left out."""
        facts = {
            "id": self.id,
            "first_name": self.first_name,
            "name": self.name,
            "phone": self.first("phone"),
            "email": self.first("email"),
            "language": self.language,
            "tier": self.tier,
            "tags": list(self.tags),
            "last_agent": self.last_agent,
            "last_contact": _iso(self.last_contact_ms),
            "last_survey": _iso(self.last_survey_ms),
        }
        return {name: value for name, value in facts.items() if value is not None}


def _iso(time_ms: int | None) -> str | None:
    return None if time_ms is None else datetime.fromtimestamp(time_ms / 1000, UTC).isoformat()


class Customers:
    """Finding and describing customers; what ``ivr/observing.py`` asks."""

    def __init__(self, database: Database, clock: Clock, *, find_s: float = FIND_S) -> None:
        self._database = database
        self._clock = clock
        self._find_s = find_s

    async def find(self, by: str, value: str) -> Mapping[str, Any] | None:
        """The facts about the customer with this ``phone``, ``email`` or ``external_id``; None for an unknown one.

        Raises TimeoutError after ``find_s``, and what a database raises that cannot be used.
        """
        async with asyncio.timeout(self._find_s):
            found = await self.with_identity(by, value)
        return found.facts() if found is not None and found.is_known else None

    async def with_identity(self, kind: str, value: str) -> Customer | None:
        """Whose identity it is; None for nobody's, and for what is no identity."""
        try:
            wanted = identity(kind, value)
        except ValueError:
            return None
        async with self._database.reading() as connection:
            root = (await connection.execute(ROOT_OF_IDENTITY, {"kind": wanted.kind, "value": wanted.value})).scalar()
            return None if root is None else await person(connection, root)

    async def get(self, customer: str) -> Customer | None:
        """The person that a customer's id belongs to; None when there is none."""
        async with self._database.reading() as connection:
            root = await root_of(connection, customer)
            return None if root is None else await person(connection, root)

    async def existing(self, customers: Iterable[str]) -> set[str]:
        """Of these ids those that are a customer's."""
        wanted = select(CUSTOMERS.c.id).where(CUSTOMERS.c.id.in_(sorted(customers)))
        async with self._database.reading() as connection:
            return set((await connection.execute(wanted)).scalars())

    async def describe(self, identities: Sequence[Identity], facts: Mapping[str, Any] | None = None) -> Customer:
        """Keep what somebody tells of the person with these identities, of which any may be new; so may the person.

        ``facts`` are the names of ``OWN_FIELDS``, ``tags`` (a list) and ``fields`` (a workspace's own, texts by name);
        what is left out stays. Raises CustomerError when the identities are two persons': merge them first.
        """
        async with self._database.writing() as connection:
            return await person(connection, await self.describe_in(connection, identities, facts or {}))

    async def describe_in(
        self, connection: AsyncConnection, identities: Sequence[Identity], facts: Mapping[str, Any]
    ) -> str:
        """The same within a transaction that writes, which is to be taken back after CustomerError; the root's id."""
        values = _checked(facts)
        now_ms = self._clock.now_ms()
        owners = await knowing.known(connection, identities)
        root = await _only_root(connection, owners)
        if root is None:
            first, *others = identities
            root = (await knowing.known_or_made(self._database, connection, [first], now_ms))[first]
        else:
            others = list(identities)
        rows = [(one.kind, one.value, root, now_ms) for one in sorted(set(others) - owners.keys())]
        await bulk.insert(self._database, connection, IDENTITIES, ("kind", "value", "customer", "created_ms"), rows)
        if values:
            await connection.execute(update(CUSTOMERS).where(CUSTOMERS.c.id == root).values(values))
        return root

    async def like(self, words: str, limit: int = 20) -> list[Customer]:
        """Persons one of whose identities or names holds ``words``, in any case; in no order."""
        found = or_(
            CUSTOMERS.c.name.icontains(words, autoescape=True),
            CUSTOMERS.c.first_name.icontains(words, autoescape=True),
            IDENTITIES.c.value.icontains(words, autoescape=True),
        )
        joined = CUSTOMERS.outerjoin(IDENTITIES, IDENTITIES.c.customer == CUSTOMERS.c.id)
        wanted = select(CUSTOMERS.c.root).select_from(joined).where(found).distinct().limit(limit)
        async with self._database.reading() as connection:
            return await persons(connection, (await connection.execute(wanted)).scalars().all())

    async def everybody(self, at_once: int = 500) -> AsyncIterator[list[Customer]]:
        """All persons, some at a time, ordered by id; each some is as it is when it is read."""
        last = ""
        while True:
            ids = select(CUSTOMERS.c.id).where(CUSTOMERS.c.id == CUSTOMERS.c.root, CUSTOMERS.c.id > last)
            async with self._database.reading() as connection:
                some = (await connection.execute(ids.order_by(CUSTOMERS.c.id).limit(at_once))).scalars().all()
                if not some:
                    return
                found = await persons(connection, some)
            last = some[-1]
            yield found


async def root_of(connection: AsyncConnection, customer: str) -> str | None:
    """The root of the person that the customer belongs to; None for an unknown one."""
    found: str | None = (await connection.execute(select(CUSTOMERS.c.root).where(CUSTOMERS.c.id == customer))).scalar()
    return found


async def person(connection: AsyncConnection, root: str) -> Customer:
    """All that is known of one person. Raises LookupError when there is none."""
    found = await persons(connection, [root])
    if not found:
        raise LookupError(f"no customer {root}")
    return found[0]


async def persons(connection: AsyncConnection, roots: Sequence[str]) -> list[Customer]:
    """The same for several roots, in the order of ``roots``."""
    by_root: dict[str, list[Row[Any]]] = {}
    for row in await connection.execute(OF_ROOTS, {"roots": list(roots)}):
        by_root.setdefault(row.root, []).append(row)
    return [_person(root, by_root[root]) for root in roots if root in by_root]


def _person(root: str, rows: Sequence[Row[Any]]) -> Customer:
    """One person of the rows of all its customers: one row for each identity, or one without any."""
    members = {row.id: row for row in rows}
    ordered = sorted(members.values(), key=lambda row: row.id != root)  # stable: the others by age
    found = [Identity(row.kind, row.value) for row in rows if row.kind is not None]
    told = {name: next((value for row in ordered if (value := getattr(row, name))), None) for name in OWN_FIELDS}
    return Customer(
        id=root,
        members=tuple(row.id for row in ordered),
        created_ms=min(row.created_ms for row in ordered),
        tags=tuple(dict.fromkeys(tag for row in ordered for tag in _json(row.tags, []))),
        fields={name: value for row in reversed(ordered) for name, value in _json(row.fields, {}).items()},
        identities=tuple(dict.fromkeys(found)),
        last_contact_ms=_latest(row.last_contact_ms for row in ordered),
        last_survey_ms=_latest(row.last_survey_ms for row in ordered),
        last_agent=_last_agent(ordered),
        **told,
    )


def _json(text: str | None, otherwise: Any) -> Any:
    return orjson.loads(text) if text else otherwise


def _latest(times: Iterable[int | None]) -> int | None:
    return max((time for time in times if time is not None), default=None)


def _last_agent(rows: Sequence[Row[Any]]) -> str | None:
    found = max((row for row in rows if row.last_agent), key=lambda row: row.last_agent_ms, default=None)
    return None if found is None else found.last_agent


async def _only_root(connection: AsyncConnection, owners: Mapping[Identity, str]) -> str | None:
    """The root of the one person whose all these are; None when they are nobody's. CustomerError when of several."""
    if not owners:
        return None
    wanted = select(CUSTOMERS.c.id, CUSTOMERS.c.root).where(CUSTOMERS.c.id.in_(sorted(set(owners.values()))))
    roots = {row.id: row.root for row in await connection.execute(wanted)}
    if len(set(roots.values())) > 1:
        told = ", ".join(f"{one} is {roots[customer]}’s" for one, customer in owners.items())
        raise CustomerError(f"these are different customers: {told}; merge them if they are one person")
    return str(next(iter(roots.values())))


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns' values; CustomerError names the first that cannot be."""
    values: dict[str, Any] = {}
    for name, value in facts.items():
        if name in OWN_FIELDS:
            values[name] = _fact(name, value)
        elif name == "tags" and isinstance(value, (list, tuple)) and len(value) <= MOST_TAGS:
            values[name] = orjson.dumps([_fact("a tag", tag) for tag in value]).decode()
        elif name == "fields" and isinstance(value, Mapping) and len(value) <= MOST_OTHER_FIELDS:
            kept = {_fact("a field's name", key): _fact(f"field {key}", one) for key, one in value.items()}
            values[name] = orjson.dumps(kept).decode()
        else:
            raise CustomerError(f'"{name[:40]}" cannot be kept so; known are {", ".join(OWN_FIELDS)}, tags and fields')
    return values


def _fact(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_FIELD or not value.isprintable():
        raise CustomerError(f"{name} must be a text of at most {MOST_FIELD} printable characters")
    return value
