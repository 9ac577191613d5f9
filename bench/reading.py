"""Reading call flows: how long a workspace takes to be read, compiled and checked, beside what YAML alone takes.

The flow is the shipped centre's front door, its menus and all, repeated with other names until it has about 300 lines;
the workspace is two hundred flows of twenty-five steps. The floor is PyYAML's C loader on the same bytes, which makes
plain lists and dictionaries, without positions; both take turns, since a shared machine's speed drifts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from time import process_time

import yaml

from flows.problems import render
from flows.program import compile_program

ROUNDS = 25
FLOWS, STEPS = 200, 25
CENTER = """\
name: Bench
timezone: America/New_York
languages: [en-US]
numbers: {{"+12025550100": {first}}}
hours: {{office: {{mon-fri: 08:00-18:00, holidays: US}}}}
skills: [billing]
queues: {{billing: {{}}, operator: {{}}}}
fallback: operator
"""
MENU = """\
  {name}:
    menu: For billing, press 1 or say billing. For technical help, press 2. For somebody, press 0.
    options:
      1: {{phrases: [billing {number}, invoice, my bill], next: {next}}}
      2: {{phrases: [technical help, not working], next: {next}}}
      0: {{phrases: [agent, representative], next: {next}}}
    no_input: Sorry, I did not hear anything.
    no_match: Sorry, that is not one of the choices.
    retries: 2
    failed: {next}
"""
HOURS = """\
  {name}:
    hours: office
    open: {next}
    closed: {next}
    holiday: {next}
"""
SAY = """\
  {name}:
    say:
      - Thanks for calling number {number}.
      - {{when: customer.known, text: "Welcome back, {{{{ customer.first_name }}}}."}}
    next: {next}
"""
BRANCH = """\
  {name}:
    branch:
      - {{when: customer.tier == "gold" && hours.office.state == "open", next: {next}}}
      - {{when: vars.order != null, next: {next}}}
    else: {next}
"""
COLLECT = """\
  {name}:
    collect: Please key in your six digit order number.
    into: order
    digits: 6
    confirm: "I have {{{{ spell(vars.order) }}}}. If that is right, press 1. To try again, press 2."
    next: {next}
    failed: {next}
"""
QUEUE = """\
  {name}:
    queue: billing
    require: {{billing: 3}}
    relax: [{{after: 45s, require: {{billing: 1}}}}]
    overflow: {{after: 10m, next: {next}}}
    ended: {next}
"""
KINDS = (SAY, HOURS, MENU, COLLECT, BRANCH, QUEUE)


def flow(name: str, steps: int, then: str = "") -> str:
    """A flow of so many steps, one leading to the next, the last to another flow or to a goodbye."""
    names = [f"step_{number}" for number in range(steps - 1)] + ["bye"]
    text = "".join(
        KINDS[number % len(KINDS)].format(name=names[number], number=number, next=names[number + 1])
        for number in range(steps - 1)
    )
    last = f"  bye: {{say: Goodbye., next: {then}}}\n" if then else "  bye: {hangup: Goodbye.}\n"
    return f"flow: {name}\nstart: step_0\nsteps:\n{text}{last}"


def one_flow() -> dict[str, bytes]:
    """A centre with a flow of about 300 lines."""
    return {"center.yaml": CENTER.format(first="main").encode(), "flows/main.yaml": flow("main", 49).encode()}


def workspace() -> dict[str, bytes]:
    """A centre with 200 flows of 25 steps."""
    files = {"center.yaml": CENTER.format(first="flow_0").encode()}
    for number in range(FLOWS):
        then = f"flow_{number + 1}/step_0" if number + 1 < FLOWS else ""
        files[f"flows/flow_{number}.yaml"] = flow(f"flow_{number}", STEPS, then).encode()
    return files


def read(files: dict[str, bytes]) -> float:
    """Seconds of CPU to compile a workspace without a mistake."""
    began = process_time()
    found = compile_program(files, {})
    took = process_time() - began
    assert found.program is not None, render(found.problems, files)
    return took


def load(files: dict[str, bytes]) -> float:
    """Seconds of CPU of the library's loader."""
    began = process_time()
    for text in files.values():
        yaml.load(text, Loader=yaml.CSafeLoader)
    return process_time() - began


def measure_flow() -> dict[str, float]:
    """Milliseconds and how many times the loader's, of one flow."""
    files = one_flow()
    read(files)
    pairs = [(read(files), load(files)) for _round in range(ROUNDS)]
    ratios = [ours / bare for ours, bare in pairs]
    return {
        "lines": float(files["flows/main.yaml"].count(b"\n")),
        "ours ms": statistics.median(ours for ours, _ in pairs) * 1000,
        "loader ms": statistics.median(bare for _, bare in pairs) * 1000,
        "ratio": statistics.median(ratios),
        "best of each, ratio": min(ours for ours, _ in pairs) / min(bare for _, bare in pairs),
    }


def measure_workspace() -> dict[str, float]:
    """Seconds and MiB of a large workspace, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "bench.reading"], capture_output=True, text=True, check=True)
    seconds, mib = map(float, done.stdout.split())
    return {"steps": float(FLOWS * STEPS), "s": seconds, "MiB of the process": mib}


if __name__ == "__main__":
    import resource

    took_s = read(workspace())
    print(took_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
