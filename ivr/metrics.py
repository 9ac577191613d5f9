"""What operators measure, one object a process; read by ``/metrics``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Gauge, Histogram

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from ivr.timeline.lag import Lag

# From a tenth of a usual turn to the provider's own limit of 15 s.
TURN_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0, 15.0)


class Metrics:
    """The process's counters, in a registry of their own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._turns = Histogram(
            "ivr_turn_seconds",
            "Voice webhooks answered, by the time it took",
            buckets=TURN_BUCKETS_S,
            registry=registry,
        )

        self._waiting = Gauge(
            "ivr_timeline_waiting_entries", "Turns in the journals that are not in SQL yet", registry=registry
        )
        self._behind = Gauge(
            "ivr_timeline_behind_seconds", "How long the oldest of them has waited there", registry=registry
        )

    def journals(self, lag: Lag) -> None:
        """Note how far SQL is behind."""
        self._waiting.set(lag.entries)
        self._behind.set(lag.behind_s())

    def turn(self, seconds: float) -> None:
        """Count one answered voice webhook and the time it took."""
        self._turns.observe(seconds)
