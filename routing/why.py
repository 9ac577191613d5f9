"""Why a contact waits, or an agent gets no contact: in data, and in words for a supervisor.

What is in force now (who could answer, what each other agent lacks, what is asked for later) is read from the state;
what happened (relaxed, offered, declined, expired, taken) from the trace that the transitions write, which is kept
for a day past the contact's end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing import keys
from routing.registry import read_registry
from routing.snapshot import AgentNow, read_agent, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from routing.redis import Redis
    from routing.registry import Registry
    from routing.requirements import Requirement

MOST_LINES = 50
MOST_RECENT = 20
LOOKED_BACK = 2_000  # entries of the journal


@dataclass(frozen=True, slots=True)
class Lacks:
    """``has`` 0 when the agent does not have the skill at all."""

    skill: str
    least: int
    has: int


@dataclass(frozen=True, slots=True)
class Chance:
    """One agent who is signed in, and what stands between them and the contact: ``reason`` empty when nothing does.

    ``reason`` is ``lacks``, ``channel``, ``declined``, ``kept`` (for somebody else), or the agent's status or state.
    """

    agent: str
    reason: str
    lacks: tuple[Lacks, ...] = ()

    @property
    def words(self) -> str:
        """One sentence."""
        if self.lacks:
            told = "; ".join(f"{one.skill} {one.least} is needed, has {one.has or 'none'}" for one in self.lacks)
            return f"{self.agent}: {told}"
        return f"{self.agent}: {REASONS.get(self.reason, self.reason)}"


REASONS = {
    "": "could answer", "channel": "does not serve this channel", "declined": "has declined it or let it ring",
    "kept": "it is kept for somebody else", "on_break": "is on break", "reserved": "is being offered a contact",
    "on_contact": "is on a contact", "wrap_up": "is writing up", "offline": "has signed out", "away": "is away",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a contact; ``detail`` is when it was offered, what changed, or the outcome."""

    at_ms: int
    event: str
    agent: str
    detail: str


@dataclass(frozen=True, slots=True)
class ContactWhy:
    """Everything there is to say about one contact. ``before`` counts those in the same line ahead of it.

    ``relaxes`` has what will do from when on; times are None where nothing of the kind is to come.
    """

    id: str
    state: str
    queue: str
    requirement: Requirement
    since_ms: int
    now_ms: int
    before: int | None
    relaxes: tuple[tuple[int, Requirement], ...]
    kept_for: str
    kept_until_ms: int | None
    leaves_ms: int | None
    callback: str
    called_ms: int | None
    agents: tuple[str, ...]
    chances: tuple[Chance, ...]
    history: tuple[Happened, ...]
    outcome: str

    @property
    def words(self) -> tuple[str, ...]:
        """What a supervisor reads, a sentence a line."""
        return tuple(_sentences(self))


async def explain_contact(redis: Redis, group: str, contact_id: str, *, now_ms: int) -> ContactWhy | None:
    """Why this contact is where it is; None when nobody knows it (any more)."""
    base = keys.base(group)
    stored, registry, agents, trace = await asyncio.gather(
        redis.execute("HGETALL", f"{base}contact:{contact_id}"),
        read_registry(redis, group),
        signed_in(redis, group),
        redis.execute("LRANGE", f"{base}trace:{contact_id}", 0, -1),
    )
    if not stored:
        return None
    contact = {name.decode(): value.decode() for name, value in zip(stored[::2], stored[1::2], strict=True)}
    requirement, since_ms = registry.requirements[int(contact["req"])], int(contact["since"])
    before = await _before(redis, base, contact_id, contact)
    due = await asyncio.gather(
        *(
            redis.execute("ZSCORE", f"{base}due", f"{kind}|{contact_id}|0")
            for kind in ("prefer", "overflow", "callback")
        )
    )
    kept_until_ms, leaves_ms, called_ms = (None if at is None else int(float(at)) for at in due)
    steps = (one.split(":") for one in contact.get("relax", "").split(",") if one)
    waits = contact["state"] in {"waiting", "promised", "claimed"}
    return ContactWhy(
        id=contact_id,
        state=contact["state"],
        queue=contact["queue"],
        requirement=requirement,
        since_ms=since_ms,
        now_ms=now_ms,
        before=before,
        relaxes=tuple((since_ms + int(after), registry.requirements[int(number)]) for after, number in steps),
        kept_for=contact.get("prefer", ""),
        kept_until_ms=kept_until_ms,
        leaves_ms=leaves_ms,
        callback=contact.get("callback", ""),
        called_ms=called_ms,
        agents=tuple(filter(None, contact.get("agent", "").split(","))),
        chances=tuple(chance(agent, requirement, contact) for agent in agents) if waits else (),
        history=tuple(_history(trace)),
        outcome=contact.get("outcome", ""),
    )


def chance(agent: AgentNow, requirement: Requirement, contact: Mapping[str, str]) -> Chance:
    """What stands between an agent and a contact, the most lasting thing first."""
    if requirement.channel not in agent.capacity:
        return Chance(agent.id, "channel")
    lacks = tuple(
        Lacks(name, least, agent.skills.get(name, 0))
        for name, least in sorted(requirement.skills.items())
        if agent.skills.get(name, 0) < least
    )
    if lacks:
        return Chance(agent.id, "lacks", lacks)
    if contact.get("prefer") not in {None, "", agent.id}:
        return Chance(agent.id, "kept")
    if agent.id in contact.get("declined", "").split(","):
        return Chance(agent.id, "declined")
    if agent.status != "available":
        return Chance(agent.id, agent.status)
    held = sum(1 for one in agent.holds if one.channel == requirement.channel)
    is_full = held >= agent.capacity[requirement.channel] or agent.state == "reserved"
    return Chance(agent.id, agent.state if is_full or len(agent.holds) > held else "")


