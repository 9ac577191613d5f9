"""What ``advance`` costs: one turn of a menu, alone and with four expressions, in a small flow and in a large one.

A turn here is a key at a menu and the next menu's question, as most turns of a call are. Medians of rounds, one core;
the flow of 10 steps and the one of 1,000 take turns, so that a noisy machine troubles both alike.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from statistics import median
from time import thread_time

from flows.engine import advance, begin
from flows.events import CallStarted, KeysPressed
from flows.program import Program, compile_program

ROUNDS, TURNS = 15, 2_000
BARS_US = {"without expressions": 20.0, "with four expressions": 80.0}
BAR_GROWTH = 1.2
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
CENTER = b"""\
name: Bench
timezone: America/New_York
languages: [en-US]
voices: {en-US: Polly.Joanna-Neural}
numbers: {"+12025550100": main}
fallback: main/step_0
"""
PLAIN = "'For billing, press 1. For technical help, press 2.'"
FOUR = (
    "[{when: vars.order == null, text: Please have your order number at hand.}, "
    "{when: 'vars.tries != null && vars.tries > 3', text: Thank you for waiting.}, "
    '"You called {{ call.called }} from {{ caller }}. For billing, press 1."]'
)


def measure() -> dict[str, float]:
    """Microseconds a turn, and how much a flow of 1,000 steps costs beside one of 10."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    small, large, four = program_of(10, PLAIN), program_of(1_000, PLAIN), program_of(10, FOUR)
    times: dict[str, list[float]] = {"small": [], "large": [], "four": []}
    for _round in range(ROUNDS):
        for name, program in (("small", small), ("large", large), ("four", four)):
            times[name].append(turn_us(program))
    growth = median(large / small for small, large in zip(times["small"], times["large"], strict=True))
    return {
        "without expressions, us": median(times["small"]),
        "with four expressions, us": median(times["four"]),
        "1,000 steps ÷ 10": growth,
    }


def is_missed(figures: dict[str, float]) -> bool:
    """Is one of the bars missed."""
    late = any(figures[f"{name}, us"] > bar_us for name, bar_us in BARS_US.items())
    return late or figures["1,000 steps ÷ 10"] > BAR_GROWTH


def program_of(steps: int, question: str) -> Program:
    """Menus in rings of ten: a call sees as few steps of a large flow as of a small one."""
    menus = "".join(
        f"  step_{number}: {{menu: {question}, options: {{1: step_{_after(number)}, 2: end}}, failed: end}}\n"
        for number in range(steps)
    )
    flow = "flow: main\nstart: step_0\nsteps:\n  order: {set: {order: 'null', tries: 'null'}, next: step_0}\n"
    flow += f"{menus}  end: {{hangup: }}\n"
    compiled = compile_program({"center.yaml": CENTER, "flows/main.yaml": flow.encode()}, {})
    if compiled.program is None:
        raise ValueError(compiled.problems)
    return compiled.program


def _after(number: int) -> int:
    """The next in a ring of ten."""
    return number - number % 10 + (number + 1) % 10


def turn_us(program: Program) -> float:
    """Microseconds of one turn, on average of many in a row."""
    call = begin(program, call_sid="CA1", caller="+12025550143", called="+12025550100", now=NOW)
    turns = 0
    session = advance(program, call, CallStarted(), NOW).session
    key = KeysPressed("1")
    began = thread_time()
    while turns < TURNS:
        walked = session
        for _ in range(400):  # a call has a limit of turns
            walked = advance(program, walked, key, NOW).session
        turns += 400
    return (thread_time() - began) / turns * 1e6
