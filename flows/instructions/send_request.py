"""Send a request that may change something elsewhere, or takes long: an act, named by a commit and performed after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flows import hidden
from flows.instructions.fetch import Fetch

if TYPE_CHECKING:
    from flows.instructions.pause import Pause
    from flows.instructions.play import Play
    from flows.instructions.say import Say


@dataclass(frozen=True, slots=True)
class SendRequest:
    """Send ``fetch``; the caller hears ``meanwhile`` when its answer takes longer than a caller bears silence.

    Answered as ``Fetch`` is, and with ``EffectFailed("unknown")`` when nobody can tell whether it arrived.
    """

    fetch: Fetch
    meanwhile: tuple[Say | Play | Pause, ...] = ()


def from_data(data: dict[str, Any]) -> SendRequest:
    """The instruction of its JSON data; what is said meanwhile is no part of it, for it is written by then."""
    fetch = data["fetch"]
    headers = tuple((name, hidden.from_data(value)) for name, value in fetch["headers"])
    body = None if fetch["body"] is None else hidden.from_data(fetch["body"])
    keep = tuple(tuple(place) for place in fetch["keep"])
    return SendRequest(Fetch(**(fetch | {"headers": headers, "body": body, "keep": keep})))
