"""The multiplexing client against a real engine that is frozen, killed and restarted, and against peers that lie."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import ssl
import subprocess
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.valkey import find_binary
from routing.link import pauses
from routing.redis import (
    Call,
    Redis,
    RedisError,
    RedisOverloaded,
    RedisRefused,
    RedisUnavailable,
    RedisUnsuitable,
    objection_to,
)
from routing.server import Server
from tests.support.engine import connected, embedded_valkey, flush, keys_without_ttl, script
from tests.support.servers import SERVICE, a_cluster, a_sentinel_naming
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from ivr.valkey import EmbeddedValkey
    from routing.link import Link
    from routing.wire import Wire

    Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
    Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

CERTIFICATE = Path(__file__).parent / "localhost.pem"


ADD = script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[EmbeddedValkey]:
    with embedded_valkey() as engine:
        yield engine


@pytest.fixture
def engine() -> Iterator[EmbeddedValkey]:
    """An engine of one's own, to be frozen and killed."""
    with embedded_valkey(appendfsync="always") as engine:
        yield engine


@pytest.fixture
async def redis(shared_engine: EmbeddedValkey) -> AsyncIterator[Redis]:
    async with connected(shared_engine.url) as redis:
        await flush(redis)
        yield redis


@asynccontextmanager
async def peer(folder: Path, handler: Handler) -> AsyncIterator[str]:
    """Something on a socket that is no Redis, or a bad one; its URL."""
    path = folder / "peer.sock"
    server = await asyncio.start_unix_server(handler, path)
    try:
        yield f"unix://{path}"
    finally:
        server.close()


@asynccontextmanager
async def frozen(engine: EmbeddedValkey) -> AsyncIterator[None]:
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(engine.pid, signal.SIGCONT)


def link_of(redis: Redis) -> Link:
    assert isinstance(redis, Server)
    return redis._link


def wire_of(redis: Redis) -> Wire:
    wire = link_of(redis).wire
    assert wire is not None
    return wire


# ---------------------------------------------------------------------- commands


async def test_replies_are_bytes_numbers_nothing_or_lists(redis: Redis) -> None:
    """Arguments may be text, bytes or numbers; replies are what Redis said."""
    await redis.execute("RPUSH", "list", "é", b"\x00\r\n", 7)

    assert await redis.execute("LRANGE", "list", 0, -1) == ["é".encode(), b"\x00\r\n", b"7"]
    assert await redis.execute("LLEN", "list") == 3
    assert await redis.execute("GET", "nothing") is None


async def test_a_refused_command_raises_and_the_connection_goes_on(redis: Redis) -> None:
    """The text begins with the code that Redis gave it."""
    await redis.execute("SET", "text", "a")

    with pytest.raises(RedisRefused, match=r"^WRONGTYPE "):
        await redis.execute("LPUSH", "text", "b")
    assert await redis.execute("GET", "text") == b"a"


async def test_an_argument_of_a_wrong_type_is_refused_before_it_is_sent(redis: Redis) -> None:
    """A mistake of ours costs nobody else their connection."""
    with pytest.raises(TypeError):
        await redis.execute("SET", "a", cast(str, None))
    with pytest.raises(TypeError):
        await redis.pipeline([("SET", "a", 1), ("SET", "b", cast(str, None))])
    assert await redis.execute("EXISTS", "a", "b") == 0


async def test_a_pipeline_gives_each_command_its_own_answer(redis: Redis) -> None:
    """A refused one stands in its place as a value; the others ran."""
    one, refused, three = await redis.pipeline([("SET", "a", 1), ("LPUSH", "a", 2), ("INCR", "a")])

    assert (one, three) == (b"OK", 2)
    assert isinstance(refused, RedisRefused)
    assert await redis.pipeline([]) == []


async def test_the_search_for_leaks_names_what_would_stay(redis: Redis) -> None:
    """A key without a time to live is a leak unless it is on the list."""
    await redis.pipeline([("SET", "call:1", 1), ("SET", "call:2", 1, "EX", 60), ("SET", "program:1", 1)])

    assert await keys_without_ttl(redis, permanent=("program:",)) == ["call:1"]


# ---------------------------------------------------------------------- scripts


