"""What a group's keys hold: read back for comparing, and looked through for what must always hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from routing import keys
from routing.requirements import Requirement, parse, parse_skills
from tests.support.engine import keys_like

if TYPE_CHECKING:
    from routing.redis import Redis

Fields = dict[str, str]


@dataclass(frozen=True)
class Stored:
    """Hashes by id, sorted sets by key behind the base, requirements by number."""

    contacts: dict[str, Fields]
    agents: dict[str, Fields]
    sets: dict[str, list[tuple[str, float]]]
    hashes: dict[str, Fields]
    requirements: dict[str, Requirement]

    def holds(self, agent: str) -> list[tuple[str, str, str, str]]:
        """Contact, channel, stage and generation of all that the agent holds."""
        return [tuple(one.split("=")) for one in self.agents[agent]["holds"].split(",") if one]  # type: ignore[misc]  # always four

    def meets(self, agent: str, number: str) -> bool:
        wanted = self.requirements[number]
        channels = [one.split("=")[0] for one in self.agents[agent]["capacity"].split(",")]
        return wanted.channel in channels and wanted.is_met_by(parse_skills(self.agents[agent]["skills"]))


async def read_stored(redis: Redis, group: str) -> Stored:
    """Everything of the group."""
    base = keys.base(group)
    found = await dump(redis, group)
    hashes = {name: value for name, value in found.items() if isinstance(value, dict)}
    requirements = {n: parse(text) for n, text in hashes.get("requirements", {}).items() if n != "version"}
    return Stored(
        contacts={name.removeprefix("contact:"): one for name, one in hashes.items() if name.startswith("contact:")},
        agents={name.removeprefix("agent:"): one for name, one in hashes.items() if name.startswith("agent:")},
        sets={
            name: one for name, one in found.items() if isinstance(one, list) and not name.startswith(("trace", base))
        },
        hashes=hashes,
        requirements=requirements,
    )


READS: dict[bytes, tuple[str, ...]] = {
    b"hash": ("HGETALL",),
    b"zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    b"set": ("SMEMBERS",),
    b"list": ("LRANGE", "0", "-1"),
    b"string": ("GET",),
    b"stream": ("XRANGE", "-", "+"),
}


async def dump(redis: Redis, group: str) -> dict[str, Any]:
    """Every key of the group behind its base, with all that it holds."""
    base = keys.base(group)
    names = sorted([name.decode() for name in await keys_like(redis, f"{base}*")])
    types = await redis.pipeline([("TYPE", name) for name in names])
    commands = [(READS[kind][0], name, *READS[kind][1:]) for name, kind in zip(names, types, strict=True)]  # type: ignore[index]  # types are bytes
    values = await redis.pipeline(commands)
    return {
        name.removeprefix(base): _value(kind, value) for name, kind, value in zip(names, types, values, strict=True)
    }


def _value(kind: Any, value: Any) -> Any:
    match kind:
        case b"hash":
            pairs = zip(value[::2], value[1::2], strict=True)
            return {name.decode(): one.decode("latin-1") for name, one in pairs}
        case b"zset":
            return [(one.decode(), float(score)) for one, score in zip(value[::2], value[1::2], strict=True)]
        case b"set":
            return frozenset(one.decode() for one in value)
    return value


def assert_sound(stored: Stored) -> None:
    """What holds after every transition, whoever runs it and however they race."""
    _assert_everybody_stands_where_they_should(stored)
    _assert_both_sides_agree(stored)
    _assert_counts(stored)
    _assert_ready_agents_are_found(stored)


def _assert_everybody_stands_where_they_should(stored: Stored) -> None:
    expected: dict[str, dict[str, float]] = {}
    for name, contact in stored.contacts.items():
        where = contact.get("where", "")
        assert bool(where) == (contact["state"] == "waiting"), (name, contact)
        if where:
            key = f"preferred:{contact['prefer']}" if where == "preferred" else f"{where}:{contact['req']}"
            expected.setdefault(key, {})[name] = float(contact["place"])
    found = {key: dict(one) for key, one in stored.sets.items() if key.startswith(("line:", "aside:", "preferred:"))}
    assert found == expected
    for index, where in (("heads", "line:"), ("asides", "aside:")):
        heads = {key.removeprefix(where): min(one.values()) for key, one in expected.items() if key.startswith(where)}
        assert dict(stored.sets.get(index, [])) == heads


def _assert_both_sides_agree(stored: Stored) -> None:
    """Nobody is in two offers, no agent has more than their capacity, no deadline is missing."""
    held: dict[str, list[str]] = {}
    due = dict(stored.sets.get("due", []))
    for agent, fields in stored.agents.items():
        rooms = {one.split("=")[0]: int(one.split("=")[1]) for one in fields["capacity"].split(",")}
        for name, channel, stage, generation in stored.holds(agent):
            rooms[channel] -= 1
            assert rooms[channel] >= 0, (agent, fields)
            if stage == "wrap_up":
                assert f"wrap_up|{agent}|{name}.{generation}" in due
                continue
            assert stored.contacts[name]["state"] == stage, (agent, name)
            assert stored.contacts[name]["gen"] == generation
            held.setdefault(name, []).append(agent)
    for name, contact in stored.contacts.items():
        if contact["state"] in {"offered", "accepted", "connected"}:
            assert sorted(contact["agent"].split(",")) == sorted(held.pop(name)), (name, contact)
        kind = {"offered": "offer", "accepted": "connect", "claimed": "claim"}.get(contact["state"])
        assert kind is None or f"{kind}|{name}|{contact['gen']}" in due, (name, contact)
    assert not held


def _assert_counts(stored: Stored) -> None:
    waiting: dict[str, int] = {}
    for contact in stored.contacts.values():
        if contact["state"] == "waiting":
            waiting[contact["queue"]] = waiting.get(contact["queue"], 0) + 1
    assert _counted(stored, "waiting") == waiting
    for which, statuses in (("signed", {"available", "on_break"}), ("able", {"available"})):
        count: dict[str, int] = {}
        for agent, fields in stored.agents.items():
            for number in stored.requirements:
                if fields["status"] in statuses and stored.meets(agent, number):
                    count[number] = count.get(number, 0) + 1
        assert _counted(stored, which) == count


def _counted(stored: Stored, which: str) -> dict[str, int]:
    return {name: int(count) for name, count in stored.hashes.get(which, {}).items() if count != "0"}


def _assert_ready_agents_are_found(stored: Stored) -> None:
    """An agent with one thing at a time is in all of their idle lists while ready, else in none."""
    for agent, fields in stored.agents.items():
        if "," in fields["capacity"] or not fields["capacity"].endswith("=1"):
            continue
        lists = {
            key.removeprefix("idle:")
            for key, one in stored.sets.items()
            if key.startswith("idle:") and agent in dict(one)
        }
        ready = fields["state"] == "ready"
        assert lists == ({number for number in stored.requirements if stored.meets(agent, number)} if ready else set())


def assert_nobody_waits_in_vain(stored: Stored) -> None:
    """No contact in line, or kept for somebody, waits beside a ready agent who could take it."""
    ready = [agent for agent, fields in stored.agents.items() if fields["state"] == "ready"]
    for name, contact in stored.contacts.items():
        if contact["state"] != "waiting" or contact["where"] == "aside":
            continue
        idle = [agent for agent in ready if stored.meets(agent, contact["req"])]
        assert not [one for one in idle if contact["where"] == "line" or contact["prefer"] == one], (name, idle)
