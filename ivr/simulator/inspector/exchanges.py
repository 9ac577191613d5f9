"""Exchanges as the inspector shows them: what was sent, what came back, and what was unusual about the delivery."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ivr.simulator.memory import discreet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.simulator.records import Exchange

ORDERED = "(as ordered)"
"""What a delivery's error says when it was a misfortune somebody ordered."""


def as_rows(exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    """In the order in which they began.

    ``marks`` are among ``retry 2`` (its number), ``repeated``, ``delayed 2 s`` and what else befell it, ``ordered``.
    """
    seen: Counter[tuple[str, int, str]] = Counter()
    rows = []
    for one in sorted(exchanges, key=lambda one: one.at_ms):
        same = (one.token, one.attempt, one.url)
        rows.append(_row(one, _marks(one, is_repeated=seen[same] > 0)))
        seen[same] += 1
    return rows


def _marks(exchange: Exchange, *, is_repeated: bool) -> list[str]:
    marks = [f"retry {exchange.attempt - 1}"] if exchange.attempt > 1 else []
    marks += ["repeated"] if is_repeated else []
    marks += exchange.befallen
    return marks + (["ordered"] if ORDERED in exchange.error else [])


def _row(exchange: Exchange, marks: list[str]) -> dict[str, Any]:
    return {
        "kind": exchange.kind,
        "method": exchange.method,
        "url": exchange.url,
        "parameters": exchange.parameters,
        "headers": discreet(exchange.headers),
        "token": exchange.token,
        "attempt": exchange.attempt,
        "at_ms": exchange.at_ms,
        "took_ms": exchange.took_ms,
        "status": exchange.status,
        "body": exchange.body,
        "error": exchange.error,
        "marks": marks,
    }
