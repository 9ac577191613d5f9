"""The client over a service with sentinels whose master is killed, frozen and replaced under load."""

from __future__ import annotations

import asyncio
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from routing.address import SentinelAddress, parse_url
from routing.redis import Redis, RedisRefused, RedisUnavailable, RedisUnsuitable
from routing.sentinel import Sentinels
from tests.support.engine import connected, flush, script
from tests.support.servers import HOST, PLAIN, SERVICE, Process, a_sentinel_naming, a_service, free_ports
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.servers import ServiceOfServers

ADD = script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceOfServers]:
    """A service whose servers and sentinels are left as they are."""
    with a_service() as service:
        yield service


@pytest.fixture
def fragile() -> Iterator[ServiceOfServers]:
    """A service of one's own, to be frozen and killed."""
    with a_service() as service:
        yield service


@pytest.fixture
async def redis(service: ServiceOfServers) -> AsyncIterator[Redis]:
    async with connected(service.url) as redis:
        await flush(redis)
        yield redis


async def port_of(redis: Redis) -> int:
    """The port of the server that answers."""
    return int((await redis.execute("CONFIG", "GET", "port"))[1])


async def answering_port(redis: Redis) -> int:
    """The same; 0 while nobody answers."""
    try:
        return await port_of(redis)
    except RedisUnavailable:
        return 0


# ---------------------------------------------------------------------- finding the master


async def test_commands_pipelines_and_scripts_reach_the_master(service: ServiceOfServers, redis: Redis) -> None:
    """As over one server."""
    assert await port_of(redis) == service.master().port
    assert await redis.pipeline([("SET", "a", 1), ("INCR", "a")]) == [b"OK", 2]
    assert await redis.run(ADD, ["a"], [5]) == 7
    assert await redis.everywhere("DBSIZE") == [1]


async def test_a_frozen_sentinel_holds_nobody_up(service: ServiceOfServers) -> None:
    """The others are two of three."""
    with service.sentinels[0].frozen():
        began_s = asyncio.get_running_loop().time()
        async with connected(service.url) as redis:
            assert await redis.execute("PING") == b"PONG"

        assert asyncio.get_running_loop().time() - began_s < 1


async def test_one_sentinel_that_answers_is_enough(service: ServiceOfServers) -> None:
    """The URL may name some that are gone."""
    port = service.sentinels[2].port
    async with connected(f"redis+sentinel://{HOST}:1,{HOST}:2,{HOST}:{port}/{SERVICE}") as redis:
        assert await port_of(redis) == service.master().port


async def test_what_most_sentinels_say_counts(service: ServiceOfServers) -> None:
    """One that was cut off names an old master, perhaps; the first to answer must not mislead us."""
    with a_sentinel_naming(HOST, 1) as stale:
        ports = [stale.port, *(one.port for one in service.sentinels[:2])]
        for order in permutations(ports):
            place = parse_url(f"redis+sentinel://{','.join(f'{HOST}:{port}' for port in order)}/{SERVICE}")
            assert isinstance(place, SentinelAddress)
            sentinels = Sentinels(place, "test")
            named = await sentinels.master()
            await sentinels.close()

            assert named.port == service.master().port


async def test_a_replica_is_not_taken_for_the_master(service: ServiceOfServers) -> None:
    """A sentinel may name one for a moment; it must say itself that it is a master."""
    replica = next(server for server in service.servers if server is not service.master())

    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"PING\r\n")
        writer.write(b"+OK\r\n+PONG\r\n")
        while await reader.read(1000):
            writer.write(f"*2\r\n$9\r\n{HOST}\r\n${len(str(replica.port))}\r\n{replica.port}\r\n".encode())
        writer.close()

    server = await asyncio.start_server(lie, HOST, 0)
    try:
        url = f"redis+sentinel://{HOST}:{server.sockets[0].getsockname()[1]}/{SERVICE}"
        with pytest.raises(RedisUnavailable, match=rf"{replica.port} is named as the master and is a slave yet"):
            await Redis.connect(url, timeout_s=1)
    finally:
        server.close()


