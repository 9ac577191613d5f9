"""What a program needs of the world it is published into: data, so that who publishes it can refuse it by name.

======== =====================================================================================
secret   a value of the settings that a request carries
sealing  a key to seal what callers key in where a step is ``sensitive``; its name is the value's
queue    a queue that a step sends callers to
prompt   a recording that a step plays
======== =====================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.flow import Flow

SECRET, SEALING, QUEUE, PROMPT = "secret", "sealing", "queue", "prompt"
_OF_REFERENCES = {"queue": QUEUE, "audio": PROMPT}


class Demand(NamedTuple):
    """One thing that a step needs, and where the flow says so."""

    sort: str
    name: str
    path: str
    line: int
    column: int


def demands_of(flows: Iterable[Flow]) -> tuple[Demand, ...]:
    """Everything that the flows need, each thing once, where it is named first."""
    found: dict[tuple[str, str], Demand] = {}
    for flow in flows:
        for facts in (station.facts for station in flow.stations.values()):
            needed = [(SECRET, one) for one in facts.hidden if one.sort == SECRET]
            needed += [(_OF_REFERENCES[one.sort], one) for one in facts.references if one.sort in _OF_REFERENCES]
            needed += [(SEALING, one) for one in facts.seals]
            for sort, one in needed:
                found.setdefault((sort, one.name), Demand(sort, one.name, flow.path, one.line, one.column))
    return tuple(found.values())
