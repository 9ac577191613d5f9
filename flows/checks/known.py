"""What a check knows beside the flows, and the walks that several checks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.flow import Flow, Station
    from flows.form import Reference
    from flows.program import Program


@dataclass(frozen=True, slots=True)
class Known:
    """Facts from outside: recordings by path, what ``center.yaml`` names, and whether every flow could be read."""

    audio: Mapping[str, str]
    named: Sequence[Reference]
    complete: bool


def each_station(program: Program) -> Iterator[tuple[Flow, Station]]:
    """Every step that could be understood, with its flow."""
    for flow in program.flows.values():
        for station in flow.stations.values():
            yield flow, station
