"""The real server in real processes: started, drained, killed, started again; and every way it refuses to start."""

from __future__ import annotations

import json
import os
import re
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ivr.telephone.handset import Handset, connect
from tests.support.engine import keys_like
from tests.support.house import NUMBER, TOKEN
from tests.support.processes import Installation, an_installation, answers, ivr
from tests.support.waiting import eventually_now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ivr.telephone.handset import Sound
    from routing.redis import Redis

CALLER = "+12025550143"


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A place to start servers in; its path is short, as sockets need it."""
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="ivr-test-", ignore_cleanup_errors=True) as folder,
        an_installation(Path(folder)) as made,
    ):
        yield made


class Talk:
    """A call over the handset protocol: what to do, and waiting for words."""

    def __init__(self, handset: Handset) -> None:
        self.handset = handset
        self.heard: list[str] = []
        self._sounds: AsyncIterator[Sound] = handset.listen()

    async def hears(self, words: str) -> None:
        async for sound in self._sounds:
            self.heard.append(f"{sound.kind}: {sound.text}")
            if sound.kind == "say" and words in sound.text:
                return
        raise AssertionError(f"never heard {words!r}:\n" + "\n".join(self.heard))

    async def is_asked(self) -> None:
        async for sound in self._sounds:
            self.heard.append(f"{sound.kind}: {sound.text}")
            if sound.kind == "listening":
                return


async def greeted(handset: Handset) -> Talk:
    """A caller who has come to the main menu."""
    talk = Talk(handset)
    await handset.dial(NUMBER, from_=CALLER, pace="instant")
    await talk.hears("press 1")
    await talk.is_asked()
    await handset.press("1")
    await talk.hears("or say order status")
    await talk.is_asked()
    return talk


async def test_a_call_goes_on_after_kill_9_of_the_whole_server(installation: Installation) -> None:
    """Server and engine killed between two turns and started again: the caller is where the caller was."""
    server = installation.serve()
    installation.connect()
    async with connect(installation.network_url) as handset:
        talk = await greeted(handset)
        server.kill()
        server.wait()
        installation.serve()
        await handset.press("2")
        await talk.hears("Please key in your six digit order number.")


async def test_a_call_goes_on_after_kill_9_of_its_worker(installation: Installation) -> None:
    """Another worker takes its place; what waited at the socket meanwhile is answered, the rest is tried again."""
    server = installation.serve()
    installation.connect()
    async with connect(installation.network_url) as handset:
        talk = await greeted(handset)
        for worker in installation.workers(server):
            os.kill(worker, signal.SIGKILL)
        await handset.press("2")
        await talk.hears("Please key in your six digit order number.")

    assert installation.log.count("it is started again") == 1


async def test_sigterm_drains_and_leaves_nothing_behind(installation: Installation) -> None:
    """Exit status 0, no process, no socket; and no line of the log tells who called or what the account's token is."""
    server = installation.serve(IVR_WORKERS="2")
    installation.connect()
    async with connect(installation.network_url) as handset:
        await greeted(handset)
    workers = installation.workers(server)
    assert len(workers) == 2
    server.send_signal(signal.SIGTERM)

    assert server.wait(20) == 0
    assert not answers(f"{installation.url}/healthz")
    assert not any(is_alive(worker) for worker in workers)
    assert not (installation.folder / "data" / "server.json").exists()
    assert CALLER.removeprefix("+") not in installation.log
    assert TOKEN not in installation.log


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_kill_9_leaves_no_process_behind(installation: Installation) -> None:
    """Workers and engine end with their supervisor, however it went."""
    server = installation.serve()
    workers = installation.workers(server)
    server.kill()
    server.wait()

    eventually_now(lambda: not any(is_alive(worker) for worker in workers), "the workers gone")
    eventually_now(lambda: "no server is running here" in refusal("call", installation), "the engine gone")


def refusal(word: str, installation: Installation) -> str:
    words = [word, NUMBER, "--script", "hangup"] if word == "call" else [word]
    env = {name: value for name, value in installation.env.items() if name != "IVR_TWILIO_API_URL"}
    return ivr(*words, env=env, cwd=installation.folder).stderr


@pytest.mark.every_redis
async def test_a_server_works_on_a_redis_that_is_given(
    installation: Installation, redis_url: str, redis: Redis
) -> None:
    """With IVR_REDIS_URL there is no engine of its own, and it starts and drains as with one."""
    assert await keys_like(redis) == []
    server = installation.serve(IVR_REDIS_URL=redis_url)

    assert not (installation.folder / "data" / "valkey").exists()
    findings = ivr("doctor", env=installation.env | {"IVR_REDIS_URL": redis_url}, cwd=installation.folder).stdout
    assert re.search(r"ok +Redis .* (Valkey|Redis) \d", findings.replace("\n", " ")), findings
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0


def test_a_second_server_on_the_folder_is_refused_by_name(installation: Installation) -> None:
    """One supervisor a folder: the second says which process holds it, and changes nothing."""
    server = installation.serve()
    second = ivr("serve", env=installation.env | {"IVR_PORT": "0"}, cwd=installation.folder)

    assert second.returncode == 2
    assert f"another server (process {server.pid}) runs on" in second.stderr
    assert answers(f"{installation.url}/readyz")


