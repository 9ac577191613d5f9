"""The client over real clusters whose slots move and whose nodes are frozen, killed and replaced under load."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from routing.cluster import Cluster
from routing.redis import Call, Redis, RedisRefused, RedisUnavailable, RedisUnsuitable
from routing.slots import slot_of
from tests.support.engine import connected, flush, keys_like, script
from tests.support.servers import PLAIN, Process, a_cluster, free_ports
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.servers import ClusterOfServers

ADD = script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
# As routing's scripts do: it is given a tag that is no key, and spells its keys itself.
BOTH = script("return {redis.call('INCR', KEYS[1] .. 'a'), redis.call('INCR', KEYS[1] .. 'b')}")
TAGS = [f"{{{number}}}" for number in range(60)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[ClusterOfServers]:
    """Three masters; a test that moves slots leaves them where they are."""
    with a_cluster() as cluster:
        yield cluster


@pytest.fixture
def fragile() -> Iterator[ClusterOfServers]:
    """A cluster of one's own with replicas, to be frozen and killed."""
    with a_cluster(replicas=True) as cluster:
        yield cluster


@pytest.fixture
async def redis(cluster: ClusterOfServers) -> AsyncIterator[Redis]:
    async with connected(cluster.url) as redis:
        await flush(redis)
        yield redis


def tag_of(cluster: ClusterOfServers, node: Process) -> str:
    """A hash tag whose slot the node has."""
    return next(tag for tag in TAGS if cluster.node_of(slot_of(tag)) is node)


def tag_elsewhere(cluster: ClusterOfServers, node: Process) -> str:
    return next(tag for tag in TAGS if cluster.node_of(slot_of(tag)) is not node)


# ---------------------------------------------------------------------- commands


async def test_keys_are_kept_where_the_cluster_wants_them(cluster: ClusterOfServers, redis: Redis) -> None:
    """Whatever the key, its command reaches the node that has it, without a redirection."""
    for tag in TAGS:
        await redis.execute("SET", tag, tag)

    assert [await redis.execute("GET", tag) for tag in TAGS] == [tag.encode() for tag in TAGS]
    assert sorted(await keys_like(redis)) == sorted(tag.encode() for tag in TAGS)
    assert all(size > 0 for size in await redis.everywhere("DBSIZE"))
    assert not any(b"MOVED" in node.ask("INFO", "errorstats") for node in cluster.nodes)


async def test_the_server_computes_the_same_slots(cluster: ClusterOfServers) -> None:
    """CLUSTER KEYSLOT is asked."""
    keys = ["", "a", "{a}b", "a{b}c", "{}a", "a{", "{a}{b}", "é{ü}", "{{a}}"]

    assert [slot_of(key) for key in keys] == [cluster.nodes[0].ask("CLUSTER", "KEYSLOT", key) for key in keys]


async def test_a_pipeline_is_one_send_a_node_and_its_replies_are_in_order(redis: Redis) -> None:
    """Sixty commands for three nodes: each reads once."""
    assert isinstance(redis, Cluster)

    async def reads() -> list[int]:
        stats = await redis.everywhere("INFO", "stats")
        return [int(one.split(b"total_reads_processed:")[1].split(b"\r\n")[0]) for one in stats]

    before = await reads()
    replies = await redis.pipeline([("SET", tag, 1) for tag in TAGS] + [("INCRBY", tag, 5) for tag in TAGS])
    after = await reads()

    assert replies == [b"OK"] * len(TAGS) + [6] * len(TAGS)
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 2, 2]


async def test_a_refused_command_of_a_pipeline_stands_in_its_place(redis: Redis) -> None:
    """The others ran, on whichever node."""
    replies = await redis.pipeline([("SET", "{1}", 1), ("LPUSH", "{1}", 2), ("SET", "{2}", 2), ("ECHO", "x")])

    assert [replies[0], replies[2], replies[3]] == [b"OK", b"OK", b"x"]
    assert isinstance(replies[1], RedisRefused)


