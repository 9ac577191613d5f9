"""The embedded engine, with real processes that are really killed."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis

from ivr import children
from ivr.valkey import (
    AnotherServerRuns,
    EmbeddedValkey,
    EngineError,
    NoServerRuns,
    find_binary,
    shipped_binary,
    socket_url,
)
from tests.support.engine import is_alive
from tests.support.waiting import eventually_now

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER = """
import sys, signal
from pathlib import Path
from ivr import children
from ivr.valkey import EmbeddedValkey, find_binary
children.KERNEL_ENDS_THEM = children.KERNEL_ENDS_THEM and sys.argv[2] == "kernel"
engine = EmbeddedValkey.start(Path(sys.argv[1]), find_binary())
print(engine.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path_factory.mktemp("engine") / "data"


@contextmanager
def running(folder: Path, *, lock_wait_s: float = 5.0) -> Iterator[EmbeddedValkey]:
    engine = EmbeddedValkey.start(folder, find_binary(), lock_wait_s=lock_wait_s)
    try:
        yield engine
    finally:
        engine.stop()


@contextmanager
def owner(folder: Path, *, ends_them: str = "kernel") -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that owns an engine, and the engine's process id."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder), ends_them], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=5)


# ---------------------------------------------------------------------- finding


def test_the_engine_that_was_installed_with_us_is_found() -> None:
    """Nothing has to be installed or set."""
    assert find_binary() == shipped_binary()


def test_a_setting_overrides_the_installed_engine() -> None:
    """An operator may bring a newer one."""
    assert find_binary("/bin/sh") == Path("/bin/sh")


@pytest.mark.parametrize("override", ["/etc/passwd", "/nowhere/valkey-server", "no-such-program"])
def test_a_setting_that_is_no_program_is_refused_by_name(override: str) -> None:
    """It never falls back in silence to another engine."""
    with pytest.raises(EngineError, match=f"IVR_VALKEY_BIN is {override}"):
        find_binary(override)


def test_a_program_that_is_no_engine_is_refused_with_its_last_words(folder: Path) -> None:
    """What the program said is in the error, and where the log is."""
    with pytest.raises(EngineError, match=r"(?s)exit status 2.*valkey\.log"):
        EmbeddedValkey.start(folder, Path("/bin/sh"))


# ---------------------------------------------------------------------- running


def test_others_find_the_engine_through_its_folder(folder: Path) -> None:
    """Workers and commands need only the folder."""
    with running(folder) as engine:
        assert socket_url(folder) == engine.url
        assert client(engine.url).ping()


def test_a_folder_without_a_server_says_so(folder: Path) -> None:
    """Before a start, and after a stop."""
    with pytest.raises(NoServerRuns, match=f"no server is running here .*{folder.name}"):
        socket_url(folder)
    with running(folder):
        pass
    with pytest.raises(NoServerRuns, match="no server is running here"):
        socket_url(folder)


def test_what_was_written_is_there_after_a_stop(folder: Path) -> None:
    """The append-only file outlives the engine."""
    with running(folder) as engine:
        client(engine.url).set("promise", "kept")
    with running(folder) as engine:
        assert client(engine.url).get("promise") == b"kept"


def test_only_our_user_can_reach_the_engine(folder: Path) -> None:
    """No port, and a socket, a log and data that nobody else may open."""
    with running(folder) as engine:
        client(engine.url).set("a", 1)
        settings = client(engine.url).config_get("port", "unixsocketperm")
        files = [folder / "valkey.sock", *(folder / "valkey").rglob("*")]
        open_to_others = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]

    assert settings == {"port": "0", "unixsocketperm": "700"}
    assert not open_to_others


def test_the_engine_learns_nothing_of_our_secrets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is its own."""
    monkeypatch.setenv("IVR_TWILIO_AUTH_TOKEN", "not for the engine")
    with running(folder) as engine:
        environment = Path(f"/proc/{engine.pid}/environ").read_bytes()

    assert b"IVR_" not in environment


def test_a_deep_folder_has_its_socket_elsewhere(folder: Path) -> None:
    """A socket's path has a limit of about a hundred bytes; others still find it, and it goes when the engine stops."""
    deep = folder / ("a long name of a folder " * 5)
    with running(deep) as engine:
        path = Path(engine.url.removeprefix("unix://"))
        found, private = socket_url(deep), stat.S_IMODE(path.parent.stat().st_mode)

    assert (found, private) == (engine.url, 0o700)
    assert deep not in path.parents
    assert not path.parent.exists()


