"""The names an expression may use, and what they hold: few, documented, always there.

``SCOPE`` is the documentation in code: what the checks judge names by and what ``Scope`` answers at run time. Each name
exists in every call; what is not known is null.

==========  =============================================================================================
caller      the caller's number in E.164, null when withheld
call        ``sid``, ``called`` (the number dialled), ``language``, ``started`` (a time)
customer    ``known`` (true or false), ``id``, ``first_name``, ``name``, ``phone``, ``email``, ``language``,
            ``tier``, ``tags`` (a list), ``last_agent``, ``last_contact`` and ``last_survey`` (times), ``promises``
            (how many are open)
vars        what this call's steps have set, by name; in a subflow its own
hours       by calendar: ``state`` (``open``, ``closed`` or ``holiday``), ``opens`` (a time; when next) and ``says``
            (what callers are told while it is closed at once, else null)
queues      by queue: ``waiting``, ``ready`` and ``signed_in`` (numbers), ``ewt_s`` and ``longest_s`` (seconds)
now         the time, with the centre's offset
ewt_s       the upper end of the estimated wait in the step's queue, in seconds; null without evidence
position    the place in the step's queue, from 1; null outside one
==========  =============================================================================================

What is true of the world (``customer``, ``hours``, ``queues``, ``ewt_s``, ``position``) is asked for before a step that
names it (``flows/needs.py``); what could not be found out is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from flows import hours
from flows.plain import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.center import Center
    from flows.session import Session

CALL = ("sid", "called", "language", "started")
CUSTOMER: dict[str, Any] = {
    "known": False,
    "id": None,
    "first_name": None,
    "name": None,
    "phone": None,
    "email": None,
    "language": None,
    "tier": None,
    "tags": (),
    "last_agent": None,
    "last_contact": None,
    "last_survey": None,
    "promises": None,
}
HOURS = ("state", "opens", "says")
QUEUE = ("waiting", "ready", "signed_in", "ewt_s", "longest_s")
NAMES = ("caller", "call", "customer", "vars", "hours", "queues", "now", "ewt_s", "position")
TEXTS = frozenset(
    {
        ("caller",),
        ("call", "sid"),
        ("call", "called"),
        ("call", "language"),
        *(("customer", name) for name in ("id", "first_name", "name", "phone", "email", "language", "tier")),
        ("customer", "last_agent"),
    }
)


def local(moment: datetime, center: Center) -> datetime:
    """The moment with the centre's offset of that day as a fixed zone: CEL knows no others."""
    offset = moment.astimezone(center.zone).utcoffset() or timedelta(0)
    return moment.astimezone(timezone(offset))


def known_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was found out about a customer, what a call keeps: the documented names, as plain data."""
    kept = {name: storable(facts[name]) for name in CUSTOMER if facts.get(name) is not None and name != "known"}
    return {**kept, "known": True} if facts else {}


class Calendars(Mapping[str, Any]):
    """``hours`` in an expression: each calendar is asked only when an expression names it."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> dict[str, Any]:
        center, now = self._scope.center, self._scope.now
        calendar, closed = center.hours[name], closure(self._scope.world, name, now)
        until = None if closed is None else closed.until
        opens = hours.next_opening(calendar, center.zone, now, until)
        return {
            "state": hours.state(calendar, center.zone, now, until),
            "opens": None if opens is None else local(opens, center),
            "says": None if closed is None else closed.sentence((self._scope.language, *center.languages))[0] or None,
        }

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope.center.hours)

    def __len__(self) -> int:
        return len(self._scope.center.hours)


def closure(world: Mapping[str, Any], calendar: str, now: datetime) -> hours.Closure | None:
    """The closure in force for a calendar, by what was observed; None when there is none."""
    found = world.get("hours", {}).get(calendar)
    return None if found is None else hours.read_closure(found, now)


@dataclass(slots=True)
class Scope:
    """All the names for one step of one call; each is made when it is asked for."""

    center: Center
    session: Session
    language: str
    vars: Mapping[str, Any]
    now: datetime
    customer: Mapping[str, Any] | None
    world: Mapping[str, Any]
    queue: str

    def get(self, name: str) -> Any:
        """The value of a top-level name; null for any other."""
        make = _MAKERS.get(name)
        return None if make is None else make(self)


def _call(scope: Scope) -> dict[str, Any]:
    started = datetime.fromtimestamp(scope.session.started_ms / 1000, UTC)
    return {
        "sid": scope.session.call_sid,
        "called": scope.session.called,
        "language": scope.language,
        "started": local(started, scope.center),
    }


def _customer(scope: Scope) -> dict[str, Any]:
    """All of the names, with times as times: a session keeps them as ISO 8601 text."""
    facts = {**CUSTOMER, **(scope.customer or {})}
    return {**facts, **{name: _time(facts[name], scope.center) for name in ("last_contact", "last_survey")}}


def _time(written: Any, center: Center) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
        return local(moment if moment.tzinfo else moment.replace(tzinfo=UTC), center)
    except (TypeError, ValueError, OverflowError):  # unknown, or another version's
        return None


def _of_own_queue(scope: Scope, name: str) -> Any:
    found = scope.world.get("queues", {}).get(scope.queue)
    return None if found is None else found.get(name)


_MAKERS: dict[str, Callable[[Scope], Any]] = {
    "caller": lambda scope: scope.session.caller or None,
    "call": _call,
    "customer": lambda scope: _customer(scope) if scope.customer else CUSTOMER,
    "vars": lambda scope: scope.vars,
    "hours": Calendars,
    "queues": lambda scope: scope.world.get("queues", {}),
    "ewt_s": lambda scope: _of_own_queue(scope, "ewt_s"),
    "position": lambda scope: _of_own_queue(scope, "position"),
    "now": lambda scope: local(scope.now, scope.center),
}
