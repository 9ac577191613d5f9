"""Calls under way when the master that keeps them dies: its replica takes over and each goes on where it was."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ivr import keys
from routing.slots import slot_of
from tests.support.house import a_house
from tests.support.servers import a_cluster, a_service
from tests.support.waiting import eventually
from tests.support.workspaces import small_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.support.servers import Process

    PairOf = Callable[[str], tuple[Process, Process]]
    """The master and the replica that keep a call."""

CALLERS = 8


@contextmanager
def service() -> Iterator[tuple[str, PairOf]]:
    with a_service() as made:
        yield made.url, lambda _sid: (made.servers[0], made.servers[1])


@contextmanager
def cluster() -> Iterator[tuple[str, PairOf]]:
    with a_cluster(replicas=True) as made:

        def pair(call_sid: str) -> tuple[Process, Process]:
            number = made.nodes.index(made.node_of(slot_of(keys.call(call_sid))))
            return made.nodes[number], made.nodes[number + made.masters]

        yield made.url, pair


@pytest.mark.parametrize("servers", [service, cluster])
async def test_calls_go_on_through_a_failover(
    servers: Callable[[], AbstractContextManager[tuple[str, PairOf]]],
) -> None:
    """Every key pressed meanwhile counts once: its caller waits a little, or hears "one moment" and is asked again."""
    with servers() as (url, pair_of):
        async with a_house(url) as house:
            await house.publish(small_workspace())
            callers = [house.caller(f"+1202555{number:04}") for number in range(CALLERS)]
            for caller in callers:
                await caller.dials("+12025550100")
            for caller in callers:
                await caller.hears("Press 1")
            master, replica = pair_of(callers[0].call_sid)
            await eventually(lambda: in_step(master, replica), "the replica has what the master has")
            master.kill()
            for caller in callers:
                await caller.presses("9")
            await eventually(lambda: b"role:master" in replica.ask("INFO", "replication"), "a new master", within_s=30)
            for caller in callers:
                await caller.hears("That is no choice.")
                await caller.hears("Press 1 for our address")

            for caller in callers:
                assert [entry.turn for entry in await house.journal(caller.call_sid)] == [0, 1]
            assert house.network.errors == []


def in_step(master: Process, replica: Process) -> bool:
    def offset(process: Process) -> bytes:
        info: bytes = process.ask("INFO", "replication")
        return info.split(b"master_repl_offset:")[1].split(b"\r\n")[0]

    return offset(master) == offset(replica)
