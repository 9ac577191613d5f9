"""Customers for flows: what is known of whom, and that a call never waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows.scope import CUSTOMER
from ivr.settings import Settings
from ivr.timeline.customers import CustomerError
from ivr.timeline.events import Event
from ivr.timeline.identities import identity, parse_identity
from ivr.timeline.timeline import Timeline, TimelineUnavailableError

if TYPE_CHECKING:
    from ivr.clock import SteppedClock
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database
    from ivr.timeline.writing import Writer

ANA = parse_identity("phone:+12025550143")


async def test_a_flow_gets_the_documented_names(customers: Customers, writer: Writer) -> None:
    """All that is known, under the names of ``flows/scope.py`` and no others."""
    facts = {"name": "Ana Lopez", "first_name": "Ana", "language": "es-US", "tier": "gold", "tags": ["vip", "late"]}
    await customers.describe([ANA, parse_identity("email:ana@example.com")], facts)
    await writer.store(
        [
            Event("/x", "1", "call.ended", 1_772_445_600_000, who=ANA),
            Event("/x", "2", "contact.handled", 1_772_445_500_000, {"agent": "luis"}, who=ANA),
        ]
    )
    found = await customers.find("email", "ANA@example.com")
    assert found is not None

    assert set(found) <= set(CUSTOMER)
    assert {name: found[name] for name in facts} == facts
    assert (found["phone"], found["email"], found["last_agent"]) == (ANA.value, "ana@example.com", "luis")
    assert found["last_contact"] == "2026-03-02T10:00:00+00:00"


async def test_somebody_who_calls_for_the_first_time_is_unknown(customers: Customers, writer: Writer) -> None:
    """Also when this very call is on the line already; known from the end of it on."""
    await writer.store([Event("/x", "1", "call.started", 1_000, who=ANA)])
    during = await customers.find("phone", ANA.value)
    await writer.store([Event("/x", "2", "call.ended", 2_000, who=ANA)])
    later = await customers.find("phone", ANA.value)

    assert during is None
    assert later is not None
    assert await customers.find("phone", "garbage") is None
    assert await customers.find("external_id", "42") is None


async def test_telling_something_new_leaves_the_rest(customers: Customers) -> None:
    """Fields are set one by one; an identity is added; both survive the next telling."""
    await customers.describe([ANA], {"first_name": "Ana", "fields": {"plan": "basic"}})
    await customers.describe([ANA, parse_identity("external_id:42")], {"tier": "gold"})
    found = await customers.with_identity("external_id", "42")

    assert found is not None
    assert (found.first_name, found.tier, dict(found.fields)) == ("Ana", "gold", {"plan": "basic"})


async def test_an_identity_of_somebody_else_is_refused_and_changes_nothing(customers: Customers) -> None:
    """Merging is for people to decide; an identity that is nobody's yet joins the others'."""
    mail, new = parse_identity("email:ana@example.com"), parse_identity("external_id:42")
    one, other = await customers.describe([ANA]), await customers.describe([mail])
    with pytest.raises(CustomerError, match=f"email:.* is {other.id}’s, phone:.* is {one.id}’s; merge them"):
        await customers.describe([new, ANA, mail], {"first_name": "Ana"})
    left = [await customers.get(each.id) for each in (one, other)]
    joined = await customers.describe([new, mail])

    assert left == [one, other]
    assert (joined.id, set(joined.identities)) == (other.id, {new, mail})


@pytest.mark.parametrize(
    "facts",
    [{"nmae": "Ana"}, {"name": 5}, {"name": "x" * 201}, {"tags": "vip"}, {"tags": [5]}, {"fields": {"a": 1}}],
    ids=str,
)
async def test_a_fact_that_cannot_be_kept_is_refused_by_name(customers: Customers, facts: dict[str, object]) -> None:
    """Nothing of it is kept."""
    with pytest.raises(CustomerError):
        await customers.describe([ANA], facts)

    assert await customers.with_identity("phone", ANA.value) is None


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_locked_database_is_given_up_in_time(url: str, database: Database, clock: SteppedClock) -> None:
    """The deadline holds behind a lock that nobody lets go; SQLite has none that a reader would wait for."""
    timeline = Timeline(Settings(database_url=url.replace("+asyncpg", "")), clock)
    with pytest.raises(TimelineUnavailableError, match="being loaded"):
        await timeline.find("phone", ANA.value)
    await timeline.open()
    async with database.writing() as connection:
        await connection.exec_driver_sql("LOCK TABLE identities IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TimeoutError):
            await timeline.find("phone", ANA.value)
    await timeline.close()


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("phone", "+1 (202) 555-0143", "+12025550143"),
        ("email", " Ana@Example.COM ", "ana@example.com"),
        ("external_id", " 42 ", "42"),
        ("whatsapp", "+12025550143", "+12025550143"),
    ],
)
def test_an_identity_has_one_form(kind: str, value: str, stored: str) -> None:
    """However it was written."""
    assert identity(kind, value).value == stored


NO_IDENTITIES = [
    ("phone", "12025550143"),
    ("phone", "+0123456789"),
    ("email", "ana"),
    ("email", "a b@c.de"),
    ("Chat", "x"),
    ("external_id", ""),
    ("external_id", "x" * 255),
    ("external_id", "a\nb"),
]


@pytest.mark.parametrize(("kind", "value"), NO_IDENTITIES)
def test_what_is_no_identity_is_refused(kind: str, value: str) -> None:
    """With a sentence."""
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        identity(kind, value)
