"""Merging, and taking it back: nothing is lost, whatever the order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.timeline.customers import CustomerError
from ivr.timeline.events import Event
from ivr.timeline.identities import Identity, parse_identity
from ivr.timeline.merging import Edge, roots
from ivr.timeline.reading import Wanted, read_page

if TYPE_CHECKING:
    from ivr.timeline.customers import Customers
    from ivr.timeline.database import Database
    from ivr.timeline.merges import Merges
    from ivr.timeline.writing import Writer

PEOPLE = "abcdefgh"
EDGES = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).map(lambda pair: Edge(*pair)), max_size=12)


def persons(edges: list[Edge]) -> set[frozenset[str]]:
    """The model: customers that are joined by any chain of edges, found by growing sets."""
    found = {frozenset(person) for person in PEOPLE}
    for edge in edges:
        joined = {person for person in found if edge.kept in person or edge.absorbed in person}
        found = (found - joined) | {frozenset().union(*joined)}
    return found


def by_root(edges: list[Edge]) -> set[frozenset[str]]:
    found = roots(PEOPLE, edges)
    return {frozenset(one for one in PEOPLE if found[one] == root) for root in found.values()}


@given(EDGES)
def test_customers_are_one_person_when_a_chain_of_merges_joins_them(edges: list[Edge]) -> None:
    """Whatever was merged with whom: the same persons as the model's, each with one root of its own members."""
    found = roots(PEOPLE, edges)

    assert by_root(edges) == persons(edges)
    assert all(found[root] == root for root in found.values())


@given(EDGES, st.data())
def test_undoing_any_merges_leaves_what_the_others_say(edges: list[Edge], data: st.DataObject) -> None:
    """All that a merge did is in its edge: without it, it is as if it had never been."""
    left = data.draw(st.lists(st.sampled_from(edges), unique_by=id) if edges else st.just([]))
    left = [edge for edge in edges if any(edge is one for one in left)]

    assert by_root(left) == persons(left)


@given(EDGES)
def test_the_side_that_is_kept_decides_the_root(edges: list[Edge]) -> None:
    """The last merge that joined two persons keeps the root of the one that it names."""
    before = roots(PEOPLE, edges[:-1])
    for edge in edges[-1:]:
        assert roots(PEOPLE, edges)[edge.absorbed] == before[edge.kept]


# ---------------------------------------------------------------------- in a database


async def made(customers: Customers, *identities: str, **facts: object) -> str:
    return (await customers.describe([parse_identity(one) for one in identities], facts)).id


async def test_two_customers_become_one_and_two_again(
    database: Database, writer: Writer, customers: Customers, merges: Merges
) -> None:
    """One line with both channels while merged; afterwards each has its own, with what came meanwhile."""
    ana = await made(customers, "phone:+12025550143", name="Ana")
    mail = await made(customers, "email:ana@example.com", name="A. Lopez", tier="gold")
    call = Event("/x", "1", "call.ended", 1_000, who=Identity("phone", "+12025550143"))
    letter = Event("/x", "2", "email.received", 2_000, who=Identity("email", "ana@example.com"))
    await writer.store([call, letter])
    one = await merges.merge(ana, mail, by="luis", reason="she said so")
    await writer.store([replace(call, id="3", time_ms=3_000), replace(letter, id="4", time_ms=4_000)])
    line = await read_page(database, Wanted(customers=one.members))
    told = (await merges.of(one))[0]
    kept, gone = await merges.undo(told.id, by="eva")

    assert (one.id, one.name, one.tier, one.last_contact_ms) == (ana, "Ana", "gold", 2_000)
    assert {str(each) for each in one.identities} == {"phone:+12025550143", "email:ana@example.com"}
    assert [event.id for event in line.events] == ["4", "3", "2", "1"]
    assert (told.by, told.reason, told.kept, told.absorbed) == ("luis", "she said so", ana, mail)
    assert (kept.id, kept.tier, gone.id, gone.name) == (ana, None, mail, "A. Lopez")
    assert [e.id for e in (await read_page(database, Wanted(customers=kept.members))).events] == ["3", "1"]
    assert [e.id for e in (await read_page(database, Wanted(customers=gone.members))).events] == ["4", "2"]
    assert (await merges.of(kept))[0].undone_by == "eva"


async def test_what_cannot_be_merged_is_refused_by_name(customers: Customers, merges: Merges) -> None:
    """Somebody unknown, oneself, the same two again, a merge that is undone or was never made."""
    one, two = await made(customers, "phone:+12025550143"), await made(customers, "email:ana@example.com")
    refused = []
    for keep, absorb in [(one, "nobody"), (one, one)]:
        with pytest.raises(CustomerError) as caught:
            await merges.merge(keep, absorb, by="luis", reason="")
        refused.append(str(caught.value))
    merged = await merges.merge(one, two, by="luis", reason="")
    with pytest.raises(CustomerError, match="one person already"):
        await merges.merge(two, one, by="luis", reason="")
    merge = (await merges.of(merged))[0]
    await merges.undo(merge.id, by="luis")
    for number in (merge.id, 99):
        with pytest.raises(CustomerError, match=r"undone already|no merge 99"):
            await merges.undo(number, by="luis")

    assert refused == ["there is no customer nobody", f"{one} and {one} are one person already, {one}"]


async def test_a_customer_in_two_merges_at_once_is_in_both_or_one_is_refused(
    customers: Customers, merges: Merges
) -> None:
    """Six customers, merged in a ring by six people at the same moment: one person, and five merges that hold."""
    ring = [await made(customers, f"external_id:{number}") for number in range(6)]
    pairs = [(ring[number], ring[(number + 1) % 6]) for number in range(6)]
    outcomes = await asyncio.gather(
        *(merges.merge(keep, absorb, by="all", reason="") for keep, absorb in pairs), return_exceptions=True
    )
    found = await customers.get(ring[0])

    assert found is not None
    assert set(found.members) == set(ring)
    assert sum(isinstance(outcome, CustomerError) for outcome in outcomes) == 1
    assert len(await merges.of(found)) == 5
