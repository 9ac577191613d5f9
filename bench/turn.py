"""A signed turn through all five rooms with its Redis commit, against a bare handler: CPU and tail latency."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from bench import load
from ivr.supervisor import listen
from ivr.valkey import EmbeddedValkey, find_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 16
TURNS = 100
ROUNDS = 9
# An answer like those of the flows below.
DOCUMENT_BYTES = 640

CENTER = """
name: Bench
timezone: America/New_York
languages: [en-US]
voices: {en-US: Polly.Joanna-Neural}
numbers: {"+12025550100": main}
fallback: main/bye
"""

FLOW = """
flow: main
start: learn
steps:
  learn:
    set: {VARS}
    next: open
  open:
    menu: For billing, press 1 or say billing. For technical help, press 2. To talk to someone, press 0.
    options:
      1: {phrases: [billing, invoice, my bill], next: told}
      2: {phrases: [technical help, not working], next: told}
      0: {phrases: [agent, representative], next: bye}
    failed: bye
  told:
    TOLD
    next: open
  bye:
    hangup: Goodbye.
"""

TOLD = {
    "without expressions": "say: All invoices of this month have been paid.",
    "four expressions": """say:
      - "{{ vars.v1 }} thanks you."
      - {when: 'vars.v2 == "value 2"', text: "All invoices have been paid."}
      - {when: 'vars.v3 == "nobody"', text: "This is not said."}
      - "Order {{ vars.v3 }} is on its way.\"""",
}


def workspace(told: str) -> dict[str, str]:
    """The bench's flow; twenty variables make a session of a usual size."""
    variables = ", ".join(f"v{number}: '\"value {number}\"'" for number in range(20))
    return {"center.yaml": CENTER, "flows/main.yaml": FLOW.replace("VARS", variables).replace("TOLD", TOLD[told])}


@dataclass(frozen=True, slots=True)
class Server:
    """A server process under load."""

    pid: int
    port: int
    redis_url: str = ""


@contextmanager
def running(argv: list[str], env: dict[str, str], port: int, probe: str) -> Iterator[Server]:
    """A process on its own core, from the moment it answers ``probe``."""
    process = subprocess.Popen(argv, env=os.environ | env)
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    try:
        wait_until_ready(f"http://127.0.0.1:{port}{probe}")
        yield Server(process.pid, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def wait_until_ready(url: str) -> None:
    deadline = monotonic() + 15
    while monotonic() < deadline:
        try:
            with urlopen(url, timeout=1):  # noqa: S310 - our own server on loopback
                return
        except (URLError, OSError) as error:
            if getattr(error, "code", None) in {404, 405}:
                return
            sleep(0.02)
    raise RuntimeError(f"{url} did not answer")


def free_port() -> int:
    listening = listen("127.0.0.1", 0)[0]
    port: int = listening.getsockname()[1]
    listening.close()
    return port


@contextmanager
def servers(told: str) -> Iterator[tuple[Server, Server]]:
    """Ours, with its own Valkey, and the bare one, both on one core; the load and Valkey have the other."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ivr-bench-")))
        for path, text in workspace(told).items():
            (folder / "workspace" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "workspace" / path).write_text(text, encoding="utf-8")
        os.sched_setaffinity(0, {LOAD_CORE})
        engine = EmbeddedValkey.start(folder / "data", find_binary())
        stack.callback(engine.stop)
        port = free_port()
        env = {
            "IVR_DATA_DIR": str(folder / "data"), "IVR_WORKSPACE": str(folder / "workspace"), "IVR_PORT": str(port),
            "IVR_REDIS_URL": engine.url, "IVR_PUBLIC_URL": load.PUBLIC_URL, "IVR_LOG_FORMAT": "json",
            "IVR_TWILIO_ACCOUNT_SID": load.ACCOUNT, "IVR_TWILIO_AUTH_TOKEN": load.TOKEN,
        }  # fmt: skip
        argv = [sys.executable, "-m", "bench.serving", str(port)]
        ours = replace(stack.enter_context(running(argv, env, port, "/readyz")), redis_url=engine.url)
        bare_port = free_port()
        argv = [sys.executable, "-m", "bench.bare", str(bare_port), str(DOCUMENT_BYTES)]
        bare = stack.enter_context(running(argv, {}, bare_port, "/"))
        yield ours, bare


def scripts(prefix: str, calls: int) -> list[list[bytes]]:
    """For each connection the webhooks of its calls, one after the other."""
    return [
        [message for call in range(calls) for message in load.call(f"{prefix}x{connection}x{call}", TURNS)]
        for connection in range(CONNECTIONS)
    ]


def slice_of(server: Server, messages: list[list[bytes]]) -> tuple[float, float]:
    """Server CPU in µs a request, and requests a second."""
    count = sum(len(script) for script in messages)
    before = load.cpu_s(server.pid)
    took_s = asyncio.run(load.closed(server.port, messages))
    return (load.cpu_s(server.pid) - before) / count * 1e6, count / took_s


def measure_cpu(told: str) -> dict[str, float]:
    """Bare and ours in turns; medians of the paired ratios, with their quartiles."""
    with servers(told) as (ours, bare):
        slice_of(bare, scripts("warm", 1))
        slice_of(ours, scripts("warm", 1))
        rows = []
        for number in range(ROUNDS):
            messages = scripts(f"r{number}", 2)
            bare_us, bare_rate = slice_of(bare, messages)
            our_us, our_rate = slice_of(ours, messages)
            rows.append((bare_us / our_us, bare_us, our_us, bare_rate, our_rate))
        ratios = [row[0] for row in rows]
        quartiles = statistics.quantiles(ratios, n=4)
        return {
            "ratio": statistics.median(ratios), "lower quartile": quartiles[0], "upper quartile": quartiles[2],
            "bare µs": statistics.median(row[1] for row in rows), "ours µs": statistics.median(row[2] for row in rows),
            "bare/s": statistics.median(row[3] for row in rows), "ours/s": statistics.median(row[4] for row in rows),
        }  # fmt: skip


def measure_tail(told: str, peak: float) -> dict[str, float]:
    """p50 and p99 at half of our own peak, and the bare handler's at the same rate, in turns."""
    with servers(told) as (ours, bare):
        slice_of(ours, scripts("warm", 1))
        rows = []
        for number in range(5):
            messages = scripts(f"t{number}", 8)
            bare_ms = [one * 1000 for one in asyncio.run(load.open_loop(bare.port, messages, peak / 2))]
            our_ms = [one * 1000 for one in asyncio.run(load.open_loop(ours.port, messages, peak / 2))]
            rows.append(
                (
                    at(our_ms, 0.99) / at(bare_ms, 0.99),
                    at(bare_ms, 0.5),
                    at(bare_ms, 0.99),
                    at(our_ms, 0.5),
                    at(our_ms, 0.99),
                )
            )
        names = ("p99 ratio", "bare p50 ms", "bare p99 ms", "ours p50 ms", "ours p99 ms")
        return {name: statistics.median(row[place] for row in rows) for place, name in enumerate(names)} | {
            "rate": peak / 2
        }


def at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
