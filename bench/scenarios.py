"""A thousand scenarios of ten turns each, read and played on one core: how long they take."""

from __future__ import annotations

import os
from time import perf_counter

from flows.program import compile_program
from flows.scenarios import play_all, read_scenarios, stage

SCENARIOS = 1_000
BAR_S = 10.0

CENTER = b"""\
name: Bench
timezone: America/New_York
languages: [en-US]
numbers: {"+12025550100": main}
hours: {office: {mon-fri: 08:00-18:00}}
fallback: main/bye
"""

FLOW = b"""\
flow: main
start: open
steps:
  open:
    hours: office
    open: ask
    closed: bye
  ask:
    menu: For billing, press 1 or say billing. For technical help, press 2. To end the call, press 9.
    options:
      1: {phrases: [billing, invoice, my bill], next: told}
      2: {phrases: [technical help, not working], next: look}
      9: bye
    failed: bye
  told:
    say:
      - "You are {{ caller }}."
      - {when: customer.known, text: "Welcome back, {{ customer.first_name }}."}
      - {when: 'vars.status != null', text: "Your order is {{ vars.status }}."}
    next: ask
  look:
    http: "https://shop.example.com/orders/{{ caller }}"
    save: {status: status}
    ok: told
    failed: told
  bye:
    hangup: Goodbye.
"""

# The greeting, eight answers and the good-bye.
SCENARIO = """\
- scenario: call number {number}
  given:
    caller: "+1202555{number:04}"
    customer: {{first_name: Ana}}
    http: {{"https://shop.example.com/orders/*": {{body: {{status: sent}}}}}}
  call:
    - hears: For billing, press 1
    - presses: 1
    - hears: Welcome back, Ana
    - says: my bill
    - stays silent
    - presses: 2
    - hears: Your order is sent
    - presses: 5
    - presses: 1
    - says: it is not working
    - presses: 1
    - presses: 9
    - hears: Goodbye
  ends: finished
"""


def measure() -> dict[str, float]:
    """Seconds to read and to play them, and turns a second; a failed one is an error."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    program = compile_program({"center.yaml": CENTER, "flows/main.yaml": FLOW}, {}).program
    assert program is not None, "the bench's flow has no mistake"
    files = {f"scenarios/{file}.yaml": _file(file).encode() for file in range(10)}
    begins = perf_counter()
    scenarios, problems = read_scenarios(files, {}, program)
    read_s = perf_counter() - begins
    played = list(play_all(scenarios, stage(program, {})))
    played_s = perf_counter() - begins - read_s
    wrong = [*map(str, problems), *(one.why for one in played if one.why)]
    assert not wrong, wrong[0]
    turns = sum(one.call.session.turns for one in played)
    return {
        "scenarios": len(played),
        "turns each": turns / len(played),
        "read s": read_s,
        "played s": played_s,
        "s": read_s + played_s,
    }


def _file(number: int) -> str:
    size = SCENARIOS // 10
    return "\n".join(SCENARIO.format(number=number * size + one) for one in range(size))
