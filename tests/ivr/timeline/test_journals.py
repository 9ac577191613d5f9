"""From journals to SQL: every entry exactly once, whoever dies, and no call waits for it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import func, select

from flows.events import Answered, CallStarted, HungUp, encode
from flows.instructions import Note, as_data
from ivr import keys
from ivr.journal import FORMAT
from ivr.timeline.journals import GROUP, SETTLE, TAKE, JournalReader
from ivr.timeline.lag import lag_of
from ivr.timeline.reading import Wanted, read_page
from ivr.timeline.tables import CUSTOMERS, EVENTS, TURNS, UNREADABLE
from routing.redis import Redis, RedisRefused, RedisUnavailable
from tests.support.engine import embedded_valkey
from tests.support.processes import clean
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table

    from ivr.timeline.database import Database
    from ivr.timeline.writing import Writer
    from routing.scripts import Script


def entry(call: int, turn: int, happened: list[Any] | None = None, **more: Any) -> tuple[str, bytes]:
    """A partition's journal, and what a turn of the call writes into it."""
    sid = f"CA{call:032d}"
    data = {
        "format": FORMAT,
        "call": sid,
        "turn": turn,
        "at_ms": 1_772_445_600_000 + turn * 1_000,
        "program": "p",
        "place": "main/ask",
        "happened": [encode(one) for one in happened or []],
        "said": "x",
        "party": f"+1202555{call % 100:04d}",
    }
    return keys.journal(keys.partition(sid)), orjson.dumps(data | more)


def a_call(call: int) -> list[tuple[str, bytes]]:
    """Three turns: it begins, a note is written, the caller hangs up; four events, of which one is a note."""
    return [
        entry(call, 0, [CallStarted()], caller=f"+1202555{call % 100:04d}", called="+12025550100"),
        entry(call, 1, [Answered({"x": 1})], records=[as_data(Note(f"note of call {call}"))]),
        entry(call, 2, [HungUp()], ended="hung_up", started_ms=1_772_445_600_000),
    ]


async def append(redis: Redis, entries: list[tuple[str, bytes]]) -> None:
    replies = await redis.pipeline([("XADD", stream, "*", "turn", text) for stream, text in entries])
    assert all(isinstance(reply, bytes) for reply in replies)


async def count(database: Database, table: Table) -> int:
    async with database.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_a_journal_moves_to_sql_and_is_empty_then(redis: Redis, database: Database, writer: Writer) -> None:
    """Turns and their events; customers by their numbers; the lag says how much is left."""
    for call in range(5):
        await append(redis, a_call(call))
    before = await lag_of(redis)
    moved = await JournalReader(redis, writer).move()
    line = await read_page(database, Wanted(contact=f"CA{3:032d}"))

    assert (before.entries, moved, (await lag_of(redis)).entries) == (15, 15, 0)
    assert (await count(database, TURNS), await count(database, CUSTOMERS)) == (15, 5)
    assert [(event.type, event.summary) for event in line.events] == [
        ("call.ended", "The call is over: the caller hung up"),
        ("note.added", "note of call 3"),
        ("call.started", "Called +12025550100"),
    ]
    assert line.events[0].data == {"outcome": "hung_up", "duration_s": 2.0}


@pytest.mark.parametrize("script", [TAKE, SETTLE], ids=lambda script: script.name)
def test_a_script_returns_what_its_header_says(script: Script) -> None:
    """Each tag in RETURNS is returned somewhere, and no other; names of keys and arguments are those unpacked."""
    unpacked = re.findall(r"^local ([\w, ]+) = unpack\((\w+)\)$", script.text, re.MULTILINE)

    assert set(re.findall(r"return \{'(\w+)'", script.text)) == set(script.header.tags)
    assert {source: tuple(names.split(", ")) for names, source in unpacked} == {
        "KEYS": script.header.keys,
        "ARGV": script.header.argv,
    }


async def test_what_a_dead_reader_left_is_taken_over(redis: Redis, database: Database, writer: Writer) -> None:
    """Read by one that dies before it has stored anything, and by one that dies before it has settled."""
    await append(redis, a_call(1))
    dead = JournalReader(redis, writer)
    taken = await dead._take("")
    await append(redis, a_call(2))
    late = JournalReader(redis, writer)
    await late._store(await late._take(""))
    other = JournalReader(redis, writer)

    assert len(taken) == 3
    assert await other.move(idle_ms=60_000) == 0
    assert (await lag_of(redis)).entries == 6
    assert await other.move(idle_ms=0) == 6
    assert (await lag_of(redis)).entries == 0
    assert (await count(database, TURNS), await count(database, EVENTS)) == (6, 6)


