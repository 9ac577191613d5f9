"""Routing against its floor: decisions a second, server time by size, tail, memory.

A decision is an agent done writing up who gets the contact with the best place of all they may take. The floor is the
least that could be called one (``FLOOR``): K heads read, the best taken out, an offer, a deadline, an event; no levels,
no refusals, no checks, sent by a bare socket in pipelines of 16. Server and client have a core each.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import statistics
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import hiredis

from ivr.valkey import EmbeddedValkey, find_binary
from routing import agents, contacts, keys, offers, registry
from routing.answers import Done
from routing.contacts import Contact
from routing.redis import Redis
from routing.registry import Policy
from routing.requirements import Requirement, skills_text
from routing.scripts import Header, Script, sha_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

SERVER_CORE, CLIENT_CORE = 0, 1
TASKS, PIPELINE = 32, 16
LINES = 100
ROUNDS, DECISIONS = 5, 288
NOW_MS = 1_760_000_000_000
PLAIN = Policy(wrap_up_ms=3_600_000, offer_ms=3_600_000, connect_ms=3_600_000, joins_per_caller=0)
# A sorted-set entry and a packed string for the same call (Valkey 9).
PACKED_BYTES = 334

FLOOR = """
local best, at
for i = 1, #KEYS - 4 do
  local head = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
  if head[1] and (not best or tonumber(head[2]) < tonumber(best[2])) then best, at = head, i end
end
if not best then return {'none'} end
local n = #KEYS - 4
redis.call('ZREM', KEYS[at], best[1])
redis.call('HSET', KEYS[n + 1] .. best[1], 'call', best[1], 'agent', ARGV[2], 'queue', KEYS[at], 'at', ARGV[1],
  'score', best[2])
