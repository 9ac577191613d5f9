"""What may happen after a verb, a document or an order from outside: where a call goes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ivr.simulator.call import Call


@dataclass(frozen=True, slots=True)
class Goto:
    """Request the document at ``url`` with these parameters besides the standard ones."""

    url: str
    method: str = "POST"
    parameters: tuple[tuple[str, str], ...] = ()
    is_fallback: bool = False


@dataclass(frozen=True, slots=True)
class Inline:
    """Execute this TwiML, given by REST; it has no address."""

    twiml: str


@dataclass(frozen=True, slots=True)
class Perform:
    """Execute these verbs, which the network itself put together."""

    verbs: tuple[Verb, ...]


@dataclass(frozen=True, slots=True)
class HangUp:
    """The call ends with this final status; None is what fits: completed if it was answered, else no-answer.

    ``by`` is who wants it: ``person`` (or the document), ``api`` or ``network``.
    """

    status: str | None = None
    by: str = "person"


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave the queue; only a document somebody waits with can say so."""


Step = Goto | Inline | Perform | HangUp | Quit


class Verb(Protocol):
    """One verb of a document, read and checked; each has a file in ``verbs/``."""

    async def run(self, call: Call) -> Step | None:
        """Do it to ``call``; None goes on to the next verb."""
