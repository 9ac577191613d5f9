"""What queueing theory expects of a centre whose callers lose patience: Erlang A (M/M/s+M).

Source: Mandelbaum & Zeltyn, "The Palm/Erlang-A Queue, with Applications to Call Centers".
"""

from __future__ import annotations

from dataclasses import dataclass

NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Expected:
    """The share of callers who wait and who abandon, and the mean wait of all of them in seconds."""

    waiting: float
    abandoned: float
    wait_s: float


def erlang_a(*, agents: int, calls_per_s: float, talk_s: float, patience_s: float) -> Expected:
    """The stationary state of ``agents``, with mean ``talk_s`` and ``patience_s``, both exponential.

    A birth-death process: in state n calls end at rate min(n, agents) / talk_s + max(n - agents, 0) / patience_s.
    """
    weights, weight, state = [1.0], 1.0, 0
    while state < agents or weight > NEGLIGIBLE * max(weights):
        state += 1
        weight *= calls_per_s / (min(state, agents) / talk_s + max(state - agents, 0) / patience_s)
        weights.append(weight)
    total = sum(weights)
    queued = sum((state - agents) * weight for state, weight in enumerate(weights) if state > agents) / total
    return Expected(sum(weights[agents:]) / total, queued / patience_s / calls_per_s, queued / calls_per_s)
