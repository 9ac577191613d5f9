"""The supervisor: real children that crash, hang and are killed, and a supervisor that is killed itself."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis

from ivr.supervisor import HOPELESS, CannotListenError, Restarts, listen
from ivr.valkey import NoServerRuns, socket_url
from tests.support.engine import is_alive
from tests.support.waiting import eventually_now

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPERVISOR = """
import os, sys
from pathlib import Path
from ivr.supervisor import Child, Supervisor, listen
from ivr.valkey import EmbeddedValkey, find_binary
folder, count, with_engine, drain_s = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "engine", float(sys.argv[4])
say = lambda text: print(text, flush=True)
engine = EmbeddedValkey.start(folder / "data", find_binary()) if with_engine else None
sockets = listen("127.0.0.1", 0)
say(f"port {sockets[0].getsockname()[1]}")
children = [Child(f"worker {n}", [sys.executable, str(folder / "child.py")], {**os.environ}) for n in range(count)]
supervisor = Supervisor(children, engine=engine, sockets=sockets, log=say, drain_s=drain_s)
sys.exit(supervisor.run(lambda: say(f"all ready, engine {engine.pid if engine else None}")))
"""

# Answers each connection with its process id.
SERVE = """
import os, signal
from ivr.supervisor import announce_ready, inherited_sockets
[listening] = inherited_sockets()
announce_ready()
while True:
    connection, _ = listening.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""
# Finishes its work when asked to stop.
DRAIN = """
import signal, sys
from ivr.supervisor import announce_ready
signal.signal(signal.SIGTERM, lambda *_: (print("drained", flush=True), sys.exit(0)))
announce_ready()
while True:
    signal.pause()
"""
# Has no ear for being asked to stop.
DEAF = """
import signal
from ivr.supervisor import announce_ready
signal.signal(signal.SIGTERM, signal.SIG_IGN)
announce_ready()
while True:
    signal.pause()
"""
REFUSE = "import sys; sys.exit({status})"


class Running:
    """A supervisor in a process of its own, with what it said so far."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self._output = output

    def said(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self._output.read_text(encoding="utf-8"))

    def until_said(self, pattern: str) -> re.Match[str]:
        found = eventually_now(lambda: self.said(pattern), f"the supervisor says {pattern!r}", within_s=20)
        assert found
        return found

    def port(self) -> int:
        return int(self.until_said(r"port (\d+)")[1])

    def worker(self) -> int:
        """The process id of the worker that answers."""
        with socket.create_connection(("127.0.0.1", self.port()), timeout=10) as asking:
            return int(asking.recv(100))

    def engine(self) -> int:
        return int(self.until_said(r"engine (\d+)")[1])


@contextmanager
def supervised(
    folder: Path, child: str, *, count: int = 1, engine: bool = False, drain_s: float = 10
) -> Iterator[Running]:
    (folder / "child.py").write_text(child, encoding="utf-8")
    options = [str(folder), str(count), "engine" if engine else "alone", str(drain_s)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen([sys.executable, "-c", SUPERVISOR, *options], stdout=output, env=environment) as process,
    ):
        try:
            yield Running(process, folder / "output")
        finally:
            process.kill()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


# ---------------------------------------------------------------------- running


def test_ready_is_said_once_when_all_are(tmp_path: Path) -> None:
    """Not before the last of them."""
    with supervised(tmp_path, SERVE, count=2) as running:
        running.until_said("all ready")

        assert len(children_of(running.process.pid)) == 2
        assert is_alive(running.worker())


def test_a_crashed_child_is_started_again(tmp_path: Path) -> None:
    """The next one answers on the same port; nobody who was waiting to be accepted is turned away."""
    with supervised(tmp_path, SERVE) as running:
        first = running.worker()
        os.kill(first, signal.SIGKILL)
        eventually_now(lambda: not is_alive(first), "the first one is gone, and accepts nobody any more")

        assert running.worker() != first
        assert running.said(r"worker 0 ended \(killed by SIGKILL\); it is started again")


def test_a_killed_engine_is_back_within_a_second_with_its_data(tmp_path: Path) -> None:
    """kill -9 costs the callers a moment, and no acknowledged write."""
    with supervised(tmp_path, SERVE, engine=True) as running:
        engine = running.engine()
        store = redis.Redis.from_url(socket_url(tmp_path / "data"))
        store.set("promise", "kept")
        began_s = time.monotonic()
        os.kill(engine, signal.SIGKILL)
        kept = eventually_now(lambda: read(store, "promise"), "the engine answers again")

        assert kept == b"kept"
        assert time.monotonic() - began_s < 2  # half a second here; the machine may be busy
        assert running.said(r"engine ended \(killed by SIGKILL\); it is started again")


def read(store: redis.Redis, key: str) -> bytes | None:
    try:
        value = store.get(key)
    except redis.ConnectionError:
        return None
    assert value is None or isinstance(value, bytes)
    return value


def test_an_engine_killed_many_times_comes_back_each_time(tmp_path: Path) -> None:
    """Being killed is not its fault, however often it happens."""
    with supervised(tmp_path, SERVE, engine=True) as running:
        running.until_said("all ready")
        store = redis.Redis.from_url(socket_url(tmp_path / "data"))
        for count in range(1, 5):
            assert store.incr("count") == count
            os.kill(store.info("server")["process_id"], signal.SIGKILL)
            eventually_now(lambda: read(store, "count"), "the engine answers again")


def test_an_engine_that_refuses_its_data_stops_everything_with_the_reason(tmp_path: Path) -> None:
    """It would refuse again: an operator has to look, and is told where."""
    with supervised(tmp_path, SERVE, engine=True) as running:
        engine = running.engine()
        os.kill(engine, signal.SIGSTOP)
        with (tmp_path / "data/valkey/appendonlydir/appendonly.aof.1.incr.aof").open("ab") as file:
            file.write(b"garbage\r\n")
        os.kill(engine, signal.SIGKILL)

        assert running.process.wait(20) == 2
        assert running.said("append-only file is damaged: keep a copy")


# ---------------------------------------------------------------------- never ready


@pytest.mark.parametrize(("status", "ours"), [(1, 1), (0, 2), (77, 2)])
def test_a_child_that_never_gets_ready_stops_everything(tmp_path: Path, status: int, ours: int) -> None:
    """After three attempts in a row the supervisor ends with the child's status, if that is one of ours."""
    with supervised(tmp_path, REFUSE.format(status=status)) as running:
        assert running.process.wait(20) == ours
        assert running.said(rf"worker 0 could not start 3 times in a row \(exit status {status}\)")
        assert not running.said("all ready")