async def test_a_script_the_server_does_not_know_runs_all_the_same(redis: Redis) -> None:
    """The first call sends its text, later ones its hash."""
    assert [await redis.run(ADD, ["count"], [5]) for _ in range(2)] == [5, 10]
    assert b"cmdstat_eval:calls=1" in await redis.execute("INFO", "commandstats")


async def test_scripts_forgotten_by_the_server_run_once_each_among_their_neighbours(redis: Redis) -> None:
    """After SCRIPT FLUSH every call counts once, and no neighbour gets another's reply."""
    await redis.run(ADD, ["count"], [1])

    async def neighbour(number: int) -> bool:
        return cast(bytes, await redis.execute("ECHO", number)) == str(number).encode()

    for _ in range(5):
        await redis.execute("SCRIPT", "FLUSH")
        calls = [redis.run(ADD, ["count"], [1]) for _ in range(20)]
        right = await asyncio.gather(*(neighbour(number) for number in range(20)), *calls)

        assert all(right[:20])
    assert await redis.execute("GET", "count") == b"101"


async def test_a_script_unknown_to_the_server_runs_once_in_a_pipeline_too(redis: Redis) -> None:
    """It is sent again as text, in its reply's place, and what the server knew is not."""
    calls = [Call(ADD, ["count"], [1]), Call(ADD, ["count"], [10])]
    for already in (0, 22, 44):
        await redis.execute("SCRIPT", "FLUSH")

        assert await redis.pipeline([calls[0], ("ECHO", "beside"), calls[1]]) == [already + 1, b"beside", already + 11]
        assert await redis.pipeline(calls) == [already + 12, already + 22]


async def test_an_error_inside_a_script_is_a_refusal(redis: Redis) -> None:
    """It is raised, also on the first call, which goes as text."""
    wrong = script("return redis.call('LPUSH', KEYS[1])")
    for _ in range(2):
        with pytest.raises(RedisRefused, match=r"[Ww]rong number"):
            await redis.run(wrong, ["a"], [])


# ---------------------------------------------------------------------- sharing one connection


async def test_commands_of_one_turn_of_the_loop_leave_with_one_send(redis: Redis) -> None:
    """The server reads once for a hundred tasks, and once more for asking it."""

    async def reads() -> int:
        info: bytes = await redis.execute("INFO", "stats")
        return int(info.split(b"total_reads_processed:")[1].split(b"\r\n")[0])

    before = await reads()
    await asyncio.gather(*(redis.execute("ECHO", number) for number in range(100)))

    assert await reads() - before == 2


async def test_a_pipeline_among_others_leaves_with_the_same_send(redis: Redis) -> None:
    """Whatever kind of command, one turn is one write."""
    wire = wire_of(redis)
    assert wire._transport is not None
    counting = CountingTransport(wire._transport)
    wire._transport = cast(asyncio.Transport, counting)
    await redis.run(ADD, ["count"], [1])
    counting.writes = 0
    pipelines = [redis.pipeline([("ECHO", 1), ("ECHO", 2)]) for _ in range(10)]
    await asyncio.gather(*pipelines, *(redis.run(ADD, ["count"], [1]) for _ in range(10)))

    assert counting.writes == 1


