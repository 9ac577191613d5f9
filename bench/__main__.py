"""``make bench``: the figures of a turn, of reading flows and of the simulator, beside the bars they are held to.

``python -m bench turn tail start memory reading scenarios calls hour routing`` runs only what is named. Exit status
1 when a bar is missed.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import orjson
from rich.console import Console
from rich.table import Table

from bench import memory, reading, routing, scenarios, simulator, start, turn, walking

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> int:
    """Measure what was asked for and print it; every figure also as JSON, on the last line."""
    wanted = sys.argv[1:] or ["turn", "tail", "start", "memory", "reading", "scenarios", "calls", "hour", "routing"]
    cores = os.sched_getaffinity(0)
    results: dict[str, dict[str, float]] = {}
    missed = []
    for told in turn.TOLD:
        if "turn" in wanted or "tail" in wanted:
            name = f"a turn, {told}: bare CPU ÷ ours"
            results[name] = progress(name, partial(turn.measure_cpu, told))
            missed += [name] if results[name]["ratio"] < 0.25 else []
    if "tail" in wanted:
        name = "a turn at half of its peak: our p99 ÷ bare p99"
        peak = results["a turn, without expressions: bare CPU ÷ ours"]["ours/s"]
        results[name] = progress(name, partial(turn.measure_tail, "without expressions", peak))
        missed += [name] if results[name]["p99 ratio"] > 5 else []
    os.sched_setaffinity(0, cores)
    if "start" in wanted:
        results["cold start"] = progress("cold start", start.measure)
        missed += ["cold start"] if results["cold start"]["median s"] > 2 else []
    if "memory" in wanted:
        results["memory"] = progress("memory", memory.measure)
        missed += ["memory"] if results["memory"]["B a call with its journal"] > 4096 else []
    if "walking" in wanted:
        name = "advance, a turn at a menu"
        results[name] = progress(name, walking.measure)
        missed += [name] if walking.is_missed(results[name]) else []
        os.sched_setaffinity(0, cores)
    if "scenarios" in wanted:
        name = "1,000 scenarios of ten turns"
        results[name] = progress(name, scenarios.measure)
        missed += [name] if results[name]["s"] > scenarios.BAR_S else []
        os.sched_setaffinity(0, cores)
    if "reading" in wanted:
        name = "reading a flow of 300 lines, with all checks"
        results[name] = progress(name, reading.measure_flow)
        missed += [name] if results[name]["ratio"] > 2 else []
        name = "reading 200 flows of 25 steps"
        figures = results[name] = progress(name, reading.measure_workspace)
        missed += [] if figures["s"] < 3 and figures["MiB of the process"] < 300 else [name]
    if "calls" in wanted:
        name = "the simulator with 2,000 calls"
        figures = results[name] = progress(name, partial(simulator.measure, "calls"))
        is_whole = figures["calls at once"] == simulator.CALLS and not figures["errors"]
        missed += [] if is_whole and figures["webhooks/s"] >= 1500 else [name]
        name = "the simulator's memory"
        results[name] = progress(name, partial(simulator.measure, "live", "remembered", "forgotten", rounds=3))
    if "hour" in wanted:
        name = "an hour of a hundred agents"
        figures = results[name] = progress(name, partial(simulator.measure, "hour", rounds=3))
        is_whole = figures["calls"] == figures["calls with one final status"]
        missed += [] if is_whole and figures["real s"] < 60 else [name]
    if "routing" in wanted:
        figures_of_routing, missed_there = routing.measure()
        results |= figures_of_routing
        missed += missed_there
    show(results)
    for name in missed:
        print(f"missed: {name}")
    print(orjson.dumps(results).decode())
    return 1 if missed else 0


def progress(name: str, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Say what is being measured while it is."""
    with Console(stderr=True).status(name):
        return measure()


def show(results: dict[str, dict[str, float]]) -> None:
    table = Table("what", "figure", "value", box=None)
    for what, figures in results.items():
        for figure, value in figures.items():
            table.add_row(what, figure, f"{value:,.3f}" if value < 100 else f"{value:,.0f}")
            what = ""
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
