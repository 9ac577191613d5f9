"""The real commands in processes of their own, to be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from ivr.supervisor import listen
from ivr.twilio.links import Links
from tests.support.house import ACCOUNT, NUMBER, TOKEN
from tests.support.waiting import eventually_now

if TYPE_CHECKING:
    from collections.abc import Iterator

IVR = (sys.executable, "-m", "ivr")
# A start with cold caches on a busy machine; it takes about a second.
START_S = 30.0


def free_port() -> int:
    """A port that nobody has at this moment."""
    listening = listen("127.0.0.1", 0)[0]
    port: int = listening.getsockname()[1]
    listening.close()
    return port


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as response:  # noqa: S310 - our own server on loopback
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def ivr(*words: str, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ivr", *words],
        env=clean(env),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def clean(env: dict[str, str]) -> dict[str, str]:
    """Our environment without settings of whoever runs the tests, and with ``env``."""
    return {name: value for name, value in os.environ.items() if not name.startswith("IVR_")} | env


@dataclass
class Installation:
    """A data folder, a telephone network and a server beside each other, each a process of its own."""

    folder: Path
    port: int = field(default_factory=free_port)
    network_port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def network_url(self) -> str:
        return f"http://127.0.0.1:{self.network_port}"

    @property
    def env(self) -> dict[str, str]:
        """The settings of this installation."""
        return {
            "IVR_DATA_DIR": str(self.folder / "data"),
            "IVR_PORT": str(self.port),
            "IVR_PUBLIC_URL": self.url,
            "IVR_TWILIO_ACCOUNT_SID": ACCOUNT,
            "IVR_TWILIO_AUTH_TOKEN": TOKEN,
            "IVR_TWILIO_API_URL": self.network_url,
            "IVR_LOG_FORMAT": "json",
        }

    @property
    def log(self) -> str:
        """What the server has written so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8")

    def start(self, *words: str, output: str, **env: str) -> subprocess.Popen[bytes]:
        with (self.folder / output).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ivr", *words],
                env=clean(self.env | env),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def serve(self, **env: str) -> subprocess.Popen[bytes]:
        """Start the server and wait until it is ready."""
        process = self.start("serve", output="server.log", **env)
        eventually_now(
            lambda: answers(f"{self.url}/readyz") or process.poll() is not None, "the server ready", within_s=START_S
        )
        assert process.poll() is None, self.log
        return process

    def connect(self) -> None:
        """Start the telephone network, with the sample's number leading to the server."""
        links = Links(self.url)
        words = ["--port", str(self.network_port), "--number", NUMBER, "--webhook", links.voice]
        self.start("simulator", *words, "--status-callback", links.status, output="network.log")
        eventually_now(lambda: answers(f"{self.network_url}/simulator/calls.json"), "the network", within_s=START_S)

    def workers(self, server: subprocess.Popen[bytes]) -> list[int]:
        """The process ids of the server's workers."""
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split()
        return [int(pid) for pid in children if b"ivr.worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]


@contextmanager
def an_installation(folder: Path) -> Iterator[Installation]:
    """An installation in ``folder``; whatever still runs at the end is killed."""
    made = Installation(folder)
    try:
        yield made
    finally:
        for process in made.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