@pytest.mark.parametrize("command", [("MGET", "{1}a", "{2}a"), ("EVAL", "return 1", 2, "{1}", "{2}")])
async def test_keys_of_two_slots_are_refused_before_anything_is_sent(redis: Redis, command: tuple[Any, ...]) -> None:
    """Alone, and in a pipeline: none of it runs."""
    with pytest.raises(RedisRefused, match=r"^CROSSSLOT \w+ was not sent"):
        await redis.execute(*command)
    with pytest.raises(RedisRefused, match=r"^CROSSSLOT"):
        await redis.pipeline([("SET", "{1}", 1), command])
    with pytest.raises(RedisRefused, match=r"^CROSSSLOT"):
        await redis.run(ADD, ["{1}", "{2}"], [1])
    assert await keys_like(redis) == []


async def test_a_script_runs_once_on_each_node_that_does_not_know_it(redis: Redis) -> None:
    """Alone or within a pipeline, and again after it was forgotten."""
    for already in (0, 3):
        await redis.everywhere("SCRIPT", "FLUSH")
        piped = await redis.pipeline([Call(ADD, [tag], [1]) for tag in TAGS])
        alone = [await redis.run(ADD, [tag], [1]) for tag in TAGS]
        again = await redis.pipeline([Call(ADD, [tag], [1]) for tag in TAGS])

        assert (piped, alone, again) == tuple([already + more] * len(TAGS) for more in (1, 2, 3))


async def test_many_tasks_each_get_their_own(redis: Redis) -> None:
    """Commands, pipelines and scripts of many tasks over three connections."""

    async def own(number: int) -> bool:
        mark = str(number).encode()
        return [
            await redis.execute("SET", f"{{{number}}}", mark, "GET"),
            await redis.pipeline([("GET", f"{{{number}}}"), ("ECHO", mark)]),
            await redis.run(ADD, [f"{{{number}}}count"], [number]),
        ] == [None, [mark, mark], number]

    assert all(await asyncio.gather(*map(own, range(200))))


# ---------------------------------------------------------------------- slots that move


async def test_a_slot_that_moved_is_followed_once(cluster: ClusterOfServers, redis: Redis) -> None:
    """The first command is redirected; from then on the client knows."""
    tag = tag_of(cluster, cluster.nodes[0])
    await redis.execute("SET", tag, 1)
    target = cluster.nodes[1]
    source = cluster.begin_migration(slot_of(tag), target)
    cluster.move_keys(slot_of(tag), source, target)
    cluster.finish_migration(slot_of(tag), target)
    source.ask("CONFIG", "RESETSTAT")

    assert [await redis.execute("INCR", tag) for _ in range(3)] == [2, 3, 4]
    assert await redis.pipeline([("INCR", tag), ("INCR", tag)]) == [5, 6]
    assert b"errorstat_MOVED:count=1\r\n" in source.ask("INFO", "errorstats")


async def test_a_pipeline_follows_a_slot_that_moved(cluster: ClusterOfServers, redis: Redis) -> None:
    """Its commands keep their order."""
    tag = tag_of(cluster, cluster.nodes[1])
    target = cluster.nodes[2]
    source = cluster.begin_migration(slot_of(tag), target)
    cluster.finish_migration(slot_of(tag), target)
    commands = [("RPUSH", f"{tag}list", number) for number in range(5)]

    assert source is not target
    assert await redis.pipeline([*commands, ("LLEN", f"{tag}list")]) == [1, 2, 3, 4, 5, 5]
    assert await redis.execute("LRANGE", f"{tag}list", 0, -1) == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_plain_command_finds_its_key_in_the_midst_of_a_migration(
    cluster: ClusterOfServers, redis: Redis
) -> None:
    """Keys that have gone are asked for where they went; keys of both places together wait, and are told so."""
    tag = tag_of(cluster, cluster.nodes[2])
    await redis.pipeline([("SET", f"{tag}gone", 1)])
    target = cluster.nodes[0]
    source = cluster.begin_migration(slot_of(tag), target)
    cluster.move_keys(slot_of(tag), source, target)
    try:
        assert await redis.execute("INCR", f"{tag}gone") == 2
        assert await redis.execute("SET", f"{tag}new", 1) == b"OK"
        assert await redis.pipeline([("INCR", f"{tag}gone"), ("INCR", f"{tag}new")]) == [3, 2]
        with pytest.raises(RedisUnavailable, match=r"TRYAGAIN .*; the command did not run"):
            await redis.execute("MGET", f"{tag}gone", f"{tag}nothing")
    finally:
        cluster.finish_migration(slot_of(tag), target)
    assert await redis.execute("MGET", f"{tag}gone", f"{tag}nothing") == [b"3", None]


