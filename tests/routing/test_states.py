"""Every event in every state: in the table, or refused and nothing changed; and every script says what it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from routing import agents, callbacks, contacts, deadlines, offers
from routing.answers import Done, Offer, Refused, read
from routing.contacts import Contact
from routing.keys import base
from routing.registry import refit
from routing.scripts import Script
from routing.states import AGENT, AGENT_STATES, CONTACT, CONTACT_STATES, may_happen
from tests.routing.floor import EASY, HARD, Floor, offered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LONG_MS = 100_000

Answer = Done | Refused


async def bring_contact(floor: Floor, state: str) -> Offer:
    """Let contact c1 come to ``state``; its last offer, or what would have been. Everything of it is due by then."""
    generation = 0
    if state in {"promised", "claimed"}:
        await floor.join(
            "c1", EASY, callback="at_a_time" if state == "promised" else "keep_place", callback_ms=floor.now_ms + 1_000
        )
        if state == "claimed":
            claimed = await callbacks.claim(floor.redis, "main", "c1", claim_ms=LONG_MS * 2, now_ms=floor.now_ms)
            generation = int(claimed.facts[0])
    elif state != "none":
        if state != "waiting":
            await floor.ready("ana")
        await floor.join("c1", HARD, callback="keep_place", relax=((LONG_MS, EASY),), overflow_ms=LONG_MS)
    offer = Offer("c1", "ana", generation)
    if state in {"offered", "accepted", "connected", "ended"}:
        offer = Offer("c1", "ana", 1)
    if state in {"accepted", "connected", "ended"}:
        await floor.accept(offer)
    if state in {"connected", "ended"}:
        await floor.connect(offer)
    if state == "ended":
        await floor.end("c1")
    return offer


def events_of_contact(floor: Floor, offer: Offer) -> dict[str, Callable[[], Awaitable[Answer]]]:
    """Every event a contact may meet, for c1, at the floor's time."""
    redis, now_ms = floor.redis, floor.now_ms

    async def vacate() -> Answer:
        return read(await redis.run(deadlines.VACATE, [base()], [now_ms, 0, 0, 100]), "vacated")

    return {
        "join": lambda: contacts.join(redis, "main", Contact("c1", "billing", EASY), now_ms=now_ms),
        "leave": lambda: contacts.leave(redis, "main", "c1", "abandoned", now_ms=now_ms),
        "accept": lambda: offers.accept(redis, "main", offer, now_ms=now_ms),
        "decline": lambda: offers.decline(redis, "main", offer, now_ms=now_ms),
        "decline failed": lambda: offers.decline(redis, "main", offer, "failed", now_ms=now_ms),
        "connect": lambda: offers.connect(redis, "main", offer, now_ms=now_ms),
        "end": lambda: offers.end(redis, "main", "c1", now_ms=now_ms),
        "relax": lambda: contacts.relax(redis, "main", "c1", now_ms=now_ms),
        "release": lambda: contacts.release(redis, "main", "c1", now_ms=now_ms),
        "overflow": lambda: contacts.overflow(redis, "main", "c1", now_ms=now_ms),
        "transfer": lambda: contacts.transfer(redis, "main", "c1", "sales", EASY, now_ms=now_ms),
        "reprioritise": lambda: contacts.reprioritise(redis, "main", "c1", 2, now_ms=now_ms),
        "promise": lambda: callbacks.promise(redis, "main", "c1", "later_today", at_ms=now_ms + 9, now_ms=now_ms),
        "resume": lambda: callbacks.resume(redis, "main", "c1", now_ms=now_ms),
        "claim": lambda: callbacks.claim(redis, "main", "c1", now_ms=now_ms),
        "dialled": lambda: callbacks.dialled(
            redis, "main", "c1", offer.generation, "again", at_ms=now_ms + 9, now_ms=now_ms
        ),
        "vacate": vacate,
        "release_all": lambda: agents.release_kept(redis, "main", "ana", now_ms=now_ms),
    }


EVENTS = [*CONTACT, "decline failed"]
TIMED = {"relax", "release", "overflow", "resume", "vacate", "release_all"}
"""Need more than the state: here nothing is due, so all of them are refused; what is due stands in tests of its own."""


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", CONTACT_STATES)
async def test_every_event_in_every_state_of_a_contact(floor: Floor, state: str, event: str) -> None:
    """What the table has happens and leads where it says; all else is refused, and not a byte changes."""
    offer = await bring_contact(floor, state)
    found = (await floor.sound()).contacts.get("c1", {"state": "none"})
    assert found["state"] == state
    before = await floor.dump()

    answer = await events_of_contact(floor, offer)[event]()

    name = event.removesuffix(" failed")
    allowed = may_happen(CONTACT, name, state) and event not in TIMED
    if event.startswith("decline"):
        allowed = state == ("accepted" if event == "decline failed" else "offered")
    if event == "dialled":
        allowed = state in {"claimed", "accepted"}
    assert isinstance(answer, Done) == allowed, answer
    if allowed:
        assert (await floor.contact("c1"))["state"] in CONTACT[name][state]
    else:
        assert await floor.dump() == before


