"""The process above all others of a server: it holds the listening sockets, the engine and the workers, and no logic.

Synchronous and single-threaded: one loop that sleeps in ``select`` until a signal, a worker's readiness or a timer.
The sockets are made here and inherited, so a worker that crashes loses its own calls' requests and nobody else's: what
waits to be accepted goes to the next one.

A child of ours ends in one of four ways:

- told to: SIGTERM to us, then it has ``drain_s`` to finish before SIGKILL;
- by a crash: it is started again, later each time;
- without ever having become ready: three times in a row stops everything, for it will not get better by itself; once
  is enough when it says so (``HOPELESS``);
- with us: the kernel kills it when we are gone (``ivr/children.py``), and where the kernel can't, it watches a pipe
  whose other end only we hold (``announce_ready``).

Children get three variables, which are descriptors and no settings: IVR_LISTEN_FDS (the sockets, comma-separated),
IVR_READY_FD (a byte written there says "ready") and IVR_PARENT_FD (at its end when we are gone).
"""

from __future__ import annotations

import errno
import os
import selectors
import signal
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr import children
from ivr.valkey import EngineError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ivr.valkey import EmbeddedValkey

# Twilio gives up a webhook after 15 s and a turn's budget is 8 s: whatever is under way ends within this.
DRAIN_S = 10.0
MOST_FAILED_STARTS = 3
# The first restart is at once; one that lived this long begins again with no pause.
FIRST_PAUSE_S, LONGEST_PAUSE_S, SETTLED_S = 0.1, 2.0, 10.0
BACKLOG = 1024
COULD_NOT_RUN = 2
# A child that ends so has said why, and no further start will mend it (sysexits.h: EX_CONFIG).
HOPELESS = 78
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

BIND_ADVICE = {
    errno.EADDRINUSE: "another program listens there; stop it, or choose another port with IVR_PORT",
    errno.EACCES: "this port is for administrators; choose one above 1023 with IVR_PORT",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose another with IVR_HOST",
}


class CannotListenError(Exception):
    """A socket cannot be had; the text names the address, the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to be kept running. ``env`` is all of its environment, to which the descriptors' names are added."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    pass_fds: Sequence[int] = ()


# ---------------------------------------------------------------------- sockets


def listen(host: str, port: int) -> list[socket.socket]:
    """Listening sockets for every address of ``host``, all on one port; port 0 takes a free one.

    Raises CannotListenError.
    """
    listening: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            if listening and port == 0:
                address = (address[0], listening[0].getsockname()[1])
            listening.append(socket.create_server(address, family=family, backlog=BACKLOG))
    except OSError as error:
        for each in listening:
            each.close()
        advice = BIND_ADVICE.get(error.errno or 0, "choose others with IVR_HOST and IVR_PORT")
        raise CannotListenError(f"cannot listen on {host}, port {port}: {_reason(error)}; {advice}") from error
    return listening


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, (str(where[0]), port)) for family, _, _, _, where in found))


def _reason(error: OSError) -> str:
    # create_server adds the address to its text, which we say ourselves.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)


# ---------------------------------------------------------------------- inside a child


def inherited_sockets() -> list[socket.socket]:
    """The listening sockets a child got from its supervisor."""
    return [socket.socket(fileno=int(fd)) for fd in os.environ["IVR_LISTEN_FDS"].split(",") if fd]


def announce_ready() -> bool:
    """Tell the supervisor that this child serves; False when there is no supervisor. Call it once."""
    if "IVR_READY_FD" not in os.environ:
        return False
    ready = int(os.environ.pop("IVR_READY_FD"))
    with suppress(BrokenPipeError):
        os.write(ready, b"1")
    os.close(ready)
    if not children.KERNEL_ENDS_THEM:
        end_with_parent()
    return True


def end_with_parent() -> None:
    """End this process when its supervisor is gone, for systems whose kernel does not; a thread waits for that."""

    def wait_for_the_end() -> None:
        os.read(parent, 1)
        os._exit(1)

    with suppress(KeyError):
        parent = int(os.environ["IVR_PARENT_FD"])
        threading.Thread(target=wait_for_the_end, daemon=True, name="end-with-parent").start()


# ---------------------------------------------------------------------- the supervisor


@dataclass(slots=True)
class Restarts:
    """When something that ended may start again: at once, then later and later while it keeps ending."""

    began_s: float = 0.0
    pause_s: float = 0.0

    def next_s(self, now_s: float) -> float:
        """The time of the next start, for something that ended at ``now_s``."""
        if now_s - self.began_s > SETTLED_S:
            self.pause_s = 0.0
        due_s = now_s + self.pause_s
        self.pause_s = min(max(self.pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        return due_s


@dataclass(slots=True)
class Post:
    """A child's place: the process in it now (None between two), whether it is ready, and its bad luck so far."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    ready_fd: int | None = None
    ready: bool = False
    failed_starts: int = 0
    due_s: float = 0.0
    restarts: Restarts = field(default_factory=Restarts)