async def test_a_node_that_gets_its_first_slot_is_asked_for_what_came_already() -> None:
    """It serves no slot yet, so nobody but the slot's old node names it."""
    with a_cluster(masters=1, empty=1) as cluster:
        _, target = cluster.nodes
        async with connected(cluster.url) as redis:
            await redis.execute("SET", "{1}a", 1)
            source = cluster.begin_migration(slot_of("{1}"), target)
            cluster.move_keys(slot_of("{1}"), source, target)

            for number in range(2, 6):
                assert await redis.execute("INCR", "{1}a") == number
                with pytest.raises(RedisUnavailable, match="TRYAGAIN"):
                    await redis.execute("MGET", "{1}a", "{1}nothing")
            cluster.finish_migration(slot_of("{1}"), target)
            assert await redis.execute("MGET", "{1}a", "{1}nothing") == [b"5", None]


async def test_a_script_waits_until_its_slot_has_moved(cluster: ClusterOfServers, redis: Redis) -> None:
    """It may spell keys of its own: run in between it would find some of them missing."""
    tag = tag_of(cluster, cluster.nodes[0])
    assert await redis.run(BOTH, [tag], []) == [1, 1]
    target = cluster.nodes[1]
    source = cluster.begin_migration(slot_of(tag), target)
    source.ask("MIGRATE", "127.0.0.1", target.port, f"{tag}a", 0, 5000)
    with pytest.raises(RedisUnavailable, match=r"ASK .*; the command did not run"):
        await redis.run(BOTH, [tag], [])
    waiting = asyncio.create_task(patient(redis, tag))
    cluster.move_keys(slot_of(tag), source, target)
    cluster.finish_migration(slot_of(tag), target)

    assert await waiting == [2, 2]


async def patient(redis: Redis, tag: str) -> Any:
    """Run BOTH, again whenever it did not run; anything else is raised."""
    while True:
        try:
            return await redis.run(BOTH, [tag], [])
        except RedisUnavailable as error:
            if not str(error).endswith("did not run"):
                raise


async def test_slots_that_move_under_load_lose_and_double_nothing(cluster: ClusterOfServers, redis: Redis) -> None:
    """Counters whose slot moves three times, key by key: every acknowledged step counts once, and pairs stay pairs."""
    tag = TAGS[7]
    done = {"plain": 0, "script": 0, "piped": 0}
    moving = asyncio.Event()

    async def count(kind: str) -> None:
        while not moving.is_set():
            if kind == "plain":
                await redis.execute("INCR", f"{tag}plain")
            elif kind == "piped":
                replies = await redis.pipeline([("INCR", f"{tag}piped"), ("INCR", f"{tag}piped:2")])
                assert all(isinstance(reply, int) for reply in replies), replies
            else:
                first, second = await patient(redis, tag)
                assert first == second
            done[kind] += 1

    counting = [asyncio.create_task(count(kind)) for kind in done for _ in range(4)]
    for step in range(3):
        target = cluster.nodes[step]
        if cluster.node_of(slot_of(tag)) is not target:
            await asyncio.to_thread(migrate, cluster, slot_of(tag), target)
        reached = dict(done)
        await eventually(partial(all_grew, done, reached), "counting goes on")
    moving.set()
    await asyncio.gather(*counting)

    stored = await redis.execute("MGET", *(f"{tag}{name}" for name in ("plain", "a", "b", "piped", "piped:2")))
    assert [int(one) for one in stored] == [done["plain"], done["script"], done["script"], done["piped"], done["piped"]]