def test_a_child_that_says_it_is_hopeless_stops_everything_at_once(tmp_path: Path) -> None:
    """It has said why itself; nobody waits for it to fail twice more."""
    with supervised(tmp_path, "print('my reason', flush=True); " + REFUSE.format(status=HOPELESS)) as running:
        assert running.process.wait(20) == 1
        assert running.said("my reason")
        assert not running.said("started again")


def test_a_child_that_gets_ready_and_crashes_is_not_given_up(tmp_path: Path) -> None:
    """Only attempts that never got ready count, however many crashes there are."""
    crash = "from ivr.supervisor import announce_ready; announce_ready()"
    with supervised(tmp_path, crash) as running:
        running.until_said(r"(?s)(started again.*){4}")

        assert running.process.poll() is None


def test_a_program_that_is_not_there_stops_everything(tmp_path: Path) -> None:
    """At once: it will not appear by itself."""
    code = SUPERVISOR.replace("sys.executable", "'/nowhere/python'")
    (tmp_path / "child.py").touch()
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), "1", "alone", "10"], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert "worker 0 cannot be started: [Errno 2] No such file or directory: '/nowhere/python'" in ended.stdout


# ---------------------------------------------------------------------- stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_everybody_finishes_and_the_status_is_0(tmp_path: Path, number: signal.Signals) -> None:
    """Children first, the engine last, nothing left behind."""
    with supervised(tmp_path, DRAIN, count=2, engine=True) as running:
        running.until_said("all ready")
        pids = children_of(running.process.pid)
        running.process.send_signal(number)

        assert running.process.wait(20) == 0
        assert running.said(r"(?s)drained.*drained")
        assert len(pids) == 3
        assert not any(is_alive(pid) for pid in pids)
        with pytest.raises(NoServerRuns):
            socket_url(tmp_path / "data")


