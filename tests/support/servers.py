"""Redis in its larger forms for tests: a cluster and a service with sentinels, made of the embedded engine's program.

Each server is a process of its own on loopback, named by its port, to be frozen, killed and started again. They speak
to each other by commands alone, so no other program is needed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hiredis

from ivr.valkey import find_binary
from routing.link import pack
from routing.slots import SLOTS
from tests.support.waiting import eventually_now

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE = "mymaster"
# Short enough for a test to wait for, long enough for a busy machine not to take a slow server for a dead one.
FAILED_MS = 1500
START_S = 20.0
HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports that nobody has at this moment, all different."""
    with ExitStack() as stack:
        bound = [stack.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in bound]


@dataclass
class Process:
    """One server in a folder of its own."""

    folder: Path
    port: int
    options: list[str]
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.launch()

    def launch(self) -> None:
        """Start it, or start it again, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(find_binary()), *self.options], cwd=self.folder, stdout=log, stderr=log
            )
        eventually_now(self.answers, f"the server at {self.port} answers", within_s=START_S)

    def answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        try:
            return bool(self.ask("PING") == b"PONG")
        except (OSError, hiredis.ReplyError):
            return False

    def ask(self, *command: str | int) -> Any:
        """One command on a connection of its own. Raises OSError, or ReplyError for a refusal."""
        reader = hiredis.Reader()
        with socket.create_connection((HOST, self.port), timeout=5) as asking:
            asking.sendall(pack(command))
            while (reply := reader.gets()) is False:
                if not (received := asking.recv(65536)):
                    raise ConnectionError("closed by the server")
                reader.feed(received)
        if isinstance(reply, hiredis.ReplyError):
            raise reply
        return reply

    def kill(self) -> None:
        """As ``kill -9`` does, and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stopped in its tracks: its connections stay open and nothing answers."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)