redis.call('ZADD', KEYS[n + 2], ARGV[1] + 20000, best[1])
redis.call('HSET', KEYS[n + 3], 'state', 'reserved', 'call', best[1])
redis.call('XADD', KEYS[n + 4], 'MAXLEN', '~', 100000, '*', 'event', 'matched', 'call', best[1], 'agent', ARGV[2])
return {best[1], KEYS[at], best[2]}
"""


@contextmanager
def a_server() -> Iterator[str]:
    """A Valkey of its own on the server's core; its socket's path."""
    with tempfile.TemporaryDirectory(prefix="ivr-bench-") as folder:
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {SERVER_CORE})
        engine = EmbeddedValkey.start(Path(folder), find_binary(), "no")
        os.sched_setaffinity(0, {CLIENT_CORE})
        try:
            yield engine.url.removeprefix("unix://")
        finally:
            engine.stop()
            os.sched_setaffinity(0, cores)


@dataclass
class Floor:
    """The bare script over lines of its own, which are filled as ours are."""

    path: str
    group: str
    serves: int

    def __post_init__(self) -> None:
        self.wire = socket.socket(socket.AF_UNIX)
        self.wire.connect(self.path)
        self.reader = hiredis.Reader()
        self.sha = self.send([("SCRIPT", "LOAD", FLOOR)])[0]

    def send(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        self.wire.sendall(b"".join(hiredis.pack_command(one) for one in commands))
        replies: list[Any] = []
        while len(replies) < len(commands):
            reply = self.reader.gets()
            if reply is False:
                self.reader.feed(self.wire.recv(65536))
            else:
                replies.append(reply)
        return replies

    def fill(self, waiting: int) -> None:
        for start in range(0, waiting, 1000):
            entries = range(start, min(start + 1000, waiting))
            self.send([("ZADD", f"{{{self.group}}}q:{n % LINES}", NOW_MS + n, call_sid(n)) for n in entries])

    def decide(self, count: int) -> float:
        """Seconds for so many decisions."""
        chosen = random.Random(count)
        began = perf_counter()
        for _ in range(0, count, PIPELINE):
            commands = []
            for _ in range(PIPELINE):
                tag, agent = f"{{{self.group}}}", f"agent{chosen.randrange(1000)}"
                lines = [f"{tag}q:{line}" for line in chosen.sample(range(LINES), self.serves)]
                keys = (*lines, f"{tag}offer:", f"{tag}due", f"{tag}agent:{agent}", f"{tag}events")
                commands.append(("EVALSHA", self.sha, len(keys), *keys, NOW_MS, agent))
            self.send(commands)
        return perf_counter() - began


def call_sid(number: int) -> str:
    return f"CA{number:032x}"


@dataclass
class Ours:
    """A group in which ``waiting`` contacts wait in a hundred lines, and agents serve ``serves`` of them."""

    redis: Redis
    group: str
    serves: int
    wrapping: list[str]

    @classmethod
    async def prepare(cls, redis: Redis, group: str, serves: int, waiting: int, people: int) -> Ours:
        lines = [Requirement({f"s{number}": 1}) for number in range(LINES)]
        await registry.register(redis, group, lines, {"q": PLAIN}, now_ms=NOW_MS)
        made = cls(redis, group, serves, [])
        await made.hire(people)
        await many(waiting, lambda n: made.join(call_sid(n), lines[n % LINES], n))
        return made

    async def join(self, name: str, wanted: Requirement, number: int) -> object:
        return await contacts.join(self.redis, self.group, Contact(name, "q", wanted), now_ms=NOW_MS + number)

    async def hire(self, people: int) -> None:
        """Agents who are writing up: each had one contact before."""

        async def one(number: int) -> None:
            name = f"agent{number}"
            skills = {f"s{(number + at * LINES // self.serves) % LINES}": 1 for at in range(self.serves)}
            await agents.sign_in(self.redis, self.group, name, skills, now_ms=NOW_MS)
            await agents.set_status(self.redis, self.group, name, "available", now_ms=NOW_MS)

        for number in range(people):
            await one(number)
        for number in range(people):
            answer = await self.join(f"first{number}", Requirement({f"s{number % LINES}": 1}), 0)
            assert isinstance(answer, Done)
            await self.hold(answer)

    async def hold(self, answer: Done) -> None:
        """The offer is accepted, talked about and written up."""
        for offer in answer.offers:
            await offers.accept(self.redis, self.group, offer, now_ms=NOW_MS)
            await offers.connect(self.redis, self.group, offer, now_ms=NOW_MS)
            await offers.end(self.redis, self.group, offer.contact, now_ms=NOW_MS)
            self.wrapping.append(offer.agent)

    async def decide(self) -> Round:
        """So many agents are done writing up and get the next contact, 32 at a time."""
        names, self.wrapping = self.wrapping, []
        answers: list[Done] = []

        async def task(own: list[str]) -> None:
            for name in own:
                answer = await agents.finish_wrap_up(self.redis, self.group, name, now_ms=NOW_MS)
                assert isinstance(answer, Done)
                assert answer.offers
                answers.append(answer)

        before = await spent(self.redis)
        began = perf_counter()
        await asyncio.gather(*(task(names[start::TASKS]) for start in range(TASKS)))
        took_s = perf_counter() - began
        after = await spent(self.redis)
        await many(len(answers), lambda n: self.hold(answers[n]))
        return Round(took_s, (after[0] - before[0]) / len(names), (after[1] - before[1] - 1) / len(names))


@dataclass(frozen=True)
class Round:
    """Seconds of wall time; of each decision the server's µs and how many commands it ran, with the script itself."""

    took_s: float
    server_us: float
    commands: float


async def many(count: int, one: Callable[[int], Awaitable[object]]) -> None:
    """Do it so many times, a thousand at once."""
    for start in range(0, count, 1000):
        await asyncio.gather(*(one(number) for number in range(start, min(start + 1000, count))))


async def spent(redis: Redis) -> tuple[float, int]:
    """Microseconds of CPU the server's main thread has had, and how many commands it has run.

    Not what INFO tells: that goes by the clock on the wall, and a busy machine takes the core away.
    """
    facts = (await redis.execute("INFO", "everything")).decode()
    pid = facts.split("process_id:", 1)[1].split("\r\n", 1)[0]
    calls = [line.split("calls=", 1)[1].split(",", 1)[0] for line in facts.splitlines() if line.startswith("cmdstat_")]
    return cpu_us(int(pid)), sum(map(int, calls))