def test_a_folder_with_spaces_and_signs_works(folder: Path) -> None:
    """A path is quoted in the URL."""
    with running(folder / "50% a?b#c é") as engine:
        assert client(engine.url).ping()


# ---------------------------------------------------------------------- one supervisor


def test_a_second_server_on_the_folder_is_refused_by_name(folder: Path) -> None:
    """The message says who holds which folder."""
    with (
        owner(folder) as (first, _),
        pytest.raises(AnotherServerRuns, match=rf"process {first.pid}\) runs on {folder}.*IVR_DATA_DIR"),
    ):
        EmbeddedValkey.start(folder, find_binary(), lock_wait_s=0.1)


def test_a_refused_server_leaves_the_first_one_alone(folder: Path) -> None:
    """It still runs, and still holds the folder."""
    with running(folder) as engine:
        for _ in range(2):
            with pytest.raises(AnotherServerRuns):
                EmbeddedValkey.start(folder, find_binary(), lock_wait_s=0)

        assert client(engine.url).ping()


def test_the_engine_ends_when_its_owner_is_killed(folder: Path) -> None:
    """kill -9 cannot be caught, so the kernel tells the engine."""
    with owner(folder) as (process, engine_pid):
        process.kill()
        eventually_now(lambda: not is_alive(engine_pid), "the engine has ended")


def test_a_start_right_after_kill_9_waits_and_has_the_data(folder: Path) -> None:
    """The lock is free only when the old engine is gone; what it acknowledged is there."""
    with owner(folder) as (process, engine_pid):
        store = client(socket_url(folder))
        acknowledged = sum(bool(store.incr("count")) for _ in range(500))
        process.kill()
        with running(folder) as engine:
            assert not is_alive(engine_pid)
            assert client(engine.url).get("count") == str(acknowledged).encode()


def test_the_folder_stays_locked_while_the_old_engine_lives(folder: Path) -> None:
    """The engine itself holds the lock: without that, two engines would write into one file."""
    with owner(folder, ends_them="nobody") as (process, engine_pid):
        process.kill()
        process.wait()
        with pytest.raises(AnotherServerRuns):
            EmbeddedValkey.start(folder, find_binary(), lock_wait_s=0.2)
        os.kill(engine_pid, signal.SIGTERM)
        with running(folder):
            assert not is_alive(engine_pid)