@contextmanager
def _processes() -> Iterator[tuple[Path, list[Process]]]:
    """A folder and a list for the processes in it; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ivr-test-", ignore_cleanup_errors=True) as folder:
        made: list[Process] = []
        try:
            yield Path(folder), made
        finally:
            for one in made:
                one.kill()


PLAIN = ["--bind", HOST, "--save", "", "--appendonly", "no", "--daemonize", "no", "--repl-diskless-sync-delay", "0"]


# ---------------------------------------------------------------------- a cluster


@dataclass
class ClusterOfServers:
    """The first ``masters`` processes share the slots; their replicas follow in the same order, then empty nodes."""

    nodes: list[Process]
    masters: int

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'{HOST}:{node.port}' for node in self.nodes[: self.masters])}"

    def node_of(self, slot: int) -> Process:
        """Who has the slot now, as the first node that answers says."""
        for first, last, (_host, port, *_), *_replicas in self._rows():
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == port)
        raise AssertionError(f"nobody has slot {slot}")

    def _rows(self) -> list[Any]:
        for node in self.nodes:
            if node.process.poll() is None:
                rows: list[Any] = node.ask("CLUSTER", "SLOTS")
                return rows
        raise AssertionError("no node runs")

    def id_of(self, node: Process) -> str:
        name: bytes = node.ask("CLUSTER", "MYID")
        return name.decode()

    def begin_migration(self, slot: int, target: Process) -> Process:
        """Between ``begin`` and ``finish`` keys may move one by one; the node that had the slot."""
        source = self.node_of(slot)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", self.id_of(source))
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", self.id_of(target))
        return source

    def move_keys(self, slot: int, source: Process, target: Process) -> int:
        """Move the keys that are there now; how many."""
        moved = 0
        while names := [key.decode() for key in source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)]:
            source.ask("MIGRATE", HOST, target.port, "", 0, 5000, "KEYS", *names)
            moved += len(names)
        return moved

    def finish_migration(self, slot: int, target: Process) -> None:
        """The slot belongs to the target from now on; others learn it from the two, or by asking for it."""
        for node in (target, *(node for node in self.nodes[: self.masters] if node is not target)):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", self.id_of(target))


@contextmanager
def a_cluster(*, masters: int = 3, replicas: bool = False, empty: int = 0) -> Iterator[ClusterOfServers]:
    """A cluster of ``masters``, each with one replica if asked for; ready when all of them agree."""
    full = masters * (2 if replicas else 1)
    count = full + empty
    ports = free_ports(2 * count)
    with _processes() as (folder, nodes):
        for port, bus in zip(ports[:count], ports[count:], strict=True):
            options = ["--port", str(port), "--cluster-enabled", "yes", "--cluster-port", str(bus), *PLAIN]
            options += ["--cluster-node-timeout", str(FAILED_MS), "--cluster-replica-validity-factor", "0"]
            nodes.append(Process(folder / str(port), port, options))
        cluster = ClusterOfServers(nodes, masters)
        _meet(nodes, ports[count:], masters)
        for number, node in enumerate(nodes[masters:full]):
            node.ask("CLUSTER", "REPLICATE", cluster.id_of(nodes[number]))
        for node in nodes:
            eventually_now(partial(_agrees, node, masters, 2 if replicas else 1, count), "a cluster", within_s=START_S)
        for node in nodes[masters:full]:
            eventually_now(partial(_follows, node), "a replica in step", within_s=START_S)
        yield cluster


def _meet(nodes: list[Process], buses: list[int], masters: int) -> None:
    for number, node in enumerate(nodes):
        node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        if number < masters:
            first, last = SLOTS * number // masters, SLOTS * (number + 1) // masters - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
    for node, bus in zip(nodes[1:], buses[1:], strict=True):
        nodes[0].ask("CLUSTER", "MEET", HOST, node.port, bus)
    for node in nodes:
        eventually_now(partial(_knows, node, len(nodes)), "nodes that know each other", within_s=START_S)


def _knows(node: Process, count: int) -> bool:
    listed: bytes = node.ask("CLUSTER", "NODES")
    return listed.count(b" connected") == count


def _agrees(node: Process, masters: int, copies: int, count: int) -> bool:
    info: bytes = node.ask("CLUSTER", "INFO")
    rows = node.ask("CLUSTER", "SLOTS")
    return (
        b"cluster_state:ok" in info
        and f"cluster_known_nodes:{count}".encode() in info
        and len(rows) == masters
        and all(len(row) == 2 + copies for row in rows)
    )


def _follows(node: Process) -> bool:
    return b"master_link_status:up" in node.ask("INFO", "replication")


# ---------------------------------------------------------------------- a service with sentinels


@dataclass
class ServiceOfServers:
    """A master, its replicas and three sentinels."""

    servers: list[Process]
    sentinels: list[Process]

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'{HOST}:{one.port}' for one in self.sentinels)}/{SERVICE}"

    def master(self) -> Process:
        """The server that most sentinels name."""
        named = [int(one.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)[1]) for one in self.sentinels]
        port = max(named, key=named.count)
        return next(server for server in self.servers if server.port == port)


@contextmanager
def a_service() -> Iterator[ServiceOfServers]:
    """A master with one replica, watched by three sentinels; ready when all of them know each other."""
    ports = free_ports(5)
    with _processes() as (folder, made):
        for port in ports[:2]:
            options = ["--port", str(port), *PLAIN, "--repl-timeout", "5"]
            options += ["--replicaof", f"{HOST} {ports[0]}"] if port != ports[0] else []
            made.append(Process(folder / str(port), port, options))
        eventually_now(partial(_follows, made[1]), "the replica in step", within_s=START_S)
        for port in ports[2:]:
            made.append(_sentinel(folder / str(port), port, ports[0]))
        service = ServiceOfServers(made[:2], made[2:])
        for sentinel in service.sentinels:
            eventually_now(partial(_sees, sentinel), "a sentinel that knows the others", within_s=START_S)
        yield service


@contextmanager
def a_sentinel_naming(host: str, port: int) -> Iterator[Process]:
    """A sentinel that names a master and knows nobody else."""
    (own,) = free_ports(1)
    with _processes() as (folder, made):
        made.append(_sentinel(folder / str(own), own, port, host=host))
        yield made[0]


def _sentinel(folder: Path, port: int, master: int, *, host: str = HOST) -> Process:
    folder.mkdir()
    written = folder / "sentinel.conf"
    written.write_text(
        f"port {port}\nbind {HOST}\ndir {folder}\n"
        "sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\n"
        f"sentinel monitor {SERVICE} {host} {master} 2\n"
        f"sentinel down-after-milliseconds {SERVICE} {FAILED_MS}\n"
        f"sentinel failover-timeout {SERVICE} 4000\n",
        encoding="utf-8",
    )
    return Process(folder, port, [str(written), "--sentinel"])


def _sees(sentinel: Process) -> bool:
    facts: list[bytes] = sentinel.ask("SENTINEL", "MASTER", SERVICE)
    known = dict(zip(facts[::2], facts[1::2], strict=True))
    return known[b"num-slaves"] == b"1" and known[b"num-other-sentinels"] == b"2"