@pytest.mark.parametrize(
    ("hosts", "path", "objection"),
    [
        ("{sentinels}", "other", "knows no service other"),
        (f"{HOST}:1", SERVICE, rf"sentinel {HOST}:1: .*Connect call failed"),
    ],
)
async def test_a_service_nobody_can_find_is_said_by_name(
    service: ServiceOfServers, hosts: str, path: str, objection: str
) -> None:
    """Each sentinel's answer is shown, and no password."""
    named = hosts.format(sentinels=",".join(f"{HOST}:{one.port}" for one in service.sentinels))
    with pytest.raises(RedisUnavailable, match=objection) as raised:
        await Redis.connect(f"redis+sentinel://ana:secret@{named}/{path}", timeout_s=1)

    assert "secret" not in str(raised.value)


async def test_a_server_is_no_sentinel_and_a_sentinel_no_server(service: ServiceOfServers) -> None:
    """Both are named, with what to write."""
    with pytest.raises(RedisUnsuitable, match=f"{HOST}:{service.master().port} is no sentinel"):
        await Redis.connect(f"redis+sentinel://{HOST}:{service.master().port}/{SERVICE}")
    with pytest.raises(RedisUnsuitable, match=r"it is a sentinel: write redis\+sentinel:// with the name of its serv"):
        await Redis.connect(f"redis://{HOST}:{service.sentinels[0].port}")


async def test_servers_and_sentinels_have_their_own_passwords(service: ServiceOfServers) -> None:
    """A wrong one is refused at once; one that is asked for and not given too."""
    for server in service.servers:
        server.ask("ACL", "SETUSER", "ana", "on", ">secret", "~*", "+@all")
    for sentinel in service.sentinels:
        sentinel.ask("ACL", "SETUSER", "watch", "on", ">secret2", "+@all")
    url = service.url.replace("://", "://ana:secret@") + "?sentinel_user=watch&sentinel_password=secret2"
    async with connected(url) as redis:
        assert await redis.execute("ACL", "WHOAMI") == b"ana"
    with pytest.raises(RedisRefused, match=r"^WRONGPASS .*\(sentinel "):
        await Redis.connect(url.replace("secret2", "wrong"))
    with pytest.raises(RedisRefused, match=r"^WRONGPASS "):
        await Redis.connect(url.replace("ana:secret", "ana:wrong"))


# ---------------------------------------------------------------------- another master


async def test_a_killed_master_is_replaced_under_load(fragile: ServiceOfServers) -> None:
    """Callers are told until the replica takes over; nothing runs twice, and nobody needs to connect anew."""
    async with connected(fragile.url) as redis:
        sent = acknowledged = 0
        enough = asyncio.Event()

        async def count() -> None:
            nonlocal sent, acknowledged
            while not enough.is_set():
                sent += 1
                try:
                    await redis.run(ADD, ["count"], [1])
                except RedisUnavailable:
                    continue
                acknowledged += 1

        counting = [asyncio.create_task(count()) for _ in range(8)]
        await eventually(lambda: acknowledged > 200, "some are counted")
        fragile.master().kill()
        before = acknowledged
        await eventually(lambda: acknowledged > before + 200, "the replica counts on", within_s=30)
        enough.set()
        await asyncio.gather(*counting)

        # Replication is asynchronous: what the master acknowledged in its last moment may be lost.
        assert 200 < int(await redis.execute("GET", "count")) <= sent
        assert await port_of(redis) == fragile.servers[1].port