def test_an_orphan_is_stopped_where_the_kernel_does_not(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On other systems a start finds the engine whose owner was killed, and stops it first."""
    with owner(folder, ends_them="nobody") as (process, engine_pid):
        client(socket_url(folder)).set("promise", "kept")
        process.kill()
        process.wait()
        assert is_alive(engine_pid)
        monkeypatch.setattr(children, "KERNEL_ENDS_THEM", False)
        with running(folder) as engine:
            assert not is_alive(engine_pid)
            assert client(engine.url).get("promise") == b"kept"


def test_a_living_owner_keeps_its_engine_where_the_kernel_does_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only an engine without an owner is stopped."""
    with owner(folder) as (_, engine_pid):
        monkeypatch.setattr(children, "KERNEL_ENDS_THEM", False)
        with pytest.raises(AnotherServerRuns):
            EmbeddedValkey.start(folder, find_binary(), lock_wait_s=0.1)

        assert is_alive(engine_pid)


def test_an_engine_killed_with_9_comes_back_with_all_it_acknowledged(folder: Path) -> None:
    """Same URL, same data, a new process."""
    with running(folder) as engine:
        first = engine.pid
        acknowledged = sum(bool(client(engine.url).incr("count")) for _ in range(200))
        os.kill(first, signal.SIGKILL)
        eventually_now(lambda: engine.poll() is not None, "the engine has ended")
        engine.relaunch()
        eventually_now(lambda: answers(engine.url), "the engine answers again")

        assert client(engine.url).get("count") == str(acknowledged).encode()
        assert engine.pid != first


def answers(url: str) -> bool:
    try:
        return bool(client(url).ping())
    except redis.ConnectionError:
        return False


def test_a_stopped_engine_stays_stopped(folder: Path) -> None:
    """Stopping twice is no error; relaunching is, for the folder is no longer ours."""
    with running(folder) as engine:
        engine.stop()

        with pytest.raises(EngineError, match="has been stopped"):
            engine.relaunch()


# ---------------------------------------------------------------------- what can be wrong at a start


@pytest.mark.parametrize("place", ["/sys/ivr-data", "/dev/null/data"])
def test_a_folder_that_cannot_be_written_is_refused_by_name(place: str) -> None:
    """The message names the folder, the reason and the setting."""
    with pytest.raises(EngineError, match=rf"cannot write in {place}: .*IVR_DATA_DIR"):
        EmbeddedValkey.start(Path(place), find_binary())


@pytest.mark.parametrize(
    ("file", "advice"),
    [
        (
            "appendonly.aof.1.incr.aof",
            r"append-only file is damaged: keep a copy .*--fix \S+/appendonly\.aof\.1\.incr\.aof",
        ),
        ("appendonly.aof.manifest", r"list of its append-only files is damaged: put \S+manifest back"),
    ],
)
def test_a_damaged_file_is_explained(folder: Path, file: str, advice: str) -> None:
    """What is damaged, what to do, and the engine's own words; nothing is deleted, and the folder is free again."""
    with running(folder) as engine:
        client(engine.url).set("a", 1)
    damaged = folder / "valkey" / "appendonlydir" / file
    kept = damaged.read_bytes()
    damaged.write_bytes(b"garbage\n" + kept)

    with pytest.raises(EngineError, match=rf"(?s){advice}.*valkey\.log"):
        EmbeddedValkey.start(folder, find_binary())
    assert damaged.read_bytes() == b"garbage\n" + kept
    damaged.write_bytes(kept)
    with running(folder) as engine:
        assert client(engine.url).get("a") == b"1"


def test_the_repair_we_advise_keeps_what_is_whole(folder: Path) -> None:
    """The command in the message, run as it stands, gets the engine going again without its damaged end."""
    with running(folder) as engine:
        client(engine.url).set("a", 1)
    with (folder / "valkey" / "appendonlydir" / "appendonly.aof.1.incr.aof").open("ab") as file:
        file.write(b"garbage\r\n")
    with pytest.raises(EngineError) as raised:
        EmbeddedValkey.start(folder, find_binary())
    command = str(raised.value).split("`")[1]
    subprocess.run(["/bin/sh", "-c", command], input=b"y\n", check=True, stdout=subprocess.DEVNULL)

    with running(folder) as engine:
        assert client(engine.url).get("a") == b"1"


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("# Short write while writing to the AOF file: (nwritten=1955, expected=10032)", "the disk is full"),
        ("# Can't rewrite append only file: No space left on device", "the disk is full"),
        ("# Can't open the append-only dir appendonlydir: Permission denied", "check who owns the folder"),
        ("# Can't handle RDB format version 99", "IVR_VALKEY_BIN"),
        ("# Guru meditation", "look at the lines below"),
    ],
)
def test_an_engines_last_words_become_advice(folder: Path, said: str, advice: str) -> None:
    """Whatever the engine says when it ends, an operator is told what to do about it."""
    program = folder.parent / "dying"
    program.write_text(f'#!/bin/sh\necho "{said}"\nexit 1\n', encoding="utf-8")
    program.chmod(0o700)

    with pytest.raises(EngineError, match=f"exit status 1.*{advice}"):
        EmbeddedValkey.start(folder, program)


def test_an_engine_that_never_answers_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that starts and does nothing does not keep an operator waiting for ever."""
    program = folder.parent / "sleeper"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr("ivr.valkey.READY_S", 0.2)

    with pytest.raises(EngineError, match=r"has not answered for 0\.2 s"):
        EmbeddedValkey.start(folder, program)


def test_somebody_elses_socket_folder_is_not_used(folder: Path) -> None:
    """A recorded place that is not ours alone is replaced by a new one."""
    deep = folder / ("a long name of a folder " * 5)
    elsewhere = folder.parent / "open"
    elsewhere.mkdir(mode=0o755)
    deep.mkdir(parents=True)
    (deep / "valkey.socket").write_text(str(elsewhere / "valkey.sock"), encoding="utf-8")
    with running(deep) as engine:
        assert elsewhere not in Path(engine.url.removeprefix("unix://")).parents


def test_a_dead_socket_is_no_server(folder: Path) -> None:
    """A socket file that a killed server left behind counts as nothing."""
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(folder / "valkey.sock"))

    with pytest.raises(NoServerRuns):
        socket_url(folder)