class CountingTransport:
    """A transport that counts its writes."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.writes = 0

    def write(self, data: bytes) -> None:
        self.writes += 1
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def test_a_cancelled_task_does_not_shift_the_others_replies(redis: Redis) -> None:
    """Wherever cancellation strikes, everybody else gets their own answer."""
    choice = random.Random(7)
    for _ in range(20):
        tasks = [asyncio.create_task(redis.execute("ECHO", number)) for number in range(50)]
        await asyncio.sleep(0)
        cancelled = set(choice.sample(range(50), 20))
        for number in cancelled:
            tasks[number].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)

        for number, result in enumerate(results):
            expected = asyncio.CancelledError if number in cancelled else bytes
            assert isinstance(result, expected)
            assert number in cancelled or result == str(number).encode()


async def test_a_cancelled_pipeline_does_not_shift_the_others_replies(redis: Redis) -> None:
    """The replies of a pipeline nobody waits for any more are thrown away together, refusals too."""
    pipeline = asyncio.create_task(redis.pipeline([("ECHO", 1), ("NONSENSE",), ("ECHO", 3)]))
    behind = asyncio.create_task(redis.execute("ECHO", "behind"))
    await asyncio.sleep(0)
    pipeline.cancel()

    assert await behind == b"behind"
    assert pipeline.cancelled()


STEPS = st.lists(st.tuples(st.sampled_from(["echo", "pipeline", "script", "refused", "cancel"]), st.integers(0, 3)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks=st.lists(STEPS, min_size=1, max_size=8))
def test_any_interleaving_gives_everybody_their_own(
    shared_engine: EmbeddedValkey, tasks: list[list[tuple[str, int]]]
) -> None:
    """Tasks of any mixture of commands, pauses and cancellations each see only their own replies."""

    async def play(redis: Redis, name: str, steps: list[tuple[str, int]]) -> None:
        for number, (kind, turns) in enumerate(steps):
            mark = f"{name}.{number}".encode()
            for _ in range(turns):
                await asyncio.sleep(0)
            await STEP[kind](redis, mark)

    async def all_of_them() -> None:
        async with connected(shared_engine.url) as redis:
            await asyncio.gather(*(play(redis, str(number), steps) for number, steps in enumerate(tasks)))
            assert await redis.execute("ECHO", "the last word") == b"the last word"
            assert not wire_of(redis)._waiting

    asyncio.run(all_of_them())


async def _echo(redis: Redis, mark: bytes) -> None:
    assert await redis.execute("ECHO", mark) == mark


async def _pipeline(redis: Redis, mark: bytes) -> None:
    assert await redis.pipeline([("ECHO", mark), ("PING", mark)]) == [mark, mark]


async def _script(redis: Redis, mark: bytes) -> None:
    assert await redis.run(script("return ARGV[1]"), [], [mark]) == mark


async def _refused(redis: Redis, mark: bytes) -> None:
    with pytest.raises(RedisRefused, match=mark.decode()):
        await redis.execute("NONSENSE", mark)


async def _cancel(redis: Redis, mark: bytes) -> None:
    task = asyncio.create_task(_echo(redis, mark))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


STEP = {"echo": _echo, "pipeline": _pipeline, "script": _script, "refused": _refused, "cancel": _cancel}


async def test_too_many_commands_under_way_are_refused_unsent(shared_engine: EmbeddedValkey) -> None:
    """Those under way are answered; one more is told how many may be."""
    async with connected(shared_engine.url, most_waiting=10) as redis:
        tasks = [asyncio.create_task(redis.execute("ECHO", number)) for number in range(10)]
        await asyncio.sleep(0)
        with pytest.raises(RedisOverloaded, match="10 commands wait for Redis already, and 10 may"):
            await redis.execute("ECHO", "one more")
        with pytest.raises(RedisOverloaded):
            await redis.pipeline([("ECHO", "and"), ("ECHO", "more")])

        assert await asyncio.gather(*tasks) == [str(number).encode() for number in range(10)]
        assert await redis.execute("ECHO", "later") == b"later"


# ---------------------------------------------------------------------- losing the connection


async def test_a_lost_connection_fails_everybody_who_waits_and_mixes_nothing_up(engine: EmbeddedValkey) -> None:
    """Killed with their commands under way, all are told; after the restart everybody gets their own answer."""
    async with connected(engine.url, patience_s=10) as redis:
        os.kill(engine.pid, signal.SIGSTOP)
        waiting = [asyncio.create_task(redis.execute("ECHO", number)) for number in range(50)]
        pipeline = asyncio.create_task(redis.pipeline([("ECHO", 1), ("ECHO", 2)]))
        await asyncio.sleep(0)
        os.kill(engine.pid, signal.SIGKILL)
        failed = await asyncio.gather(*waiting, pipeline, return_exceptions=True)
        later = [asyncio.create_task(redis.execute("ECHO", f"later {number}")) for number in range(50)]
        await eventually(lambda: engine.poll() is not None, "the engine has ended")
        engine.relaunch()

        assert await asyncio.gather(*later) == [f"later {number}".encode() for number in range(50)]
        assert {str(error).split(";")[1] for error in failed} == {" the command may or may not have run"}
        assert all(isinstance(error, RedisUnavailable) for error in failed)


async def test_acknowledged_writes_survive_kill_9_under_load(engine: EmbeddedValkey) -> None:
    """With appendfsync always, nothing that was answered is lost; what was not answered counts at most once."""
    async with connected(engine.url, patience_s=10) as redis:
        acknowledged = sent = 0

        async def write() -> None:
            nonlocal acknowledged, sent
            for _ in range(100):
                sent += 1
                try:
                    await redis.run(ADD, ["count"], [1])
                except RedisUnavailable:
                    continue
                acknowledged += 1

        def count_is_at_least(enough: int) -> bool:
            return acknowledged >= enough

        writing = [asyncio.create_task(write()) for _ in range(16)]
        for enough in (200, 400, 600):
            await eventually(partial(count_is_at_least, enough), "some writes are acknowledged")
            os.kill(engine.pid, signal.SIGKILL)
            await eventually(lambda: engine.poll() is not None, "the engine has ended")
            engine.relaunch()
        await asyncio.gather(*writing)

        assert acknowledged <= int(await redis.execute("GET", "count")) <= sent


async def test_a_frozen_server_does_not_hang_its_callers(engine: EmbeddedValkey) -> None:
    """Callers are told after ``timeout_s``; what the server says when it thaws reaches nobody by mistake."""
    async with connected(engine.url, timeout_s=0.3, patience_s=0.1) as redis:
        async with frozen(engine):
            began_s = asyncio.get_running_loop().time()
            with pytest.raises(RedisUnavailable, match=r"did not answer for 0\.3 s; the command may or may not"):
                await redis.execute("ECHO", "frozen")
            with pytest.raises(RedisUnavailable, match="was not sent"):
                await redis.execute("ECHO", "still frozen")
            took_s = asyncio.get_running_loop().time() - began_s

        assert took_s < 2
        assert await eventually(lambda: answer(redis, "thawed"), "the server answers again") == b"thawed"


async def test_a_connection_that_swallows_everything_is_given_up(shared_engine: EmbeddedValkey) -> None:
    """Half open: sent bytes go nowhere and nobody says so. The next connection is a good one."""
    swallowing = asyncio.Event()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(shared_engine.url.removeprefix("unix://"))
        first = not swallowing.is_set()
        await asyncio.gather(pump(reader, inner_writer, swallowing if first else None), pump(inner_reader, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with connected(url, timeout_s=0.3, patience_s=5) as redis:
            first = wire_of(redis)
            swallowing.set()
            with pytest.raises(RedisUnavailable, match=r"did not answer for 0\.3 s; the command may or may not"):
                await redis.execute("ECHO", "swallowed")

            assert await redis.execute("ECHO", "heard") == b"heard"
            assert wire_of(redis) is not first
    finally:
        server.close()


async def test_what_a_server_refused_unrun_is_tried_again(tmp_path: Path) -> None:
    """Loading its data behind an open connection, it says so and is asked again; at last the caller hears it."""
    refusals = 3

    async def loading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal refusals
        await reader.readuntil(b"PING\r\n")
        writer.write(b"+OK\r\n+PONG\r\n")
        await reader.readuntil(b"server\r\n")
        writer.write(b"$19\r\nredis_version:7.0.0\r\n")
        while await reader.readuntil(b"INCR\r\n$1\r\na\r\n"):
            refusals -= 1
            writer.write(b"-LOADING data\r\n" if refusals >= 0 else b":1\r\n")

    async with peer(tmp_path, hushed(loading)) as url, connected(url, patience_s=1) as redis:
        assert await redis.execute("INCR", "a") == 1
        assert refusals == -1
        refusals = 1000
        with pytest.raises(RedisRefused, match="LOADING"):
            await redis.execute("INCR", "a")
        refusals = 1
        assert await redis.pipeline([("INCR", "a"), ("INCR", "a")]) == [1, 1]


def hushed(handler: Handler) -> Handler:
    """The same, ending in peace when the other side has gone."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await handler(reader, writer)
        writer.close()

    return handle