def all_grew(counts: dict[str, int], before: dict[str, int]) -> bool:
    return all(counts[kind] > before[kind] for kind in counts)


def migrate(cluster: ClusterOfServers, slot: int, target: Process) -> None:
    source = cluster.begin_migration(slot, target)
    while cluster.move_keys(slot, source, target):
        pass
    cluster.finish_migration(slot, target)


# ---------------------------------------------------------------------- nodes that fail


async def test_a_killed_master_is_replaced_and_the_others_go_on(fragile: ClusterOfServers) -> None:
    """Commands for its slots fail until its replica has them, nothing runs twice; other nodes answer all the time."""
    dying = fragile.nodes[0]
    tag, other = tag_of(fragile, dying), tag_elsewhere(fragile, dying)
    async with connected(fragile.url) as redis:
        sent = acknowledged = elsewhere = 0
        replaced = asyncio.Event()

        async def count() -> None:
            nonlocal sent, acknowledged
            while not replaced.is_set():
                sent += 1
                try:
                    await redis.run(ADD, [f"{tag}count"], [1])
                except RedisUnavailable:
                    continue
                acknowledged += 1

        async def count_elsewhere() -> None:
            nonlocal elsewhere
            while not replaced.is_set():
                mine, theirs = await redis.pipeline([("INCR", f"{tag}x"), ("INCR", f"{other}x")], whole=False)
                assert isinstance(theirs, int), theirs
                elsewhere += isinstance(mine, RedisUnavailable)

        counting = [asyncio.create_task(count()), asyncio.create_task(count_elsewhere())]
        await eventually(lambda: acknowledged > 20, "some are counted")
        dying.kill()
        before = acknowledged
        await eventually(lambda: elsewhere > 0, "the others answer while its slots have no master")
        await eventually(lambda: acknowledged > before + 20, "the replica counts on", within_s=30)
        replaced.set()
        await asyncio.gather(*counting)

        # Replication is asynchronous: what the master acknowledged in its last moment may be lost.
        assert int(await redis.execute("GET", f"{tag}count")) <= sent
        assert fragile.node_of(slot_of(tag)) is fragile.nodes[3]


async def test_a_frozen_node_holds_up_nobody_elses_commands(fragile: ClusterOfServers) -> None:
    """Its own callers are told after ``timeout_s``; its replica takes its place."""
    freezing = fragile.nodes[1]
    tag, other = tag_of(fragile, freezing), tag_elsewhere(fragile, freezing)
    async with connected(fragile.url, timeout_s=0.4, patience_s=0.2) as redis:
        with freezing.frozen():
            stuck = asyncio.create_task(redis.execute("INCR", f"{tag}count"))
            assert [await redis.execute("INCR", f"{other}count") for _ in range(50)] == list(range(1, 51))
            with pytest.raises(RedisUnavailable, match=r"did not answer for 0\.4 s; the command may or may not"):
                await stuck
            assert await eventually(lambda: incremented(redis, f"{tag}new"), "its replica answers", within_s=30)
        assert await incremented(redis, f"{tag}new") > 1


async def incremented(redis: Redis, key: str) -> int:
    """The counter after one more; 0 when nobody has answered."""
    try:
        return int(await redis.execute("INCR", key))
    except RedisUnavailable:
        return 0