class Supervisor:
    """Keeps children and the engine running until it is told to stop. ``run`` is called once, in the main thread."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        engine: EmbeddedValkey | None = None,
        sockets: Sequence[socket.socket] = (),
        log: Callable[[str], None],
        drain_s: float = DRAIN_S,
    ) -> None:
        self._posts = [Post(child) for child in children]
        self._engine = engine
        self._engine_restarts = Restarts(time.monotonic())
        self._engine_due_s: float | None = None
        self._engine_failures = 0
        self._sockets = sockets
        self._log = log
        self._drain_s = drain_s
        self._on_ready: Callable[[], None] | None = None
        self._selector = selectors.DefaultSelector()
        self._stop_signals = 0
        self._failed: int | None = None
        self._parent_fd = -1

    def run(self, on_ready: Callable[[], None]) -> int:
        """Start all children, call ``on_ready`` when all are ready for the first time, and return the exit status.

        0 after SIGTERM or SIGINT; 1 for a hopeless child; otherwise the status 1 or 2 of the child that could not
        start, else 2.
        """
        self._on_ready = on_ready
        self._parent_fd, held_fd = os.pipe()
        with self._listening_to_signals():
            try:
                while not self._stop_signals:
                    self._keep_running()
                    if self._failed is not None:
                        break
                    self._sleep(self._next_due_s())
            finally:
                self._stop_children()
                if self._engine is not None:
                    self._engine.stop()
                os.close(self._parent_fd)
                os.close(held_fd)
                self._selector.close()
        return self._failed or 0

    # ------------------------------------------------------------------ keeping things running

    def _keep_running(self) -> None:
        now_s = time.monotonic()
        if self._engine is not None:
            self._keep_engine(self._engine, now_s)
        for post in self._posts:
            if post.process is not None and post.process.poll() is not None:
                self._bury(post, post.process.returncode, now_s)
            if post.process is None and post.due_s <= now_s and self._failed is None:
                self._start(post)

    def _start(self, post: Post) -> None:
        ready_fd, write_fd = os.pipe()
        listen_fds = [each.fileno() for each in self._sockets]
        own = {
            "IVR_LISTEN_FDS": ",".join(map(str, listen_fds)),
            "IVR_READY_FD": str(write_fd),
            "IVR_PARENT_FD": str(self._parent_fd),
        }
        try:
            post.process = children.spawn(
                post.child.argv,
                env={**post.child.env, **own},
                pass_fds=[*post.child.pass_fds, *listen_fds, write_fd, self._parent_fd],
            )
        except OSError as error:
            os.close(ready_fd)
            self._give_up(f"{post.child.name} cannot be started: {error}", COULD_NOT_RUN)
            return
        finally:
            os.close(write_fd)
        os.set_blocking(ready_fd, False)
        post.ready, post.ready_fd = False, ready_fd
        post.restarts.began_s = time.monotonic()
        self._selector.register(ready_fd, selectors.EVENT_READ, post)

    def _hear(self, post: Post) -> None:
        """The readiness pipe has something: a byte is "ready", its end alone says nothing new."""
        if post.ready_fd is not None:
            with suppress(BlockingIOError):
                post.ready = bool(os.read(post.ready_fd, 1))
        self._close_pipe(post)
        if not post.ready:
            return
        post.failed_starts = 0
        if self._on_ready is not None and all(each.ready for each in self._posts):
            on_ready, self._on_ready = self._on_ready, None
            on_ready()

    def _bury(self, post: Post, status: int, now_s: float) -> None:
        if post.ready_fd is not None:
            self._hear(post)
        was_ready, post.ready, post.process = post.ready, False, None
        if not was_ready:
            post.failed_starts += 1
        if status == HOPELESS and not was_ready:
            self._failed = 1
            return
        if post.failed_starts >= MOST_FAILED_STARTS:
            reason = f"{post.child.name} could not start {MOST_FAILED_STARTS} times in a row ({how_it_ended(status)})"
            self._give_up(reason, status)
            return
        post.due_s = post.restarts.next_s(now_s)
        self._log(f"{post.child.name} ended ({how_it_ended(status)}); it is started again")

    def _keep_engine(self, engine: EmbeddedValkey, now_s: float) -> None:
        if self._engine_due_s is None and (status := engine.poll()) is not None:
            # Killed, or ended by a full disk, it may come back any number of times: callers hear "one moment" then. An
            # engine that refuses its own data will refuse it again.
            refused = status > 0 and not engine.was_ready()
            self._engine_failures = self._engine_failures + 1 if refused else 0
            if self._engine_failures >= MOST_FAILED_STARTS:
                self._give_up(engine.explain_end(), COULD_NOT_RUN)
                return
            self._engine_due_s = self._engine_restarts.next_s(now_s)
            self._log(f"the embedded engine ended ({how_it_ended(status)}); it is started again")
        if self._engine_due_s is not None and self._engine_due_s <= now_s:
            self._engine_due_s = None
            self._engine_restarts.began_s = now_s
            try:
                engine.relaunch()
            except EngineError as error:
                self._give_up(str(error), COULD_NOT_RUN)

    def _give_up(self, reason: str, status: int) -> None:
        self._log(reason)
        self._failed = status if status in {1, 2} else COULD_NOT_RUN

    # ------------------------------------------------------------------ stopping

    def _stop_children(self) -> None:
        """Ask, wait, insist; a second signal from outside means that nobody wants to wait."""
        told = self._stop_signals
        for post in self._posts:
            if post.process is not None:
                post.process.terminate()
        deadline_s = time.monotonic() + self._drain_s
        while self._alive() and time.monotonic() < deadline_s and self._stop_signals == told:
            self._sleep(deadline_s)
        for process in self._alive():
            process.kill()
            process.wait()
        for post in self._posts:
            self._close_pipe(post)

    def _alive(self) -> list[subprocess.Popen[bytes]]:
        running = [post.process for post in self._posts if post.process is not None]
        return [process for process in running if process.poll() is None]

    def _close_pipe(self, post: Post) -> None:
        if post.ready_fd is not None:
            self._selector.unregister(post.ready_fd)
            os.close(post.ready_fd)
            post.ready_fd = None

    # ------------------------------------------------------------------ waiting

    def _next_due_s(self) -> float | None:
        waiting = [post.due_s for post in self._posts if post.process is None]
        if self._engine_due_s is not None:
            waiting.append(self._engine_due_s)
        return min(waiting, default=None)

    def _sleep(self, until_s: float | None) -> None:
        """Until a signal, a child's readiness, or ``until_s``."""
        timeout_s = None if until_s is None else max(0.0, until_s - time.monotonic())
        for key, _ in self._selector.select(timeout_s):
            if isinstance(key.data, Post):
                self._hear(key.data)
            else:
                self._hear_signals(key.fd)

    def _hear_signals(self, fd: int) -> None:
        with suppress(BlockingIOError):
            heard = os.read(fd, 4096)
            self._stop_signals += sum(number in STOP_SIGNALS for number in heard)

    @contextmanager
    def _listening_to_signals(self) -> Iterator[None]:
        """Signals become bytes on a pipe that ``select`` waits for, so none is missed between looking and sleeping."""
        read_fd, write_fd = os.pipe()
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)
        # A handler must be there for Python to write the byte; it has nothing to do itself.
        before = {number: signal.signal(number, lambda *_: None) for number in (*STOP_SIGNALS, signal.SIGCHLD)}
        old_fd = signal.set_wakeup_fd(write_fd, warn_on_full_buffer=False)
        self._selector.register(read_fd, selectors.EVENT_READ)
        try:
            yield
        finally:
            signal.set_wakeup_fd(old_fd)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(read_fd)
            os.close(write_fd)


def how_it_ended(status: int) -> str:
    """An exit status in words."""
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
