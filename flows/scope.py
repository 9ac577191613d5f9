"""The names an expression may use, and what they hold: few, documented, always there.

``SCOPE`` is the documentation in code: what the checks judge names by and what ``Scope`` answers at run time. Each name
exists in every call; what is not known is null.

==========  =============================================================================================
caller      the caller's number in E.164, null when withheld
call        ``sid``, ``called`` (the number dialled), ``language``, ``started`` (a time)
customer    ``known`` (true or false), ``first_name``, ``name``, ``language``, ``tier``, ``tags`` (a list)
vars        what this call's steps have set, by name
hours       by calendar: ``state`` (``open``, ``closed`` or ``holiday``) and ``opens`` (a time; when next)
queues      by queue; empty until there are queues
now         the time, with the centre's offset
ewt_s       the upper end of the estimated wait in seconds, null without evidence
position    the place in the queue, null outside one
==========  =============================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from flows import hours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.center import Center
    from flows.session import Session

CALL = ("sid", "called", "language", "started")
CUSTOMER: dict[str, Any] = {
    "known": False,
    "first_name": None,
    "name": None,
    "language": None,
    "tier": None,
    "tags": (),
}
HOURS = ("state", "opens")
NAMES = ("caller", "call", "customer", "vars", "hours", "queues", "now", "ewt_s", "position")
TEXTS = frozenset(
    {
        ("caller",),
        ("call", "sid"),
        ("call", "called"),
        ("call", "language"),
        ("customer", "first_name"),
        ("customer", "name"),
        ("customer", "language"),
        ("customer", "tier"),
    }
)


def local(moment: datetime, center: Center) -> datetime:
    """The moment with the centre's offset of that day as a fixed zone: CEL knows no others."""
    offset = moment.astimezone(center.zone).utcoffset() or timedelta(0)
    return moment.astimezone(timezone(offset))


class Calendars(Mapping[str, Any]):
    """``hours`` in an expression: each calendar is asked only when an expression names it."""

    def __init__(self, center: Center, now: datetime) -> None:
        self._center, self._now = center, now

    def __getitem__(self, name: str) -> dict[str, Any]:
        calendar = self._center.hours[name]
        opens = hours.next_opening(calendar, self._center.zone, self._now)
        state = hours.state(calendar, self._center.zone, self._now)
        return {"state": state, "opens": None if opens is None else local(opens, self._center)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._center.hours)

    def __len__(self) -> int:
        return len(self._center.hours)


@dataclass(slots=True)
class Scope:
    """All the names for one step of one call; each is made when it is asked for."""

    center: Center
    session: Session
    language: str
    vars: Mapping[str, Any]
    now: datetime

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


_MAKERS: dict[str, Callable[[Scope], Any]] = {
    "caller": lambda scope: scope.session.caller or None,
    "call": _call,
    "customer": lambda _: CUSTOMER,
    "vars": lambda scope: scope.vars,
    "hours": lambda scope: Calendars(scope.center, scope.now),
    "queues": lambda _: {},
    "now": lambda scope: local(scope.now, scope.center),
}
