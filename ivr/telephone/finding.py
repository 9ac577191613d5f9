"""Where the telephone network of a running server is."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from ivr.telephone.handset import NoTelephone

if TYPE_CHECKING:
    from pathlib import Path

REAL = "https://api.twilio.com"
NOT_RUNNING = "no server is running here; start one with `make demo`, or name a simulator with --simulator URL"


def find_simulator(*, given: str, configured: str, data_dir: Path) -> str:
    """The simulator's address: ``given``, else ``configured`` unless that is the real Twilio, else the server's own.

    Raises NoTelephone when no server runs here, or one that talks to the real Twilio.
    """
    if given or configured != REAL:
        return (given or configured).rstrip("/")
    server = _read_server(data_dir / "server.json")
    api_url = str(server.get("twilio_api_url", "")).rstrip("/")
    if api_url == REAL:
        raise NoTelephone("this server talks to the real Twilio: ring its number with a telephone")
    if not api_url:
        raise NoTelephone(NOT_RUNNING)
    return api_url


def _read_server(path: Path) -> dict[str, object]:
    """What the running server wrote at its start; raises NoTelephone when there is none, or its process is gone."""
    try:
        server = dict(json.loads(path.read_text(encoding="utf-8")))
        is_running = _is_running(int(server["pid"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoTelephone(NOT_RUNNING) from error
    if not is_running:
        raise NoTelephone(NOT_RUNNING)
    return server


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # under another user
    return True
