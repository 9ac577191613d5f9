"""The hall: what supervisors see of queues and agents, what they can do, and that it is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ivr.hall import Hall, in_words
from ivr.registering import requirement_of
from ivr.sessions import Sessions
from routing import contacts
from routing.answers import Done, Refused
from routing.contacts import Contact
from tests.support.queueing import queue_workspace

if TYPE_CHECKING:
    from tests.support.house import House

MORE = """
  operator: {join_when: {agents: any}}
  night: {group: night}
"""


@pytest.fixture
async def hall(house: House) -> Hall:
    """The hall of a centre with two queues in one group, and one in another."""
    files = queue_workspace()
    await house.publish(files | {"center.yaml": files["center.yaml"] + MORE.lstrip("\n")})
    program = house.server.programs.live
    assert program is not None
    return Hall(house.redis, program, Sessions(house.redis), house.clock, "eva")


async def join(house: House, hall: Hall, name: str, *, level: int = 3) -> None:
    """A contact of no call, in billing."""
    requirement = requirement_of(hall.program.center.queues["billing"], (("billing", level),))
    done = await contacts.join(house.redis, "main", Contact(name, "billing", requirement), now_ms=house.clock.now_ms())
    assert isinstance(done, Done), done


async def test_queues_are_shown_with_who_waits_and_who_is_there(house: House, hall: Hall) -> None:
    """Waiting, the longest wait, agents ready and signed in; those who cannot serve a queue do not count for it."""
    await hall.sign_in("ana", {"billing": 5}, "main")
    await hall.sign_in("ben", {}, "main")
    await join(house, hall, "C1")
    await house.time.advance(7)
    rows = {row.name: row for row in await hall.queues()}

    assert list(rows) == ["billing", "night", "operator"]
    assert (rows["billing"].waiting, rows["billing"].longest_ms, rows["billing"].signed_in) == (1, 7_000, 1)
    assert (rows["operator"].waiting, rows["operator"].longest_ms, rows["operator"].signed_in) == (0, None, 2)
    assert (rows["night"].group, rows["night"].signed_in) == ("night", 0)


async def test_contacts_are_shown_in_their_order(house: House, hall: Hall) -> None:
    """By place, not by when they came: who was given a head start goes first; who is offered is among them."""
    await hall.sign_in("ana", {"billing": 5}, "main")
    for name in ("C1", "C2"):
        await join(house, hall, name)
        await house.time.advance(1)
    await hall.prioritise("C2", 2)
    before = [one.id for one in await hall.contacts("billing")]
    await hall.set_status("ana", "available", "")
    after = {one.id: (one.state, one.agent) for one in await hall.contacts("billing")}

    assert before == ["C2", "C1"]
    assert after == {"C2": ("offered", "ana"), "C1": ("waiting", "")}


async def test_a_contact_is_moved_with_its_place(house: House, hall: Hall) -> None:
    """It waits in the other queue as long as it has waited already, for whom that queue asks."""
    await hall.sign_in("ana", {"billing": 5}, "main")
    await join(house, hall, "C1")
    await house.time.advance(60)
    done = await hall.move("C1", "operator")
    (moved,) = await hall.contacts("operator")

    assert isinstance(done, Done)
    assert (moved.id, moved.requirement) == ("C1", "")
    assert hall.now_ms() - moved.since_ms == 60_000
    assert await hall.contacts("billing") == ()


async def test_what_was_done_is_written_down_with_who_did_it(house: House, hall: Hall) -> None:
    """Each change once, newest first; what was refused is not among them."""
    await hall.sign_in("ana", {"billing": 5}, "main")
    await hall.sign_in("ana", {"billing": 5}, "main")
    await join(house, hall, "C1")
    await hall.prioritise("C1", 3)
    await hall.move("C1", "operator")
    await hall.set_status("ana", "on_break", "lunch")
    await hall.set_status("ana", "offline", "")
    audit = await hall.audit()

    assert [one.did for one in audit] == ["sign_out", "status", "move", "priority", "sign_in"]
    assert {one.by for one in audit} == {"eva"}
    assert audit[1].what == {"agent": "ana", "group": "main", "status": "on_break", "reason": "lunch"}


async def test_refusals_say_what_is_in_the_way(house: House, hall: Hall) -> None:
    """Named by routing, told in words, and nothing is changed."""
    await hall.sign_in("ana", {"billing": 5}, "main")
    await join(house, hall, "C1")
    refused = [
        await hall.sign_in("ana", {"billing": 1}, "main"),
        await hall.sign_in("ana", {"billing": 1}, "night"),
        await hall.sign_in("ben", {"cooking": 1}, "main"),
        await hall.sign_in("b|n", {}, "main"),
        await hall.set_status("zoe", "available", ""),
        await hall.move("C9", "operator"),
        await hall.move("C1", "night"),
        await hall.prioritise("C1", 9_999),
    ]
    told = [in_words(one) for one in refused if isinstance(one, Refused)]

    assert told == [
        "they are signed in already, or not done with a contact; sign them out first",
        "they work in group main, and an agent belongs to one group; sign them out first",
        'no skill named "cooking" in the live center.yaml',
        '"b|n" cannot be a name; use letters, digits and . _ - @ + :',
        "nobody of that name is signed in",
        "no such contact, or over for more than a day",
        'queue "night" belongs to group night, and a contact stays in its group (main)',
        "9999 is no priority; give a whole number from -1000 to 1000",
    ]
    assert len(await hall.audit()) == 1