async def answer(redis: Redis, text: str) -> bytes | None:
    try:
        return cast(bytes, await redis.execute("ECHO", text))
    except RedisUnavailable:
        return None


async def test_a_busy_server_that_answers_is_not_given_up(shared_engine: EmbeddedValkey) -> None:
    """Only silence counts: replies that keep coming keep the connection, though some reply is owed all the time."""
    work = "for i = 1, 2000 do redis.call('ECHO', i) end return 'done'"
    async with connected(shared_engine.url, timeout_s=0.25) as redis:
        wire, loop = wire_of(redis), asyncio.get_running_loop()
        until_s = loop.time() + 3 * 0.25

        async def keep_it_busy() -> None:
            while loop.time() < until_s:
                assert await redis.execute("EVAL", work, 0) == b"done"

        await asyncio.gather(*(keep_it_busy() for _ in range(4)))

        assert wire_of(redis) is wire


async def test_a_dropped_connection_is_replaced_before_the_next_command_notices(shared_engine: EmbeddedValkey) -> None:
    """A command issued while there is no connection waits for the next one."""
    async with connected(shared_engine.url, patience_s=5) as redis, connected(shared_engine.url) as killer:
        first = wire_of(redis)
        await killer.execute("CLIENT", "KILL", "ID", await redis.execute("CLIENT", "ID"))
        await eventually(lambda: link_of(redis).wire is None, "the loss is noticed")

        assert await asyncio.gather(*(redis.execute("ECHO", number) for number in range(3))) == [b"0", b"1", b"2"]
        assert wire_of(redis) is not first