async def test_a_node_without_a_replica_comes_back(cluster: ClusterOfServers, redis: Redis) -> None:
    """Its slots cannot be served meanwhile, and that is said; everything is as before when it has started again."""
    dying = cluster.nodes[2]
    tag = tag_of(cluster, dying)
    dying.kill()
    with pytest.raises(RedisUnavailable):
        await redis.execute("SET", tag, 1)
    with pytest.raises(RedisUnavailable, match=r"(cannot be reached|did not run)"):
        await redis.pipeline([("SET", tag, 1), ("SET", tag_elsewhere(cluster, dying), 1)])
    dying.launch()

    assert await eventually(lambda: incremented(redis, tag), "its slots are served again", within_s=30)
    assert await eventually(lambda: all_incremented(redis), "so are all others", within_s=30)


async def all_incremented(redis: Redis) -> bool:
    replies = await redis.pipeline([("INCR", f"{tag}all") for tag in TAGS], whole=False)
    return all(isinstance(reply, int) for reply in replies)


# ---------------------------------------------------------------------- coming and going


async def test_one_node_that_answers_is_enough_to_find_the_others(cluster: ClusterOfServers) -> None:
    """The URL may name nodes that are gone, and one that never was."""
    async with connected(f"redis+cluster://127.0.0.1:1,127.0.0.1:{cluster.nodes[1].port}") as redis:
        assert await redis.pipeline([("SET", tag, 1) for tag in TAGS]) == [b"OK"] * len(TAGS)


async def test_no_node_at_all_is_said_without_the_password() -> None:
    """Where, and why."""
    with pytest.raises(
        RedisUnavailable, match=r"redis\+cluster://ana:\*\*\*@127.0.0.1:1 cannot be reached: .*Connect call failed"
    ):
        await Redis.connect("redis+cluster://ana:secret@127.0.0.1:1", timeout_s=0.3)


async def test_a_wrong_password_is_refused_at_once(cluster: ClusterOfServers) -> None:
    """And a right one is given to every node."""
    with pytest.raises(RedisRefused, match=r"^WRONGPASS "):
        await Redis.connect(cluster.url.replace("://", "://ana:secret@"))
    for node in cluster.nodes:
        node.ask("ACL", "SETUSER", "ana", "on", ">secret", "~*", "+@all")
    async with connected(cluster.url.replace("://", "://ana:secret@")) as redis:
        assert await redis.everywhere("ACL", "WHOAMI") == [b"ana"] * 3


async def test_a_single_server_is_no_cluster_and_a_node_no_single_server(
    cluster: ClusterOfServers, tmp_path: Path
) -> None:
    """Both are named, with what to write."""
    with pytest.raises(RedisUnsuitable, match=r"a node of a cluster: write redis\+cluster://"):
        await Redis.connect(f"redis://127.0.0.1:{cluster.nodes[0].port}")
    (port,) = free_ports(1)
    single = Process(tmp_path, port, ["--port", str(port), *PLAIN])
    try:
        with pytest.raises(RedisUnsuitable, match="it is a single server: write redis://"):
            await Redis.connect(f"redis+cluster://127.0.0.1:{port}")
    finally:
        single.kill()


async def test_closing_tells_those_who_wait_and_leaves_nothing_behind(fragile: ClusterOfServers) -> None:
    """Also while it looks for a node's successor."""
    before = len(asyncio.all_tasks())
    tag = tag_of(fragile, fragile.nodes[0])
    redis = await Redis.connect(fragile.url, patience_s=60)
    fragile.nodes[0].kill()
    await eventually(lambda: not_connected(redis, tag), "the loss is noticed")
    waiting = asyncio.create_task(redis.execute("GET", tag))
    await asyncio.sleep(0)
    await redis.close()
    await redis.close()

    with pytest.raises(RedisUnavailable, match="this client is closed"):
        await waiting
    with pytest.raises(RedisUnavailable, match="this client is closed"):
        await redis.execute("GET", tag)
    assert len(asyncio.all_tasks()) == before


def not_connected(redis: Redis, tag: str) -> bool:
    assert isinstance(redis, Cluster)
    return redis._wire_of(slot_of(tag)) is None
