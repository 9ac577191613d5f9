"""Slots and keys: as the servers themselves compute and find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from routing.redis import RedisRefused
from routing.slots import KeyTable, slot_of
from tests.support.engine import connected, embedded_valkey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ivr.valkey import EmbeddedValkey
    from routing.link import Command
    from routing.redis import Redis


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedValkey]:
    with embedded_valkey() as engine:
        yield engine


@pytest.fixture
async def redis(engine: EmbeddedValkey) -> AsyncIterator[Redis]:
    async with connected(engine.url) as redis:
        yield redis


# redis.io, "Cluster specification", "Hash tags" and "CRC16 reference implementation".
@pytest.mark.parametrize(
    ("key", "slot"),
    [
        ("123456789", 0x31C3 % 16384),
        ("foo", 12182),
        (b"bar", 5061),
        ("", 0),
        ("{user1000}.following", slot_of("user1000")),
        ("foo{bar}{zap}", slot_of("bar")),
        ("foo{{bar}}zap", slot_of("{bar")),
        ("foo{}{bar}", 8363),
        ("foo{bar", slot_of(b"foo{bar")),
        ("é{p07}", slot_of("p07")),
        (7, slot_of("7")),
    ],
)
def test_a_key_has_the_slot_of_its_tag(key: str | bytes | int, slot: int) -> None:
    """The first pair of braces with something in it counts, else the whole key."""
    assert slot_of(key) == slot


COMMANDS: list[Command] = [
    ("GET", "a"),
    ("set", "a", "b", "EX", 5),
    ("MGET", "{a}1", "{a}2", "{a}3"),
    ("MSET", "{a}1", "x", "{a}2", "y"),
    (b"HSET", b"a", b"b", b"c"),
    ("EVAL", "return 1", 2, "{a}1", "{a}2", "x"),
    ("EVALSHA", "0" * 40, 1, "a"),
    ("XADD", "a", "MAXLEN", "~", 5, "*", "b", "c"),
    ("XREAD", "COUNT", 1, "STREAMS", "{a}1", "{a}2", "0", "0"),
    ("XREADGROUP", "GROUP", "g", "c", "STREAMS", "a", ">"),
    ("XGROUP", "CREATE", "a", "g", "$"),
    ("OBJECT", "ENCODING", "a"),
    ("MEMORY", "USAGE", "a"),
    ("ZUNIONSTORE", "{a}0", 2, "{a}1", "{a}2"),
    ("ZINTER", 2, "{a}1", "{a}2", "WITHSCORES"),
    ("ZMPOP", 1, "a", "MIN"),
    ("BITOP", "AND", "{a}0", "{a}1", "{a}2"),
    ("SORT", "a", "LIMIT", 0, 5),
    ("COPY", "{a}1", "{a}2"),
    ("LMOVE", "{a}1", "{a}2", "LEFT", "RIGHT"),
    ("GEORADIUS", "{a}1", 1, 2, 3, "km", "STORE", "{a}2"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
async def test_the_server_finds_the_same_keys(redis: Redis, command: Command) -> None:
    """COMMAND GETKEYS is asked what the table answers for itself."""
    keys = [key for key in await redis.execute("COMMAND", "GETKEYS", *command) if key]
    table = KeyTable(await redis.execute("COMMAND"))

    assert table.slot(command) == slot_of(keys[0]) == slot_of("a")


@pytest.mark.parametrize(
    "command", [("PING",), ("ECHO", "a"), ("TIME",), ("CLIENT", "ID"), ("NONSENSE", "a"), ("GET",), ("EVAL", "x", "y")]
)
async def test_what_has_no_keys_goes_anywhere(redis: Redis, command: Command) -> None:
    """What is malformed too: whoever gets it will say so."""
    assert KeyTable(await redis.execute("COMMAND")).slot(command) is None


@pytest.mark.parametrize(
    ("command", "objection"),
    [
        (("MGET", "{a}1", "{b}1"), "CROSSSLOT MGET was not sent: its keys {a}1 and {b}1 are in two slots"),
        (("EVALSHA", "0" * 40, 2, "a", "b"), "CROSSSLOT EVALSHA was not sent"),
        (("FLUSHALL",), "CROSSNODE FLUSHALL was not sent: it is about every node of the cluster; use everywhere"),
        (("KEYS", "*"), "CROSSNODE KEYS"),
        (("SCRIPT", "FLUSH"), "CROSSNODE SCRIPT|FLUSH"),
        (("SCAN", 0), "CROSSNODE SCAN"),
    ],
)
async def test_what_one_node_cannot_do_is_refused_by_name(redis: Redis, command: Command, objection: str) -> None:
    """Keys in two slots, or something about every node."""
    table = KeyTable(await redis.execute("COMMAND"))
    with pytest.raises(RedisRefused) as refused:
        table.slot(command)

    assert str(refused.value).startswith(objection)