async def test_a_server_that_is_gone_is_reported_within_the_callers_patience(engine: EmbeddedValkey) -> None:
    """The message says where, why, and that nothing was sent."""
    async with connected(engine.url, patience_s=0.2) as redis:
        os.kill(engine.pid, signal.SIGKILL)
        await eventually(lambda: link_of(redis).wire is None, "the loss is noticed")
        began_s = asyncio.get_running_loop().time()
        with pytest.raises(RedisUnavailable, match=rf"{engine.url} cannot be reached: .*; the command was not sent"):
            await redis.execute("PING")

        assert asyncio.get_running_loop().time() - began_s < 1


async def test_a_server_that_is_loading_counts_as_not_there_yet(tmp_path: Path) -> None:
    """A greeting answered with LOADING is tried again until it is answered well."""
    greetings = 0

    async def loading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal greetings
        greetings += 1
        await reader.readuntil(b"PING\r\n")
        writer.write(b"+OK\r\n" + (b"-LOADING data\r\n" if greetings < 3 else b"+PONG\r\n"))
        while await reader.read(1000):
            writer.write(b"$19\r\nredis_version:7.0.0\r\n")
        writer.close()

    async with peer(tmp_path, loading) as url, connected(url):
        assert greetings == 3


@pytest.mark.parametrize(
    ("said", "reason"),
    [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "what answers is no Redis"), (b"", "the connection was lost")],
)
async def test_a_peer_that_is_no_redis_is_named(tmp_path: Path, said: bytes, reason: str) -> None:
    """Garbage or a closed door ends the attempt with the reason, not with a hang."""

    async def lie(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async with peer(tmp_path, lie) as url:
        with pytest.raises(RedisUnavailable, match=reason):
            await Redis.connect(url, timeout_s=0.2)


async def test_a_reply_nobody_asked_for_ends_the_connection(tmp_path: Path) -> None:
    """One reply too many would shift all that follow."""

    async def talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"PING\r\n")
        writer.write(b"+OK\r\n+PONG\r\n+MORE\r\n")
        await reader.read()
        writer.close()

    async with peer(tmp_path, talkative) as url:
        with pytest.raises(RedisUnavailable, match="nobody asked for"):
            await Redis.connect(url, timeout_s=0.2)


async def test_callers_who_try_again_at_once_do_not_hold_up_the_loop(shared_engine: EmbeddedValkey) -> None:
    """A refusal lets other tasks run first, so a retry without a pause does not starve the replies it waits for."""
    async with connected(shared_engine.url, most_waiting=2) as redis:

        async def insist(number: int) -> bytes:
            while True:
                try:
                    return cast(bytes, await redis.execute("ECHO", number))
                except RedisOverloaded:
                    continue

        async with asyncio.timeout(10):
            assert await asyncio.gather(*map(insist, range(5))) == [b"0", b"1", b"2", b"3", b"4"]


