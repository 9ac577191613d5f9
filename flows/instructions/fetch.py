"""Ask another system over HTTP: a question, answered before the turn is committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.hidden import SEALED, names_in

if TYPE_CHECKING:
    from flows.hidden import Pieces

SAFE = frozenset({"GET", "HEAD"})  # RFC 9110 9.2.1, of those that a flow may use


@dataclass(frozen=True, slots=True)
class Fetch:
    """Request ``url`` and answer with what stands at the places ``keep`` of its JSON (``flows.kinds.http.pruned``).

    The values of ``headers`` and the ``body``, None for no body, are texts with gaps for hidden values. ``attempts``
    is how often it may be sent when the system cannot be reached or is overloaded, all within ``timeout_s``.

    Answered with ``Answered({"status": int, "body": plain JSON data})`` whatever the status is, or with
    ``EffectFailed``: ``timeout`` after ``timeout_s``, ``refused`` when the address may not be asked, else ``failed``.
    """

    method: str
    url: str
    timeout_s: int
    headers: tuple[tuple[str, Pieces], ...] = ()
    body: Pieces | None = None
    attempts: int = 1
    keep: tuple[tuple[str, ...], ...] = ()

    @property
    def sealed_names(self) -> frozenset[str]:
        """The names of the sealed values that it carries."""
        pieces = [*(self.body or ()), *(piece for _, value in self.headers for piece in value)]
        return frozenset(names_in(pieces, SEALED))

    @property
    def repeatable(self) -> bool:
        """May it be sent again when nobody knows whether it arrived."""
        return self.method in SAFE or self.attempts > 1