def cpu_us(pid: int) -> float:
    """What the process's main thread has had of a core (Linux, schedstat: ns)."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1000


def measure_decisions(serves: int, waiting: int = 1_000) -> dict[str, float]:
    """Ours and the floor in turns, by wall time; medians of the paired ratios."""
    with a_server() as path:
        return asyncio.run(_measure_decisions(path, serves, waiting))


async def _measure_decisions(path: str, serves: int, waiting: int) -> dict[str, float]:
    redis = await Redis.connect(f"unix://{path}", timeout_s=30)
    needed = waiting + DECISIONS * (ROUNDS + 1)
    ours = await Ours.prepare(redis, "ours", serves, needed, DECISIONS)
    floor = Floor(path, "floor", serves)
    floor.fill(needed)
    floor.decide(DECISIONS)
    await ours.decide()
    rows = [(await floor_round(floor, redis), await ours.decide()) for _ in range(ROUNDS)]
    await redis.close()
    return {
        "ratio": statistics.median(bare.took_s / our.took_s for bare, our in rows),
        "ratio by server CPU": statistics.median(bare.server_us / our.server_us for bare, our in rows),
        "floor/s": statistics.median(DECISIONS / bare.took_s for bare, _ in rows),
        "ours/s": statistics.median(DECISIONS / our.took_s for _, our in rows),
        "floor µs": statistics.median(bare.server_us for bare, _ in rows),
        "server µs": statistics.median(our.server_us for _, our in rows),
        "commands": rows[-1][1].commands,
    }


async def floor_round(floor: Floor, redis: Redis) -> Round:
    before = await spent(redis)
    took_s = floor.decide(DECISIONS)
    after = await spent(redis)
    return Round(took_s, (after[0] - before[0]) / DECISIONS, (after[1] - before[1] - 1) / DECISIONS)


def measure_sizes() -> dict[str, float]:
    """Server CPU of a decision as one size grows: waiting contacts, an agent's requirements, ready agents."""
    with a_server() as path:
        return asyncio.run(_measure_sizes(path))


async def _measure_sizes(path: str) -> dict[str, float]:
    redis = await Redis.connect(f"unix://{path}", timeout_s=30)
    spare = DECISIONS * (ROUNDS + 1)
    few = await Ours.prepare(redis, "few", 10, 1_000 + spare, DECISIONS)
    many = await Ours.prepare(redis, "many", 10, 100_000, DECISIONS)
    wide = await Ours.prepare(redis, "wide", 100, 1_000 + spare, DECISIONS)
    rounds = [[await one.decide() for one in (few, many, wide)] for _ in range(ROUNDS)]
    small, large = [await arrivals(redis, f"idle{people}", people) for people in (100, 10_000)]
    await redis.close()
    return {
        "1,000 waiting µs": statistics.median(one[0].server_us for one in rounds),
        "100,000 ÷ 1,000 waiting": statistics.median(one[1].server_us / one[0].server_us for one in rounds),
        "100 ÷ 10 requirements": statistics.median(one[2].server_us / one[0].server_us for one in rounds),
        "100 ready µs": small,
        "10,000 ÷ 100 ready": large / small,
    }


async def arrivals(redis: Redis, group: str, people: int) -> float:
    """Server CPU of a contact that joins while so many are ready for it, in µs."""
    lines = [Requirement({f"s{number}": 1}) for number in range(LINES)]
    await registry.register(redis, group, lines, {"q": PLAIN}, now_ms=NOW_MS)
    known = await registry.read_registry(redis, group)
    skills = {f"s{number}": 1 for number in range(10)}
    matched = known.match(skills, agents.ONE_CALL)
    fitted = (skills_text(skills), matched.bits, matched.ranks, matched.version, "voice=1", "")

    async def come(number: int) -> None:
        name = f"agent{number}"
        await redis.run(agents.SIGN_IN, [keys.base(group)], (NOW_MS, name, *fitted))
        await agents.set_status(redis, group, name, "available", now_ms=NOW_MS + number)

    await many(people, come)
    joined = min(90, people)

    async def join(number: int) -> None:
        contact = Contact(call_sid(number), "q", lines[number % 10])
        answer = await contacts.join(redis, group, contact, now_ms=NOW_MS + people)
        assert isinstance(answer, Done)
        assert answer.offers

    before, _ = await spent(redis)
    await many(joined, join)
    return ((await spent(redis))[0] - before) / joined


def measure_tail() -> dict[str, float]:
    """Agent ready to offer seen, at half load with 20,000 waiting, beside one bare EVALSHA at the same rate."""
    with a_server() as path:
        return asyncio.run(_measure_tail(path))