def test_attempts_are_quick_at_first_and_never_frantic() -> None:
    """20 ms, doubling, half a second at most, for ever; each spread by chance, so that processes do not keep step."""
    longest = [0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5, 0.5]
    attempts = [list(islice(pauses(), len(longest))) for _ in range(50)]

    assert all(most / 2 <= pause <= most for run in attempts for pause, most in zip(run, longest, strict=True))
    assert len({tuple(run) for run in attempts}) == 50


# ---------------------------------------------------------------------- closing


async def test_closing_tells_those_who_wait_and_leaves_nothing_behind(engine: EmbeddedValkey) -> None:
    """Waiting for a reply or for a connection, all are told; no task and no socket is left; twice is fine."""
    redis = await Redis.connect(engine.url)
    before = len(asyncio.all_tasks())
    os.kill(engine.pid, signal.SIGSTOP)
    waiting = asyncio.create_task(redis.execute("PING"))
    await asyncio.sleep(0)
    await redis.close()
    os.kill(engine.pid, signal.SIGCONT)
    await redis.close()

    with pytest.raises(RedisUnavailable, match="this client is closed"):
        await waiting
    with pytest.raises(RedisUnavailable, match="this client is closed"):
        await redis.execute("PING")
    assert len(asyncio.all_tasks()) == before


async def test_closing_while_reconnecting_tells_those_who_wait(engine: EmbeddedValkey) -> None:
    """Nobody waits out their patience for a client that is closed."""
    redis = await Redis.connect(engine.url, patience_s=60)
    os.kill(engine.pid, signal.SIGKILL)
    await eventually(lambda: link_of(redis).wire is None, "the loss is noticed")
    waiting = asyncio.create_task(redis.execute("PING"))
    await asyncio.sleep(0)
    await redis.close()

    with pytest.raises(RedisUnavailable, match="this client is closed"):
        await waiting


# ---------------------------------------------------------------------- signing in


async def test_a_connection_says_who_it_is_and_takes_its_database(shared_engine: EmbeddedValkey) -> None:
    """An operator sees the name in CLIENT LIST."""
    async with connected(f"{shared_engine.url}?db=3", name="cordboard-test") as redis:
        info: bytes = await redis.execute("CLIENT", "INFO")

        assert b" name=cordboard-test " in info
        assert b" db=3 " in info