async def test_a_planned_change_of_masters_is_followed(fragile: ServiceOfServers) -> None:
    """The old one refuses writes or drops its clients; they go on with the new one, and none hears READONLY."""
    async with connected(fragile.url) as redis:
        heard: list[Exception] = []
        first, enough = fragile.master(), asyncio.Event()

        async def write() -> None:
            while not enough.is_set():
                try:
                    await redis.execute("INCR", "count")
                except RedisUnavailable as error:
                    heard.append(error)

        writing = asyncio.create_task(write())
        await eventually(lambda: first.ask("GET", "count"), "a write")
        fragile.sentinels[0].ask("SENTINEL", "FAILOVER", SERVICE)
        await eventually(lambda: on_another(redis, first), "the client is on the new master", within_s=30)
        enough.set()
        await writing

        assert await redis.execute("INCR", "after") == 1
        assert all("READONLY" not in str(error) for error in heard)


async def on_another(redis: Redis, first: Process) -> bool:
    return await answering_port(redis) not in {0, first.port}


async def test_a_replica_that_refuses_a_write_is_left_for_the_master(fragile: ServiceOfServers) -> None:
    """A refused write did not run, so its caller hears nothing of the change."""
    first, second = fragile.servers
    async with connected(fragile.url, patience_s=5) as redis:
        await redis.execute("SET", "a", 1)
        await eventually(lambda: second.ask("GET", "a"), "the replica has it")
        for sentinel in fragile.sentinels:
            sentinel.ask("SENTINEL", "REMOVE", SERVICE)
        second.ask("REPLICAOF", "NO", "ONE")
        first.ask("REPLICAOF", HOST, second.port)
        for sentinel in fragile.sentinels:
            sentinel.ask("SENTINEL", "MONITOR", SERVICE, HOST, second.port, 2)

        assert await redis.pipeline([("INCR", "a"), ("INCR", "a")]) == [2, 3]
        assert await port_of(redis) == second.port


async def test_a_master_that_is_only_cut_off_from_its_sentinels_is_left(
    fragile: ServiceOfServers, tmp_path: Path
) -> None:
    """It goes on taking writes that will be lost; the sentinels are asked once a second who is the master now."""
    (port,) = free_ports(1)
    other = Process(tmp_path, port, ["--port", str(port), *PLAIN])
    try:
        async with connected(fragile.url) as redis:
            assert await port_of(redis) == fragile.servers[0].port
            for sentinel in fragile.sentinels:
                sentinel.ask("SENTINEL", "REMOVE", SERVICE)
                sentinel.ask("SENTINEL", "MONITOR", SERVICE, HOST, port, 2)

            assert await eventually(lambda: on_another(redis, fragile.servers[0]), "it is left")
            assert await port_of(redis) == port
    finally:
        other.kill()


async def test_a_frozen_master_is_replaced(fragile: ServiceOfServers) -> None:
    """Its callers are told after ``timeout_s``; when it thaws, nobody goes back to it."""
    first = fragile.master()
    async with connected(fragile.url, timeout_s=0.5) as redis:
        with first.frozen():
            with pytest.raises(RedisUnavailable, match=r"did not answer for 0\.5 s; the command may or may not"):
                await redis.execute("INCR", "count")
            await eventually(lambda: on_another(redis, first), "the replica takes over", within_s=30)
            assert await redis.execute("INCR", "count") == 1

        assert await redis.execute("INCR", "count") == 2
        assert await port_of(redis) != first.port


async def test_closing_while_there_is_no_master_tells_those_who_wait(fragile: ServiceOfServers) -> None:
    """And leaves no task behind."""
    before = len(asyncio.all_tasks())
    redis = await Redis.connect(fragile.url, patience_s=60)
    fragile.master().kill()
    with pytest.raises(RedisUnavailable, match=r"may or may not have run|was not sent"):
        await redis.execute("INCR", "count")
    waiting = asyncio.create_task(redis.execute("INCR", "count"))
    await asyncio.sleep(0)
    await redis.close()

    with pytest.raises(RedisUnavailable, match="this client is closed"):
        await waiting
    assert len(asyncio.all_tasks()) == before