def test_the_engine_lives_until_the_last_child_has_finished(tmp_path: Path) -> None:
    """Whoever finishes a call needs it to the end."""
    last_words = DRAIN.replace(
        'print("drained", flush=True)',
        "__import__('redis').Redis.from_url(__import__('sys').argv[1]).set('last words', 'kept')",
    )
    last_words = last_words.replace("__import__('sys').argv[1]", repr(f"unix://{tmp_path}/data/valkey.sock"))
    with supervised(tmp_path, last_words, engine=True) as running:
        running.until_said("all ready")
        running.process.terminate()
        assert running.process.wait(20) == 0
    with supervised(tmp_path, DRAIN, engine=True) as running:
        running.until_said("all ready")

        assert redis.Redis.from_url(socket_url(tmp_path / "data")).get("last words") == b"kept"


def test_a_child_that_does_not_finish_is_killed_when_its_time_is_up(tmp_path: Path) -> None:
    """Stopping always ends, and well."""
    with supervised(tmp_path, DEAF, drain_s=0.2) as running:
        running.until_said("all ready")
        [deaf] = children_of(running.process.pid)
        running.process.terminate()

        assert running.process.wait(20) == 0
        assert not is_alive(deaf)


def test_a_second_signal_means_at_once(tmp_path: Path) -> None:
    """Pressing Ctrl-C twice is not answered by waiting."""
    with supervised(
        tmp_path, DEAF.replace("signal.SIG_IGN", "lambda *_: print('heard', flush=True)"), drain_s=60
    ) as running:
        running.until_said("all ready")
        running.process.send_signal(signal.SIGINT)
        running.until_said("heard")
        running.process.send_signal(signal.SIGINT)

        assert running.process.wait(20) == 0


def test_a_killed_supervisor_leaves_no_process_behind(tmp_path: Path) -> None:
    """Not even children that do not listen to anybody."""
    with supervised(tmp_path, DEAF, count=2, engine=True) as running:
        running.until_said("all ready")
        pids = children_of(running.process.pid)
        running.process.kill()
        eventually_now(lambda: not any(is_alive(pid) for pid in pids), "all have ended")

        assert len(pids) == 3


def test_a_start_right_after_a_killed_supervisor_works(tmp_path: Path) -> None:
    """The folder is free as soon as the old engine is gone; what was kept is there."""
    with supervised(tmp_path, SERVE, engine=True) as running:
        running.until_said("all ready")
        redis.Redis.from_url(socket_url(tmp_path / "data")).set("promise", "kept")
    with supervised(tmp_path, SERVE, engine=True) as running:
        running.until_said("all ready")

        assert redis.Redis.from_url(socket_url(tmp_path / "data")).get("promise") == b"kept"


def test_where_the_kernel_does_not_end_children_they_watch_their_supervisor() -> None:
    """A pipe that only the supervisor holds is at its end when it is gone."""
    code = (
        "from ivr import supervisor; import signal; supervisor.end_with_parent(); print(1, flush=True); signal.pause()"
    )
    read_fd, write_fd = os.pipe()
    environment = {**os.environ, "IVR_PARENT_FD": str(read_fd)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, pass_fds=[read_fd], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        os.close(read_fd)
        assert child.poll() is None
        os.close(write_fd)

        assert child.wait(20) == 1


# ---------------------------------------------------------------------- sockets and pauses


def test_a_host_with_several_addresses_has_one_port() -> None:
    """localhost is reached by IPv4 and IPv6 alike, on the port that was free."""
    listening = listen("localhost", 0)
    ports = {each.getsockname()[1] for each in listening}
    for each in listening:
        each.close()

    assert len(ports) == 1


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("192.0.2.1", 0, r"cannot listen on 192\.0\.2\.1, port 0: Cannot assign requested address; .*IVR_HOST"),
        ("no such host", 80, r"cannot listen on no such host, port 80: .*; choose others with IVR_HOST and IVR_PORT"),
    ],
)
def test_an_address_that_cannot_be_had_is_explained(host: str, port: int, why: str) -> None:
    """Which, why, and what to do."""
    with pytest.raises(CannotListenError, match=why):
        listen(host, port)


def test_a_port_in_use_is_explained() -> None:
    """The commonest mistake has the clearest message."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListenError, match=rf"port {port}: Address already in use; another program.*IVR_PORT"):
            listen("127.0.0.1", port)


def test_restarts_come_later_while_they_keep_failing_and_at_once_after_a_good_time() -> None:
    """At once, 0.1 s, doubling to 2 s; ten good seconds begin anew."""
    restarts = Restarts()
    pauses = []
    for now_s in range(1, 8):
        restarts.began_s = now_s
        pauses.append(round(restarts.next_s(now_s) - now_s, 3))
    restarts.began_s = 100

    assert pauses == [0, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
    assert restarts.next_s(111) == 111