async def test_a_password_is_given_again_after_each_reconnect(engine: EmbeddedValkey) -> None:
    """Signing in belongs to the connection, not to the first one only."""
    async with connected(engine.url) as admin:
        await admin.execute("ACL", "SETUSER", "ana", "on", ">secret", "~*", "+@all")
    async with connected(engine.url.replace("unix://", "unix://ana:secret@"), patience_s=5) as redis:
        await redis.execute("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        wire_of(redis).lose("tested")

        assert await redis.execute("ACL", "WHOAMI") == b"ana"


async def test_a_wrong_password_is_refused_at_once_and_not_shown(engine: EmbeddedValkey) -> None:
    """Waiting would not make it right."""
    with pytest.raises(RedisRefused, match=r"^WRONGPASS ") as raised:
        await Redis.connect(engine.url.replace("unix://", "unix://ana:secret@"))

    assert "secret" not in str(raised.value)


async def test_no_server_at_all_is_said_without_the_password(tmp_path: Path) -> None:
    """The address and the reason are."""
    with pytest.raises(
        RedisUnavailable, match=r"unix://ana:\*\*\*@/.*/none cannot be reached: .*No such file"
    ) as raised:
        await Redis.connect(f"unix://ana:secret@{tmp_path}/none", timeout_s=0.1)

    assert "secret" not in str(raised.value)


@asynccontextmanager
async def sealed(connect: Connect) -> AsyncIterator[int]:
    """TLS in front of a server; its port on ``localhost``."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await connect()
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def the_certificate_counts(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RedisUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await Redis.connect(url, timeout_s=1.5)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with connected(url) as redis:
        assert await redis.execute("SET", "sealed", 1) == b"OK"
        assert await redis.everywhere("DBSIZE") == [1]


async def test_tls_is_verified(engine: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that nobody vouches for is refused; one that the operator's authority signed is accepted."""
    async with sealed(partial(asyncio.open_unix_connection, engine.url.removeprefix("unix://"))) as port:
        await the_certificate_counts(f"rediss://localhost:{port}", monkeypatch)


async def test_tls_of_a_cluster_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every node, by the name that it tells clients."""
    with a_cluster(masters=1) as cluster:
        (node,) = cluster.nodes
        async with sealed(partial(asyncio.open_connection, "127.0.0.1", node.port)) as port:
            node.ask("CONFIG", "SET", "cluster-announce-hostname", "localhost")
            node.ask("CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname", "cluster-announce-port", port)
            await the_certificate_counts(f"rediss+cluster://localhost:{port}", monkeypatch)


async def test_tls_of_sentinels_and_of_their_master_is_verified(
    engine: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of both alike, by the names that they are given."""
    async with sealed(partial(asyncio.open_unix_connection, engine.url.removeprefix("unix://"))) as port:
        with a_sentinel_naming("localhost", port) as sentinel:
            async with sealed(partial(asyncio.open_connection, "127.0.0.1", sentinel.port)) as sentinel_port:
                url = f"rediss+sentinel://localhost:{sentinel_port}/{SERVICE}"
                await the_certificate_counts(url, monkeypatch)


async def pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, swallowing: asyncio.Event | None = None
) -> None:
    try:
        while data := await reader.read(65536):
            if swallowing is None or not swallowing.is_set():
                writer.write(data)
    except ConnectionError:
        pass
    finally:
        writer.close()


# ---------------------------------------------------------------------- which servers


@pytest.mark.parametrize(
    ("info", "objection"),
    [
        (b"redis_version:7.0.15\r\nredis_mode:standalone", ""),
        (b"redis_version:8.2.0\r\nredis_mode:standalone", ""),
        (b"# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.1.2\r\nredis_mode:standalone", ""),
        (b"redis_version:6.2.14\r\nredis_mode:standalone", "this is Redis 6.2.14; Redis 7.0 or Valkey 7.2 or newer"),
        (b"redis_version:7.2.4\r\nvalkey_version:7.0.0", "this is Valkey 7.0.0; Redis 7.0 or Valkey 7.2 or newer"),
        (b"redis_version:7.4.0\r\nredis_mode:cluster", "a node of a cluster: write redis+cluster://"),
        (b"redis_version:7.4.0\r\nredis_mode:sentinel", "it is a sentinel: write redis+sentinel://"),
        (b"", "this is Redis of unknown version"),
    ],
)
def test_a_server_is_judged_by_what_it_says_of_itself(info: bytes, objection: str) -> None:
    """Found and needed are both named."""
    assert objection in objection_to(info)
    assert bool(objection_to(info)) == bool(objection)


@pytest.mark.parametrize(("mode", "options"), [("cluster", ["--cluster-enabled", "yes"]), ("sentinel", ["--sentinel"])])
async def test_a_cluster_or_sentinel_is_refused_by_name(tmp_path: Path, mode: str, options: list[str]) -> None:
    """Real ones: they are not mistaken for a single server."""
    configuration = tmp_path / "engine.conf"
    configuration.write_text(f"port 0\nunixsocket {tmp_path}/s\ndir {tmp_path}\n", encoding="utf-8")
    command = [str(find_binary()), str(configuration), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: ASYNC220 - it starts in milliseconds
        try:
            await eventually((tmp_path / "s").exists, "the server listens")
            with pytest.raises(RedisUnsuitable, match=f"it is a .*{mode}.*: write redis\\+{mode}://"):
                await Redis.connect(f"unix://{tmp_path}/s")
        finally:
            process.terminate()


def test_all_errors_have_one_parent() -> None:
    """Who only wants to know that it did not work catches one name."""
    assert all(issubclass(error, RedisError) for error in (RedisRefused, RedisUnavailable, RedisUnsuitable))