def test_a_telephone_is_refused_by_a_server_that_talks_to_the_real_twilio(installation: Installation) -> None:
    """``ivr call`` is a handset of the simulator; it would never dial for money."""
    installation.serve(IVR_TWILIO_API_URL="https://api.twilio.com")

    assert "talks to the real Twilio" in refusal("call", installation)


MISTAKES = {
    "center.yaml": 'name: A\ntimezone: UTC\nnumbers: {"+12025550100": main}\nfallback: main/here\n',
    "flows/main.yaml": "flow: main\nstart: here\nsteps:\n  here:\n    say: Hello\n    next: there\n",
}


def test_a_workspace_with_a_mistake_is_not_served(installation: Installation) -> None:
    """``ivr serve`` prints every problem at its place, once, and exits 1; nothing is live."""
    for path, text in MISTAKES.items():
        (installation.folder / "w" / path).parent.mkdir(parents=True, exist_ok=True)
        (installation.folder / "w" / path).write_text(text, encoding="utf-8")
    done = ivr("serve", env=installation.env | {"IVR_WORKSPACE": "w"}, cwd=installation.folder)

    assert done.returncode == 1
    assert done.stderr.count('flows/main.yaml:6:11: no step named "there"') == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"IVR_TWILIO_AUTH_TOKEN": ""}, "IVR_TWILIO_AUTH_TOKEN is not set"),
        ({"IVR_PORT": "seventy"}, "IVR_PORT: must be a whole number from 0 to 65535"),
        ({"IVR_REDIS_URL": "http://x"}, "IVR_REDIS_URL: http://x must begin with unix://, redis://"),
        ({"IVR_PUBLIC_URL": "example.com"}, "IVR_PUBLIC_URL: must be http:// or https://"),
        ({"IVR_CLOCK": "yesterday"}, "IVR_CLOCK:"),
        ({"IVR_REDIS_URL": "redis://127.0.0.1:1/0"}, "redis://127.0.0.1:1/0 cannot be reached"),
        ({"IVR_DATA_DIR": "/proc/nowhere"}, "cannot write in /proc/nowhere"),
        ({"IVR_VALKEY_BIN": "/bin/no-such-engine"}, "IVR_VALKEY_BIN is /bin/no-such-engine"),
        ({"IVR_WORKSPACE": "/no/such/folder"}, "/no/such/folder is not a folder"),
        ({"IVR_HOST": "192.0.2.1"}, "this machine has no such address"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_used_is_said_by_name(installation: Installation, env: dict[str, str], says: str) -> None:
    """Each bad setting: one clear sentence with what to do, an exit status that is not 0, no stack trace."""
    done = ivr("serve", env=installation.env | env, cwd=installation.folder)

    assert done.returncode in {1, 2}
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said_by_name(installation: Installation) -> None:
    """Another program has the port: the sentence names it and the setting."""
    installation.serve()
    env = installation.env | {"IVR_DATA_DIR": str(installation.folder / "other")}
    done = ivr("serve", env=env, cwd=installation.folder)

    assert done.returncode == 2
    assert f"port {installation.port}" in done.stderr
    assert "IVR_PORT" in done.stderr


def test_the_doctor_looks_at_everything(installation: Installation) -> None:
    """Without credentials something is wrong and says what to do; with a running network all is well."""
    ill = ivr("doctor", env=installation.env | {"IVR_TWILIO_ACCOUNT_SID": ""}, cwd=installation.folder)
    installation.connect()
    installation.serve()
    well = ivr("doctor", "--json", env=installation.env, cwd=installation.folder)

    assert (ill.returncode, "IVR_TWILIO_ACCOUNT_SID" in ill.stdout) == (1, True)
    states = {row["subject"]: row["state"] for row in json.loads(well.stdout)}
    assert states == dict.fromkeys(states, "ok") | {"public address": "note"}, well.stdout
    assert well.returncode == 0


def test_the_demo_starts_everything_and_a_newcomer_calls_it(installation: Installation) -> None:
    """``ivr demo`` in one terminal, ``ivr call`` in the other; a ``.env`` for production stays out of it."""
    env = {"IVR_PORT": str(installation.port)}
    real = "IVR_REDIS_URL=redis://127.0.0.1:1/0\nIVR_TWILIO_API_KEY=SK1\nIVR_TWILIO_API_SECRET=hush\n"
    (installation.folder / ".env").write_text(real, encoding="utf-8")
    demo = installation.start("demo", output="server.log", **dict.fromkeys(installation.env, "") | env)
    eventually_now(lambda: "ring it" in installation.log, "the demo's welcome", within_s=30)
    done = ivr("call", NUMBER, "--script", '1 "opening hours" 1 hangup', env=env, cwd=installation.folder)

    assert "200 Market Street" in done.stdout
    assert "It is on its way to you." in done.stdout
    assert done.returncode == 0
    demo.send_signal(signal.SIGINT)
    assert demo.wait(20) == 0
