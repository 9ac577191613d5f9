"""Cold start: from the command to the first good answer of /readyz, in a new folder with the embedded engine."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
from time import monotonic

from bench import load
from bench.turn import free_port, wait_until_ready

ROUNDS = 5


def measure() -> dict[str, float]:
    """Seconds, of several starts."""
    seconds = []
    for _round in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="ivr-bench-") as folder:
            port = free_port()
            env = {
                "IVR_DATA_DIR": folder, "IVR_PORT": str(port), "IVR_PUBLIC_URL": load.PUBLIC_URL,
                "IVR_TWILIO_ACCOUNT_SID": load.ACCOUNT, "IVR_TWILIO_AUTH_TOKEN": load.TOKEN,
            }  # fmt: skip
            began = monotonic()
            process = subprocess.Popen(
                [sys.executable, "-m", "ivr", "serve"], env=os.environ | env, stderr=subprocess.DEVNULL
            )
            wait_until_ready(f"http://127.0.0.1:{port}/readyz")
            seconds.append(monotonic() - began)
            process.send_signal(signal.SIGTERM)
            process.wait(15)
    return {"median s": statistics.median(seconds), "slowest s": max(seconds)}
