"""The hall: queues and agents as supervisors see and steer them, whatever they sit at.

What changes anything is done by routing, in one script each; who did it is written down as soon as it is done, in the
stream ``queues:audit``. What routing refuses comes back as its own refusal, put into words by ``in_words``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from ivr import keys
from ivr.meeting.lines import is_address, keep_line
from ivr.registering import requirement_of, requirements_of
from routing import agents, contacts
from routing.answers import Done, Refused
from routing.figures import figures
from routing.listing import contacts_in
from routing.snapshot import read_agent, signed_in
from routing.why import explain_agent, explain_contact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.program import Program
    from ivr.clock import Clock
    from ivr.sessions import Sessions
    from routing.listing import ContactNow
    from routing.redis import Redis
    from routing.snapshot import AgentNow
    from routing.why import AgentWhy, ContactWhy

AUDIT_CAP = 10_000
MOST_SHOWN = 200

WORDS = {
    "no_contact": "no such contact, or over for more than a day",
    "unknown": "nobody of that name is signed in",
    "there": "they are signed in already, or not done with a contact; sign them out first",
    "unknown_skill": 'no skill named "{0}" in the live center.yaml',
    "bad_level": "{0}: a level is a whole number from 1 to 10, not {1}",
    "bad_name": '"{0}" cannot be a name; use letters, digits and . _ - @ + :',
    "refused": "it is {0}, which does not allow that",
    "no_queue": 'no queue named "{0}" in its group',
    "unregistered": "nobody can wait there for {0}: publish a workspace that asks for it",
    "bad_line": '"{0}" can not be rung; give a number such as +12025550143, or sip:ana@example.com',
    "bad_priority": "{0} is no priority; give a whole number from -1000 to 1000",
    "other_group": 'queue "{0}" belongs to group {1}, and a contact stays in its group ({2})',
    "other_group_agent": "they work in group {0}, and an agent belongs to one group; sign them out first",
}


def in_words(refused: Refused) -> str:
    """Why routing did not do it, as a person says it."""
    words = WORDS.get(refused.tag)
    return " ".join((refused.tag.replace("_", " "), *refused.facts)) if words is None else words.format(*refused.facts)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue now; ``longest_ms`` None when nobody waits at the head of a line."""

    name: str
    group: str
    waiting: int
    longest_ms: int | None
    ready: int
    signed_in: int


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent who is signed in, and their group."""

    group: str
    agent: AgentNow


@dataclass(frozen=True, slots=True)
class Audited:
    """What somebody did: ``sign_in``, ``status``, ``sign_out``, ``move`` or ``priority``; ``what`` is its facts."""

    at_ms: int
    by: str
    did: str
    what: Mapping[str, Any]


class Hall:
    """The queues and agents of the live program, for whoever is named ``by``."""

    def __init__(self, redis: Redis, program: Program, sessions: Sessions, clock: Clock, by: str) -> None:
        self._redis = redis
        self._sessions = sessions
        self._clock = clock
        self._by = by
        self.program = program

    # ------------------------------------------------------------------ what there is

    def now_ms(self) -> int:
        """The time, by the server's clock."""
        return self._clock.now_ms()

    async def groups(self) -> list[str]:
        """All groups, sorted: the live program's, and those of earlier ones."""
        known = {name.decode() for name in await self._redis.execute("SMEMBERS", keys.QUEUE_GROUPS)}
        return sorted(known | {queue.group for queue in self.program.center.queues.values()})

    async def queues(self) -> list[QueueRow]:
        """The live program's queues, by name."""
        rows: list[QueueRow] = []
        queues = self.program.center.queues
        for group in sorted({queue.group for queue in queues.values()}):
            asked = {name: requirements_of(self.program, name) for name, one in queues.items() if one.group == group}
            found = await figures(self._redis, group, asked, now_ms=self._clock.now_ms())
            rows += [
                QueueRow(name, group, one.waiting, one.longest_ms, one.ready, one.signed_in)
                for name, one in found.items()
            ]
        return sorted(rows, key=lambda one: one.name)

    async def contacts(self, queue: str) -> tuple[ContactNow, ...]:
        """Who waits in a queue of the live program, is offered or talks, in order."""
        group = self.program.center.queues[queue].group
        return await contacts_in(self._redis, group, queue, requirements_of(self.program, queue), most=MOST_SHOWN)

    async def agents(self) -> list[AgentRow]:
        """Everybody who is signed in."""
        return [
            AgentRow(group, agent) for group in await self.groups() for agent in await signed_in(self._redis, group)
        ]

    async def why_contact(self, name: str) -> ContactWhy | None:
        """Why a contact is where it is; None when nobody knows it."""
        group, contact = await self._contact(name)
        return await explain_contact(self._redis, group, contact, now_ms=self._clock.now_ms()) if group else None

    async def why_agent(self, name: str) -> AgentWhy | None:
        """Why an agent has what they have; None when nobody knows them."""
        group = await self._group_of(name)
        return await explain_agent(self._redis, group, name, now_ms=self._clock.now_ms()) if group else None

    # ------------------------------------------------------------------ what can be done

    async def move(self, name: str, queue: str) -> Done | Refused:
        """Move a contact to another queue of its group, with its place; ``name`` may be its call's CallSid."""
        group, contact = await self._contact(name)
        settings = self.program.center.queues[queue]
        if not group:
            return Refused("no_contact")
        if settings.group != group:
            return Refused("other_group", (queue, settings.group, group))
        requirement = requirement_of(settings, await self._asked_by(contact, queue))
        done = await contacts.transfer(self._redis, group, contact, queue, requirement, now_ms=self._clock.now_ms())
        return await self._written(done, "move", contact=contact, group=group, queue=queue)

    async def prioritise(self, name: str, priority: int) -> Done | Refused:
        """Give a contact another priority."""
        group, contact = await self._contact(name)
        if not group:
            return Refused("no_contact")
        done = await contacts.reprioritise(self._redis, group, contact, priority, now_ms=self._clock.now_ms())
        return await self._written(done, "priority", contact=contact, group=group, priority=priority)

    async def sign_in(self, agent: str, skills: Mapping[str, int], group: str, *, line: str = "") -> Done | Refused:
        """Let an agent begin to work, on break until they say otherwise.

        ``line`` is the telephone number or SIP address where they are rung; without one they sit at a browser.
        """
        if line and not is_address(line):
            return Refused("bad_line", (line[:60],))
        working = await self._group_of(agent, signed_in=True)
        if working and working != group:
            return Refused("other_group_agent", (working,))
        done = await agents.sign_in(self._redis, group, agent, skills, now_ms=self._clock.now_ms())
        if isinstance(done, Done):  # on break until now, so nothing has been offered before their line is known
            await keep_line(self._redis, agent, line)
        return await self._written(done, "sign_in", agent=agent, group=group, skills=dict(skills), line=line)

    async def set_status(self, agent: str, status: str, reason: str) -> Done | Refused:
        """Make an agent ``available``, ``on_break`` or ``offline``."""
        group = await self._group_of(agent, signed_in=True)
        if not group:
            return Refused("unknown")
        done = await agents.set_status(self._redis, group, agent, status, reason, now_ms=self._clock.now_ms())
        did = "sign_out" if status == "offline" else "status"
        return await self._written(done, did, agent=agent, group=group, status=status, reason=reason)

    async def audit(self, most: int = 100) -> list[Audited]:
        """Who did what, newest first."""
        rows = await self._redis.execute("XREVRANGE", keys.QUEUES_AUDIT, "+", "-", "COUNT", most)
        return [Audited(**orjson.loads(fields[1])) for _id, fields in rows]

    # ------------------------------------------------------------------ whom and what is meant

    async def _contact(self, name: str) -> tuple[str, str]:
        """Group and id of a contact, named so or by its call; empty when there is none."""
        record = None if "-" in name else await self._sessions.load(name)
        contact = name if record is None else record.session.contact or name
        for group in await self.groups():
            if await explain_contact(self._redis, group, contact, now_ms=self._clock.now_ms()) is not None:
                return group, contact
        return "", contact

    async def _group_of(self, agent: str, *, signed_in: bool = False) -> str:
        """The group in which an agent is known, or signed in; empty when in none."""
        for group in await self.groups():
            found = await read_agent(self._redis, group, agent)
            if found is not None and not (signed_in and found.status == "offline"):
                return group
        return ""

    async def _asked_by(self, contact: str, queue: str) -> tuple[tuple[str, int], ...]:
        """What the queue itself asks for, in the language of the call; in the centre's first when that is unknown."""
        record = await self._sessions.load(contact.rpartition("-")[0])
        needs, languages = self.program.center.queues[queue].needs, self.program.center.languages
        tag = languages[0] if record is None or record.session.language not in languages else record.session.language
        return needs.require.cases[-1][1].by_language.get(tag, ())

    async def _written(self, done: Done | Refused, did: str, **what: Any) -> Done | Refused:
        """Write down what was done; what was refused was not."""
        if isinstance(done, Done):
            entry = orjson.dumps(Audited(self._clock.now_ms(), self._by, did, what))
            await self._redis.execute("XADD", keys.QUEUES_AUDIT, "MAXLEN", "~", AUDIT_CAP, "*", "entry", entry)
        return done