async def test_what_nobody_can_read_is_kept_aside(redis: Redis, database: Database, writer: Writer) -> None:
    """Another version's, garbage, a row that cannot be stored: each with its reason, and those behind it go on."""
    stream = keys.journal(keys.PARTITIONS[7])
    bad = [b"", b"{", orjson.dumps({"format": 99}), entry(1, 1, [CallStarted()], place=None)[1]]
    await append(redis, [(stream, text) for text in bad] + a_call(1) + [entry(2, 0, at_ms=2**63)])
    await JournalReader(redis, writer).move()
    async with database.reading() as connection:
        rows = (await connection.execute(select(UNREADABLE))).all()

    assert len(rows) == 5
    assert all(row.reason for row in rows)
    assert (await count(database, TURNS), (await lag_of(redis)).entries) == (3, 0)


async def test_a_reader_that_is_gone_is_forgotten(redis: Redis, writer: Writer) -> None:
    """Its name does not stay in the group for ever; that of one who has something pending does."""
    (stream, _), *_ = a_call(1)
    await append(redis, a_call(1))
    busy, idle, asking = (JournalReader(redis, writer) for _ in range(3))
    for reader in (busy, idle):
        await reader._take("")
    await redis.run(TAKE, [stream], [GROUP, asking._name, 10, 60_000, -1])
    facts = await redis.execute("XINFO", "CONSUMERS", stream, GROUP)

    assert [fact[1].decode() for fact in facts] == [busy._name]


async def test_while_sql_is_down_entries_wait_and_then_all_are_there(
    redis: Redis, database: Database, writer: Writer
) -> None:
    """The reader keeps its batch, tries again, and loses nothing; calls go on appending."""
    async with database.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE turns RENAME TO elsewhere")
    await append(redis, a_call(1))
    reading = asyncio.create_task(JournalReader(redis, writer).run())
    await eventually(lambda: _pending(redis, a_call(1)[0][0]), "the reader has its batch")
    await append(redis, a_call(2))
    async with database.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO turns")

    async def all_there() -> bool:
        return await count(database, TURNS) == 6 and (await lag_of(redis)).entries == 0

    await eventually(all_there, "both calls are in SQL, and no more in Redis")
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    assert await count(database, EVENTS) == 6


async def _pending(redis: Redis, stream: str) -> bool:
    try:
        found = await redis.execute("XPENDING", stream, GROUP)
    except RedisRefused:  # no group yet
        return False
    return bool(found and found[0])


# ---------------------------------------------------------------------- processes that are killed


def start_writer(redis_url: str, database_url: str, folder: Path) -> subprocess.Popen[bytes]:
    """The real process, as ``ivr serve`` starts it."""
    env = {"IVR_REDIS_URL": redis_url, "IVR_DATA_DIR": str(folder), "IVR_LOG_FORMAT": "json"}
    if database_url.startswith("postgresql"):
        env["IVR_DATABASE_URL"] = database_url.replace("+asyncpg", "")
    return subprocess.Popen(
        [sys.executable, "-m", "ivr.timeline.process"], env=clean(env), cwd=folder, stderr=subprocess.DEVNULL
    )


async def test_killed_writers_and_a_killed_valkey_lose_and_double_nothing(
    database: Database, url: str, tmp_path: Path
) -> None:
    """Turns of two hundred calls come in while writers and the engine are killed at random moments."""
    calls = 200
    with embedded_valkey(appendfsync="always") as engine:
        redis = await Redis.connect(engine.url)
        processes = [start_writer(engine.url, url, tmp_path)]
        for call in range(calls):
            for each in a_call(call):
                await _append_once(redis, each)
            if call % 50 == 25:
                await eventually(lambda: count(database, TURNS), "a writer is at work", within_s=30)
                os.kill(processes[-1].pid, signal.SIGKILL)
                processes[-1].wait()
                processes.append(start_writer(engine.url, url, tmp_path))
            if call == 100:
                os.kill(engine.pid, signal.SIGKILL)
                await eventually(lambda: engine.poll() is not None, "the engine is dead")
                engine.relaunch()

        async def all_there() -> bool:
            return await count(database, TURNS) == calls * 3 and (await lag_of(redis)).entries == 0

        await eventually(all_there, "every turn is in SQL, and none in Redis", within_s=60)
        processes[-1].terminate()
        status = processes[-1].wait(timeout=30)
        await redis.close()
    async with database.reading() as connection:
        doubles = await connection.execute(
            select(EVENTS.c.id).group_by(EVENTS.c.source, EVENTS.c.id).having(func.count() > 1)
        )

        assert doubles.all() == []
    assert status == 0
    assert await count(database, EVENTS) == calls * 3
    assert await count(database, CUSTOMERS) == 100


async def _append_once(redis: Redis, each: tuple[str, bytes]) -> None:
    """Append it; where the engine was killed before it could answer, a second time: what a turn's repetition does."""

    async def appended() -> bool:
        try:
            await append(redis, [each])
        except RedisUnavailable:
            return False
        return True

    await eventually(appended, "the engine is back")