async def _before(redis: Redis, base: str, contact_id: str, contact: Mapping[str, str]) -> int | None:
    where = contact.get("where", "")
    if not where:
        return None
    key = f"preferred:{contact['prefer']}" if where == "preferred" else f"{where}:{contact['req']}"
    rank = await redis.execute("ZRANK", f"{base}{key}", contact_id)
    return None if rank is None else int(rank)


def _history(trace: Iterable[bytes]) -> Iterable[Happened]:
    for entry in trace:
        at_ms, event, agent, detail = entry.decode().split("|", 3)
        yield Happened(int(at_ms), event, agent, detail)


def _sentences(why: ContactWhy) -> Iterable[str]:
    asked = skills_in_words(why.requirement)
    if why.state == "ended":
        yield f"{why.id} is over: {why.outcome}."
    elif why.state == "waiting":
        waited = in_words(why.now_ms - why.since_ms)
        yield f"{why.id} has waited {waited} in {why.queue} for {asked}; {why.before or 'nobody'} before it in line."
    else:
        told = f", {' and '.join(why.agents)}" if why.agents else ""
        yield f"{why.id} of {why.queue} is {why.state}{told}; it asks for {asked}."
    if why.callback and why.state != "ended":
        when = f", in {in_words(why.called_ms - why.now_ms)}" if why.called_ms else ""
        yield f"A callback is promised: {why.callback.replace('_', ' ')}{when}."
    if why.kept_for and why.kept_until_ms:
        yield f"It is kept for {why.kept_for} for another {in_words(why.kept_until_ms - why.now_ms)}."
    for at_ms, less in why.relaxes if why.state != "ended" else ():
        yield f"In {in_words(at_ms - why.now_ms)} {skills_in_words(less)} will do."
    if why.leaves_ms:
        yield f"In {in_words(why.leaves_ms - why.now_ms)} its time in {why.queue} is up."
    yield from (one.words for one in why.chances)
    yield from (_told(one, why.now_ms) for one in why.history)


def _told(one: Happened, now_ms: int) -> str:
    agent = f" {one.agent}" if one.agent else ""
    detail = "" if one.detail.isdecimal() or not one.detail else f" ({one.detail})"
    return f"{in_words(now_ms - one.at_ms)} ago:{agent} {one.event}{detail}"


def skills_in_words(requirement: Requirement) -> str:
    """``billing 3 or better and spanish 1 or better``; ``anybody`` without skills."""
    return " and ".join(f"{name} {least} or better" for name, least in sorted(requirement.skills.items())) or "anybody"


def in_words(ms: int) -> str:
    """``45 s``, ``3 min 20 s``, ``2 h 5 min``; what is past counts as nothing."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


@dataclass(frozen=True, slots=True)
class LineWhy:
    """One line of waiting contacts, and what stands between the agent and its first."""

    contact: str
    queue: str
    requirement: Requirement
    chance: Chance


@dataclass(frozen=True, slots=True)
class AgentWhy:
    """Everything there is to say about one agent: what they could be given, and what happened to them lately."""

    agent: AgentNow
    now_ms: int
    serves: tuple[Requirement, ...]
    lines: tuple[LineWhy, ...]
    recent: tuple[Mapping[str, str], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What a supervisor reads, a sentence a line."""
        agent = self.agent
        reason = f" ({agent.reason})" if agent.reason else ""
        since = in_words(self.now_ms - agent.since_ms)
        serves = f"serves {len(self.serves)} of what callers may require"
        held = tuple(f"holds {one.contact}: {one.stage}" for one in agent.holds)
        waits = tuple(f"{one.contact} waits in {one.queue}. {one.chance.words}" for one in self.lines)
        return (f"{agent.id} is {agent.status}{reason}, {agent.state} for {since}; {serves}.", *held, *waits)


async def explain_agent(redis: Redis, group: str, agent_id: str, *, now_ms: int) -> AgentWhy | None:
    """Why this agent has what they have, or nothing; None when nobody knows them."""
    base = keys.base(group)
    agent, registry, heads, journal = await asyncio.gather(
        read_agent(redis, group, agent_id),
        read_registry(redis, group),
        redis.execute("ZRANGE", f"{base}heads", 0, MOST_LINES - 1),
        redis.execute("XREVRANGE", f"{base}journal", "+", "-", "COUNT", LOOKED_BACK),
    )
    if agent is None:
        return None
    lines = await asyncio.gather(*(_line(redis, base, registry, agent, head.decode()) for head in heads))
    entries = (_entry(fields) for _, fields in journal)
    recent = [one for one in entries if agent_id in one.get("agent", "").split(",")][:MOST_RECENT]
    serves = tuple(
        one for one in registry.requirements.values() if one.channel in agent.capacity and one.is_met_by(agent.skills)
    )
    return AgentWhy(agent, now_ms, serves, tuple(one for one in lines if one is not None), tuple(recent))


async def _line(redis: Redis, base: str, registry: Registry, agent: AgentNow, number: str) -> LineWhy | None:
    first = await redis.execute("ZRANGE", f"{base}line:{number}", 0, 0)
    if not first:
        return None
    queue = await redis.execute("HGET", f"{base}contact:{first[0].decode()}", "queue")
    requirement = registry.requirements[int(number)]
    return LineWhy(first[0].decode(), (queue or b"").decode(), requirement, chance(agent, requirement, {}))


def _entry(fields: list[bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in zip(fields[::2], fields[1::2], strict=True)}