async def _measure_tail(path: str) -> dict[str, float]:
    redis = await Redis.connect(f"unix://{path}", timeout_s=30)
    ours = await Ours.prepare(redis, "ours", 10, 20_000, DECISIONS)
    bare = Script("bare", "return 1", sha_of("return 1"), Header())
    await redis.run(bare, ["{r:ours}:"], [])
    ratios, bares, seen = [], [], []
    for _ in range(ROUNDS):
        peak = DECISIONS / (await ours.decide()).took_s
        names, ours.wrapping = ours.wrapping, []
        answers: list[Any] = []

        async def finish(name: str, into: list[Any] = answers) -> None:
            into.append(await agents.finish_wrap_up(redis, "ours", name, now_ms=NOW_MS))

        bare_ms = await paced(len(names), peak / 2, lambda _: redis.run(bare, ["{r:ours}:"], []))
        our_ms = await paced(len(names), peak / 2, lambda n, own=names: finish(own[n]))  # type: ignore[misc]  # a default
        await many(len(answers), lambda n, own=answers: ours.hold(own[n]))  # type: ignore[misc]  # the same
        ratios.append(our_ms / bare_ms)
        bares.append(bare_ms)
        seen.append(our_ms)
    await redis.close()
    return {
        "ratio": statistics.median(ratios),
        "bare p99 ms": statistics.median(bares),
        "p99 ms": statistics.median(seen),
    }


async def paced(count: int, rate: float, one: Callable[[int], Awaitable[object]]) -> float:
    """So many at a steady rate whatever the answers do; the 99th percentile from when each was due, in ms."""
    began = perf_counter()
    took: list[float] = []

    async def due(number: int) -> None:
        at_s = began + number / rate
        await asyncio.sleep(max(0, at_s - perf_counter()))
        await one(number)
        took.append((perf_counter() - at_s) * 1000)

    await asyncio.gather(*(due(number) for number in range(count)))
    return sorted(took)[int(count * 0.99)]


def measure_memory() -> dict[str, float]:
    """Bytes of one waiting contact, all structures together, without the journal."""
    with a_server() as path:
        return asyncio.run(_measure_memory(path))


async def _measure_memory(path: str, waiting: int = 20_000) -> dict[str, float]:
    redis = await Redis.connect(f"unix://{path}", timeout_s=30)
    hard, easy = Requirement({"billing": 5}), Requirement({"billing": 1})
    await registry.register(redis, "main", [hard, easy], {"q": PLAIN}, now_ms=NOW_MS)
    before = await used(redis)

    async def wait(number: int) -> None:
        caller = f"+1202{number:07}"
        contact = Contact(call_sid(number), "q", hard, caller, relax=((45_000, easy),), return_ms=60_000)
        await contacts.join(redis, "main", contact, now_ms=NOW_MS + number)

    await many(waiting, wait)
    await redis.execute("DEL", f"{keys.base()}journal")
    each = (await used(redis) - before) / waiting
    await redis.close()
    return {"B a waiting contact": each, "÷ entry and packed string": each / PACKED_BYTES}


async def used(redis: Redis) -> int:
    facts = (await redis.execute("INFO", "memory")).decode()
    return int(facts.split("used_memory:", 1)[1].split("\r\n", 1)[0])


def measure() -> tuple[dict[str, dict[str, float]], list[str]]:
    """Every figure of routing, and the names of those that miss their bar."""
    results, missed = {}, []
    for serves in (1, 10, 100):
        name = f"decisions of agents with {serves} requirements: ours ÷ floor"
        results[name] = measure_decisions(serves)
        missed += [name] if results[name]["ratio"] < 0.6 else []
    sizes = results["what a decision costs by size"] = measure_sizes()
    bars = {"100,000 ÷ 1,000 waiting": 1.5, "100 ÷ 10 requirements": 1.2, "10,000 ÷ 100 ready": 1.3}
    missed += [name for name, most in bars.items() if sizes[name] > most]
    tail = results["agent ready to offer seen: our p99 ÷ bare p99"] = measure_tail()
    missed += ["agent ready to offer seen"] if tail["ratio"] > 10 else []
    small = results["memory of a waiting contact"] = measure_memory()
    missed += ["memory of a waiting contact"] if small["÷ entry and packed string"] > 2 else []
    return results, missed
