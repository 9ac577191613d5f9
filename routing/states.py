"""What may happen to a contact and to an agent in each of their states; everything else is refused and changes nothing.

``CONTACT[event][state]`` are the states that may follow. Scripts hold to it by their MOVES headers, and a test tries
every pair. A contact ends once, with one outcome: ``handled``, ``abandoned``, ``overflowed``, ``too_long``, ``nobody``,
``voicemail``, ``cancelled``, ``failed`` or what else the caller of ``leave`` and ``end`` says.

An agent's *status* is what the person chose (``available``, ``on_break``, ``offline``), the *state* what we observe:
the most pressing of all that they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Moves = dict[str, frozenset[str]]

CONTACT_STATES = ("none", "promised", "waiting", "offered", "accepted", "claimed", "connected", "ended")
AGENT_STATES = ("none", "offline", "away", "ready", "reserved", "on_contact", "wrap_up")
STATUSES = ("available", "on_break", "offline")


def _moves(**to: str) -> Moves:
    return {state: frozenset(names.split()) for state, names in to.items()}


_STAYS = {"promised": "promised", "offered": "offered", "accepted": "accepted", "claimed": "claimed"}

CONTACT: Mapping[str, Moves] = {
    "join": _moves(none="waiting offered promised", ended="waiting offered promised"),
    "leave": _moves(promised="ended", waiting="ended", offered="ended", accepted="ended", claimed="ended"),
    "accept": _moves(offered="accepted"),
    "decline": _moves(offered="waiting offered", accepted="waiting offered"),
    "connect": _moves(accepted="connected"),
    "end": _moves(connected="ended"),
    "relax": _moves(waiting="waiting offered", **_STAYS),
    "release": _moves(waiting="waiting offered", **_STAYS),
    "overflow": _moves(waiting="ended waiting offered", **_STAYS),
    "transfer": _moves(
        waiting="waiting offered", offered="waiting offered", accepted="waiting offered", connected="waiting offered"
    ),
    "reprioritise": _moves(waiting="waiting", **_STAYS),
    "promise": _moves(
        waiting="waiting offered promised", offered="waiting offered promised", promised="waiting offered promised"
    ),
    "resume": _moves(
        promised="waiting offered", waiting="waiting offered", offered="offered", accepted="accepted", claimed="claimed"
    ),
    "claim": _moves(waiting="claimed"),
    "dialled": _moves(claimed="waiting offered promised", accepted="promised"),
    "vacate": _moves(waiting="ended"),
    "release_all": _moves(waiting="waiting offered"),
}
"""What a contact goes through. Some need more than the state: a time that has come, an offer that is still open."""

AGENT: Mapping[str, Moves] = {
    "sign_in": _moves(none="away", offline="away"),
    "refit": _moves(
        away="away", ready="ready reserved", reserved="reserved", on_contact="on_contact", wrap_up="wrap_up"
    ),
    "set_status": _moves(
        away="away ready reserved offline",
        ready="ready away offline",
        reserved="reserved offline",
        on_contact="on_contact offline",
        wrap_up="wrap_up offline",
    ),
    "finish_wrap_up": _moves(wrap_up="ready reserved away"),
    "seen": _moves(away="away", ready="ready", reserved="reserved", on_contact="on_contact", wrap_up="wrap_up"),
}
"""What a person does. The rest moves agents by way of the contacts they hold. An agent with room for several contacts
can be reserved while on a contact; ``offline`` here is the status, whatever is still held."""


def may_happen(table: Mapping[str, Moves], event: str, state: str) -> bool:
    """Whether the event is for this state at all."""
    return state in table[event]
