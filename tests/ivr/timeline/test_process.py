"""The whole way in the real server: a call's turns reach SQL, others' events too, and the next call knows them."""

from __future__ import annotations

import json
import signal
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from ivr.telephone.handset import connect
from tests.support.house import NUMBER
from tests.support.processes import Installation, an_installation, ivr
from tests.support.waiting import eventually_now

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLER = "+12025550143"
TOKEN = "t" * 32
LETTER = {
    "specversion": "1.0",
    "id": "1",
    "source": "/mail",
    "type": "email.received",
    "subject": f"phone:{CALLER}",
    "data": {"subject": "Invoice 42"},
}


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A place to start servers in; its path is short, as sockets need it."""
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="ivr-test-", ignore_cleanup_errors=True) as folder,
        an_installation(Path(folder)) as made,
    ):
        yield made


def read(url: str) -> str:
    with urlopen(url) as answer:  # noqa: S310 - our own server on loopback
        return str(answer.read().decode())


def shown(installation: Installation) -> dict[str, object]:
    found = ivr("customers", "show", f"phone:{CALLER}", "--json", env=installation.env, cwd=installation.folder)
    answer: dict[str, object] = json.loads(found.stdout) if found.returncode == 0 else {}
    return answer


async def test_an_email_and_a_call_are_one_line(installation: Installation) -> None:
    """Posted with a token, rung by telephone; `ivr customers show` has both, and /readyz says that nothing waits."""
    server = installation.serve(IVR_API_TOKENS=f"mail={TOKEN}:/mail")
    installation.connect()
    body = json.dumps(LETTER).encode()
    request = Request(f"{installation.url}/api/v1/events", body, {"Authorization": f"Bearer {TOKEN}"})  # noqa: S310 - our own server

    def posted() -> bool:
        try:
            with urlopen(request) as answer:  # noqa: S310 - the same
                return bool(json.load(answer)["stored"] == 1)
        except OSError:  # the database's libraries are being loaded
            return False

    eventually_now(posted, "the e-mail is stored", within_s=30)
    async with connect(installation.network_url) as handset:
        await handset.dial(NUMBER, from_=CALLER, pace="instant")
        async for sound in handset.listen():
            if sound.kind == "listening":
                break
        await handset.hang_up()

    def told() -> set[str]:
        events = shown(installation).get("events", [])
        assert isinstance(events, list)
        return {event["type"] for event in events}

    eventually_now(lambda: "call.ended" in told(), "the call is on the line", within_s=30)

    def nothing_waits() -> bool:
        return bool(json.loads(read(f"{installation.url}/readyz"))["timeline"]["waiting"] == 0)

    eventually_now(nothing_waits, "the journals are empty")
    database = installation.folder / "data" / "timeline.db"
    metrics = read(f"{installation.url}/metrics")

    assert {"email.received", "call.started", "call.ended"} <= told()
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert "ivr_timeline_waiting_entries 0.0" in metrics
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=30) == 0