@pytest.mark.parametrize("state", CONTACT_STATES)
@pytest.mark.parametrize("event", ["relax", "overflow"])
async def test_what_is_due_happens_where_the_table_has_it(floor: Floor, state: str, event: str) -> None:
    """A deadline that has come leads where the table says; in a state without it nothing was left to come."""
    offer = await bring_contact(floor, state)
    floor.now_ms += LONG_MS + 1
    known = await floor.redis.execute("ZSCORE", f"{base()}due", f"{event}|c1|0")

    answer = await events_of_contact(floor, offer)[event]()

    assert (known is not None) == (state in {"waiting", "offered", "accepted"})
    after = (await floor.sound()).contacts.get("c1", {"state": "none"})["state"]
    assert after == state if answer.tag in {"not_due", "later"} else after in CONTACT[event][state]


async def bring_agent(floor: Floor, state: str) -> None:
    """Let ana come to ``state``."""
    if state == "none":
        return
    await agents.sign_in(floor.redis, "main", "ana", {"billing": 5}, now_ms=floor.now_ms)
    if state == "offline":
        await floor.status("ana", "offline")
    if state in {"away", "offline"}:
        return
    await floor.status("ana", "available")
    if state == "ready":
        return
    (offer,) = offered(await floor.join("c1"))
    if state == "reserved":
        return
    await floor.talk(offer)
    if state == "wrap_up":
        await floor.end("c1")


def events_of_agent(floor: Floor) -> dict[str, Callable[[], Awaitable[Answer]]]:
    redis, now_ms = floor.redis, floor.now_ms
    return {
        "sign_in": lambda: agents.sign_in(redis, "main", "ana", {"billing": 5}, now_ms=now_ms),
        "refit": lambda: refit(redis, "main", "ana", {"billing": 1}, now_ms=now_ms),
        "set_status": lambda: agents.set_status(redis, "main", "ana", "on_break", now_ms=now_ms),
        "sign_out": lambda: agents.sign_out(redis, "main", "ana", now_ms=now_ms),
        "finish_wrap_up": lambda: agents.finish_wrap_up(redis, "main", "ana", now_ms=now_ms),
        "seen": lambda: agents.seen(redis, "main", "ana", absent_ms=1_000, now_ms=now_ms),
    }


@pytest.mark.parametrize("event", [*AGENT, "sign_out"])
@pytest.mark.parametrize("state", AGENT_STATES)
async def test_every_event_in_every_state_of_an_agent(floor: Floor, state: str, event: str) -> None:
    """What the table has happens and leads where it says; all else is refused, and not a byte changes."""
    await bring_agent(floor, state)
    before = await floor.dump()

    answer = await events_of_agent(floor)[event]()

    name = "set_status" if event == "sign_out" else event
    allowed = may_happen(AGENT, name, state)
    assert isinstance(answer, Done) == allowed, answer
    if allowed:
        agent = await floor.agent("ana")
        after = "offline" if agent["status"] == "offline" else agent["state"]
        assert after in AGENT[name][state]
    else:
        assert await floor.dump() == before


SCRIPTS = {name: Script.load("routing.lua", f"{name}.lua") for name in (*CONTACT, *AGENT)}


def moves_of(script: Script) -> set[tuple[str, str]]:
    """The moves a header names."""
    if script.header.moves == "none":
        return set()
    moves = script.header.moves.removeprefix("contact ").removeprefix("agent ").split(" | ")
    return {(one, other) for one, other in (move.split(" -> ") for move in moves)}


@pytest.mark.parametrize("event", CONTACT)
def test_a_script_says_what_the_table_says_of_contacts(event: str) -> None:
    """One truth about moves: the header a reader sees is the table that is tested."""
    table = {(state, after) for state, found in CONTACT[event].items() for after in found}

    assert moves_of(SCRIPTS[event]) == table


@pytest.mark.parametrize("event", [name for name in AGENT if name != "seen"])
def test_a_script_says_what_the_table_says_of_agents(event: str) -> None:
    """The same for agents."""
    table = {(state, after) for state, found in AGENT[event].items() for after in found}

    assert moves_of(SCRIPTS[event]) == table
