"""Who answers whom, in plain Python: the same rules as the scripts, by looking at everything each time.

No lines, no heads, no bitmaps, no counters: whoever fits is found by asking all. What the scripts decide must be what
this decides (``test_model.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from routing.answers import Done, Offer, Refused
from routing.contacts import objection_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from routing.contacts import Contact
    from routing.registry import Policy
    from routing.requirements import Requirement

LATER_MS = 10**13
LOOKED_AT = 9
REMEMBERED = 16
AT_ONCE = 16
RANKED = 4095


@dataclass
class Waiter:
    """A contact; ``where`` it stands is empty while it stands nowhere."""

    id: str
    queue: str
    requirement: Requirement
    place: int
    since: int
    priority: int
    prefer: str
    caller: str
    relax: list[tuple[int, Requirement]]
    exit: tuple[str, Requirement] | str
    return_ms: int
    generation: int
    state: str = "none"
    where: str = ""
    agents: list[str] = field(default_factory=list)
    declined: list[str] = field(default_factory=list)
    callback: str = ""
    outcome: str = ""

    @property
    def order(self) -> tuple[int, str]:
        return self.place, self.id

    @property
    def rings_all(self) -> bool:
        return self.requirement.strategy == "ring_all"

    @property
    def live_place(self) -> int:
        return self.place - LATER_MS if self.place > LATER_MS // 2 else self.place


@dataclass
class Hold:
    """What an agent has of a contact."""

    channel: str
    stage: str
    generation: int


@dataclass(frozen=True)
class Filed:
    """How an agent stands among the ready: on which channels, and what they are ranked by."""

    channels: frozenset[str]
    since: int
    offered: int
    taken: int


@dataclass
class Person:
    """An agent."""

    id: str
    skills: dict[str, int]
    capacity: dict[str, int]
    over: set[tuple[str, str]]
    since: int
    status: str = "on_break"
    reason: str = ""
    offered: int = 0
    taken: int = 0
    misses: int = 0
    holds: dict[str, Hold] = field(default_factory=dict)
    filed: Filed | None = None

    @property
    def state(self) -> str:
        stages = {hold.stage for hold in self.holds.values()}
        if stages & {"offered", "accepted"}:
            return "reserved"
        if "connected" in stages:
            return "on_contact"
        if stages:
            return "wrap_up"
        return "ready" if self.status == "available" else "away"

    def open_channels(self) -> frozenset[str]:
        if self.status != "available":
            return frozenset()
        held = [hold.channel for hold in self.holds.values()]
        return frozenset(
            channel
            for channel, most in self.capacity.items()
            if held.count(channel) < most and all((channel, one) in self.over for one in held if one != channel)
        )

    def serves(self, requirement: Requirement) -> bool:
        return requirement.channel in self.capacity and requirement.is_met_by(self.skills)

    def rank(self, requirement: Requirement) -> tuple[int, int, str]:
        assert self.filed
        needed, filed = requirement.skills, self.filed
        match requirement.strategy:
            case "round_robin":
                return 0, filed.offered, self.id
            case "fewest_contacts":
                return min(filed.taken, RANKED), filed.since, self.id
            case "most_skilled":
                return 10 * len(needed) - sum(self.skills[name] for name in needed), filed.since, self.id
            case "least_skilled_first":
                return sum(self.skills.values()), filed.since, self.id
        return 0, filed.since, self.id


class Model:
    """One group. Methods are named and answer as the transitions of ``routing`` do."""

    def __init__(self, requirements: Iterable[Requirement], queues: Mapping[str, Policy]) -> None:
        self.requirements = list(requirements)
        self.queues = dict(queues)
        self.contacts: dict[str, Waiter] = {}
        self.agents: dict[str, Person] = {}
        self.due: dict[str, int] = {}
        self.left: dict[tuple[str, str], tuple[int, int]] = {}
        self.joins: dict[tuple[str, int], int] = {}
        self.offers: list[Offer] = []

    # ------------------------------------------------------------------ looking

    def number(self, requirement: Requirement) -> int:
        return self.requirements.index(requirement)

    def standing(self, where: str, key: object) -> list[Waiter]:
        """Those who stand together, in order."""
        return sorted(
            (
                one
                for one in self.contacts.values()
                if one.where == where and (one.prefer if where == "preferred" else one.requirement) == key
            ),
            key=lambda one: one.order,
        )

    def able(self, requirement: Requirement) -> list[Person]:
        return [one for one in self.agents.values() if one.status == "available" and one.serves(requirement)]

    def signed_in(self, requirement: Requirement) -> list[Person]:
        return [one for one in self.agents.values() if one.status != "offline" and one.serves(requirement)]

    def nobody_else(self, contact: Waiter) -> bool:
        return all(one.id in contact.declined for one in self.able(contact.requirement))

    def may_take(self, agent: Person, contact: Waiter) -> bool:
        if not agent.serves(contact.requirement) or contact.requirement.channel not in agent.open_channels():
            return False
        if contact.where == "preferred":
            return contact.prefer == agent.id and contact in self.standing("preferred", agent.id)[:LOOKED_AT]
        if contact.where == "aside" and contact not in self.standing("aside", contact.requirement)[:LOOKED_AT]:
            return False
        return agent.id not in contact.declined or self.nobody_else(contact)

    def best_for(self, agent: Person) -> Waiter | None:
        fitting = [one for one in self.contacts.values() if one.where and self.may_take(agent, one)]
        return min(fitting, key=lambda one: one.order, default=None)

    def ready_for(self, contact: Waiter) -> list[Person]:
        wanted = contact.requirement
        ready = [
            one
            for one in self.agents.values()
            if one.filed and wanted.channel in one.filed.channels and one.serves(wanted)
        ]
        return sorted(ready, key=lambda one: one.rank(wanted))

    def chosen_for(self, contact: Waiter) -> list[Person]:
        ready = self.ready_for(contact)
        if contact.prefer:
            return [one for one in ready if one.id == contact.prefer]
        most = self.queues[contact.queue].ring_most if contact.rings_all else 1
        fresh = [one for one in ready if one.id not in contact.declined]
        if not fresh and self.nobody_else(contact):
            fresh = ready
        return fresh[:most]

    # ------------------------------------------------------------------ matching

    def reserve(self, contact: Waiter, chosen: list[Person], now: int) -> None:
        contact.where, contact.state = "", "offered"
        contact.generation += 1
        contact.agents = [one.id for one in chosen]
        self.due[f"offer|{contact.id}|{contact.generation}"] = now + self.queues[contact.queue].offer_ms
        for agent in chosen:
            agent.holds[contact.id] = Hold(contact.requirement.channel, "offered", contact.generation)
            agent.offered = now
            self.offers.append(Offer(contact.id, agent.id, contact.generation))

    def file(self, agent: Person) -> None:
        channels = agent.open_channels()
        agent.filed = Filed(channels, agent.since, agent.offered, agent.taken) if channels else None

    def seek(self, contact: Waiter, now: int) -> None:
        chosen = self.chosen_for(contact)
        if not chosen:
            contact.where = "preferred" if contact.prefer else "aside" if contact.declined else "line"
            contact.state = "waiting"
            return
        self.reserve(contact, chosen, now)
        for agent in chosen:
            self.file(agent)

    def settle(self, agent: Person, now: int) -> None:
        agent.filed = None
        while contact := self.best_for(agent):
            self.reserve(contact, [agent], now)
        self.file(agent)

    def reconsider(self, met: list[Requirement], now: int) -> None:
        heads = {one: self.standing("aside", one)[0].place for one in self.requirements if self.standing("aside", one)}
        for requirement in sorted(heads, key=lambda one: (heads[one], str(self.number(one)))):
            if requirement not in met:
                continue
            for contact in self.standing("aside", requirement)[:LOOKED_AT]:
                if self.chosen_for(contact):
                    self.seek(contact, now)

    def release_kept(self, agent: Person, now: int) -> None:
        kept = self.standing("preferred", agent.id)
        for contact in kept[:AT_ONCE]:
            contact.prefer = contact.where = ""
            self.due.pop(f"prefer|{contact.id}|0", None)
            self.seek(contact, now)
        self.due.pop(f"release|{agent.id}|0", None)
        if len(kept) > AT_ONCE:
            self.due[f"release|{agent.id}|0"] = now

    def became_unable(self, agent: Person, now: int) -> None:
        self.note_empty([one for one in self.met(agent) if not self.able(one)], now)
        self.reconsider(self.met(agent), now)
        self.release_kept(agent, now)

    def met(self, agent: Person) -> list[Requirement]:
        return [one for one in self.requirements if agent.serves(one)]

    def note_empty(self, requirements: list[Requirement], now: int) -> None:
        for one in requirements:
            self.due[f"empty|{self.number(one)}|0"] = now

    def withdraw(self, contact: Waiter, names: list[str]) -> None:
        for name in names:
            self.agents[name].holds.pop(contact.id)

    def settle_all(self, names: list[str], now: int) -> None:
        for name in names:
            self.settle(self.agents[name], now)

    def forget_offer(self, contact: Waiter) -> None:
        for kind in ("offer", "connect"):
            self.due.pop(f"{kind}|{contact.id}|{contact.generation}", None)

    def forget(self, contact: Waiter, *kinds: str) -> None:
        for kind in kinds:
            self.due.pop(f"{kind}|{contact.id}|0", None)

    def finish(self, contact: Waiter, outcome: str) -> None:
        self.forget(contact, "relax", "prefer", "overflow", "callback")
        contact.state, contact.where, contact.outcome = "ended", "", outcome

    def wrap_up(self, contact: Waiter, now: int) -> None:
        agent = self.agents[contact.agents[0]]
        wrap_ms = 0 if agent.status == "offline" else self.queues[contact.queue].wrap_up_ms
        agent.since = now
        if wrap_ms:
            agent.holds[contact.id].stage = "wrap_up"
            self.due[f"wrap_up|{agent.id}|{contact.id}.{contact.generation}"] = now + wrap_ms
        else:
            agent.holds.pop(contact.id)
        self.settle(agent, now)

    def done(self, tag: str, *facts: object) -> Done:
        made, self.offers = tuple(self.offers), []
        return Done(tag, tuple(map(str, facts)), made)

    # ------------------------------------------------------------------ contacts

    def join(self, contact: Contact, *, now: int) -> Done | Refused:
        if refused := objection_to(contact, now):
            return refused
        old = self.contacts.get(contact.id)
        if old and old.state != "ended":
            return Refused("there", (old.state,))
        if refused := self.no_such(contact.queue, contact.requirement, *(one for _, one in contact.relax)):
            return refused
        if contact.overflow_to and (refused := self.no_such(*contact.overflow_to)):
            return refused
        if refused := self.turned_away(contact, now):
            return refused
        self.accept_join(contact, old.generation if old else 0, now)
        return self.done("joined", self.contacts[contact.id].place)

    def no_such(self, queue: str, *requirements: Requirement) -> Refused | None:
        if queue not in self.queues:
            return Refused("no_queue", (queue,))
        unknown = [one.text for one in requirements if one not in self.requirements]
        return Refused("unregistered", (unknown[0],)) if unknown else None

    def turned_away(self, contact: Contact, now: int) -> Refused | None:
        policy = self.queues[contact.queue]
        joins = self.joins.get((contact.caller, now // 60_000), 0)
        if contact.caller and policy.joins_per_caller and joins >= policy.joins_per_caller:
            return Refused("too_many_from_caller", (str(policy.joins_per_caller),))
        if contact.callback:
            return None
        able, signed = self.able(contact.requirement), self.signed_in(contact.requirement)
        there = {
            "any": True, "signed_in": signed, "available": able,
            "available_not_in_wrap_up": [one for one in able if one.state != "wrap_up"],
            "never": True, "none_signed_in": signed, "none_available": able,
        }  # fmt: skip
        for rule in (policy.join_agents, policy.leave_agents):
            if not there[rule]:
                return Refused("nobody", (rule,))
        if policy.join_waiting and self.waiting(contact.queue) >= policy.join_waiting:
            return Refused("full", (str(policy.join_waiting),))
        line = self.standing("line", contact.requirement)
        if policy.join_wait_ms and line and now - line[0].since > policy.join_wait_ms:
            return Refused("too_long", (str(now - line[0].since),))
        return None

    def waiting(self, queue: str) -> int:
        return sum(1 for one in self.contacts.values() if one.where and one.queue == queue)

    def accept_join(self, contact: Contact, generation: int, now: int) -> None:
        policy, since = self.queues[contact.queue], contact.since_ms or now
        if contact.caller and policy.joins_per_caller:
            minute = (contact.caller, now // 60_000)
            self.joins[minute] = self.joins.get(minute, 0) + 1
        if contact.caller and not contact.callback:
            left_since, until = self.left.pop((contact.queue, contact.caller), (since, now))
            since = min(since, left_since) if until >= now else since
        overflow_ms, leaves_by = contact.overflow_ms, contact.overflow_to or ""
        if policy.leave_wait_ms and not contact.callback and not 0 < overflow_ms <= policy.leave_wait_ms:
            overflow_ms, leaves_by = policy.leave_wait_ms, "too_long"
        made = Waiter(
            contact.id, contact.queue, contact.requirement, since - contact.priority * policy.head_start_ms, since,
            contact.priority, self.kept_for(contact.prefer, contact.requirement), contact.caller, list(contact.relax),
            leaves_by, contact.return_ms, generation,
        )  # fmt: skip
        self.contacts[contact.id] = made
        if overflow_ms:
            self.due[f"overflow|{made.id}|0"] = since + overflow_ms
        if made.prefer:
            self.due[f"prefer|{made.id}|0"] = now + contact.prefer_ms
        if made.relax:
            self.due[f"relax|{made.id}|0"] = since + made.relax[0][0]
        if contact.callback:
            self.promised(made, contact.callback, contact.callback_ms, now)
        else:
            self.seek(made, now)

    def kept_for(self, name: str, requirement: Requirement) -> str:
        return name if any(one.id == name for one in self.able(requirement)) else ""

    def leave(self, name: str, outcome: str, *, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact:
            return Refused("unknown")
        if contact.state in {"connected", "ended"}:
            return Refused("refused", (contact.state,))
        held_by = contact.agents if contact.state in {"offered", "accepted"} else []
        self.due.pop(f"claim|{name}|{contact.generation}", None)
        self.forget_offer(contact)
        if outcome == "abandoned" and contact.return_ms and contact.caller:
            self.left[contact.queue, contact.caller] = (contact.since, now + contact.return_ms)
        self.withdraw(contact, held_by)
        self.finish(contact, outcome)
        self.settle_all(held_by, now)
        return self.done("left", contact.place)

    def relax(self, name: str, *, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact or self.due.get(f"relax|{name}|0", now + 1) > now:
            return Refused("not_due", (contact.state if contact else "none",))
        while contact.relax and contact.since + contact.relax[0][0] <= now:
            contact.requirement = contact.relax.pop(0)[1]
        self.forget(contact, "relax")
        if contact.relax:
            self.due[f"relax|{name}|0"] = contact.since + contact.relax[0][0]
        self.look_again(contact, now)
        return self.done("relaxed", self.number(contact.requirement))

    def look_again(self, contact: Waiter, now: int) -> None:
        if contact.where:
            contact.where = ""
            self.seek(contact, now)

    def release(self, name: str, *, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact or self.due.get(f"prefer|{name}|0", now + 1) > now:
            return Refused("not_due", (contact.state if contact else "none",))
        self.forget(contact, "prefer")
        contact.prefer = ""
        self.look_again(contact, now)
        return self.done("released", contact.state)

    def overflow(self, name: str, *, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact or self.due.get(f"overflow|{name}|0", now + 1) > now:
            return Refused("not_due", (contact.state if contact else "none",))
        if contact.state != "waiting":
            self.due[f"overflow|{name}|0"] = now + 1000
            return Refused("later", (contact.state,))
        if isinstance(contact.exit, str):
            self.finish(contact, contact.exit or "overflowed")
            return self.done("overflowed", contact.outcome)
        self.forget(contact, "overflow", "prefer", "relax")
        contact.queue, contact.requirement = contact.exit
        contact.exit, contact.prefer, contact.relax, contact.where = "", "", [], ""
        self.seek(contact, now)
        return self.done("overflowed", contact.queue)

    def transfer(
        self, name: str, queue: str, requirement: Requirement, *, prefer: str = "", prefer_ms: int = 0, now: int
    ) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact:
            return Refused("unknown")
        before = contact.state
        if before in {"promised", "claimed", "ended"}:
            return Refused("refused", (before,))
        if refused := self.no_such(queue, requirement):
            return refused
        if requirement.channel != contact.requirement.channel:
            return Refused("other_channel", (requirement.channel,))
        prefer, held_by, contact.where = self.kept_for(prefer, requirement), contact.agents, ""
        self.forget_offer(contact)
        self.forget(contact, "relax", "prefer")
        if before == "connected":
            self.wrap_up(contact, now)
            contact.declined = list(held_by)
        else:
            self.withdraw(contact, held_by)
        contact.queue, contact.requirement, contact.prefer, contact.relax, contact.agents = (
            queue, requirement, prefer, [], [],
        )  # fmt: skip
        if prefer:
            self.due[f"prefer|{name}|0"] = now + prefer_ms
        self.seek(contact, now)
        if before != "connected":
            self.settle_all(held_by, now)
        return self.done("transferred", contact.state)

    def reprioritise(self, name: str, priority: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact:
            return Refused("unknown")
        if contact.state in {"connected", "ended"}:
            return Refused("refused", (contact.state,))
        contact.place += (contact.priority - priority) * self.queues[contact.queue].head_start_ms
        contact.priority = priority
        return self.done("moved", contact.place)

    # ------------------------------------------------------------------ offers

    def is_over(self, offer: Offer, state: str) -> Refused | None:
        contact = self.contacts.get(offer.contact)
        if not contact:
            return Refused("late", ("none",))
        if contact.state != state or contact.generation != offer.generation or offer.agent not in contact.agents:
            return Refused("late", (contact.state,))
        return None

    def accept(self, offer: Offer, *, now: int) -> Done | Refused:
        if refused := self.is_over(offer, "offered"):
            return refused
        contact, agent = self.contacts[offer.contact], self.agents[offer.agent]
        others = [one for one in contact.agents if one != agent.id]
        contact.state, contact.agents = "accepted", [agent.id]
        self.forget_offer(contact)
        self.due[f"connect|{contact.id}|{contact.generation}"] = now + self.queues[contact.queue].connect_ms
        agent.holds[contact.id].stage, agent.misses = "accepted", 0
        self.withdraw(contact, others)
        self.settle_all(others, now)
        return self.done("accepted", contact.queue, ",".join(others))

    def connect(self, offer: Offer, *, now: int) -> Done | Refused:
        if refused := self.is_over(offer, "accepted"):
            return refused
        contact, agent = self.contacts[offer.contact], self.agents[offer.agent]
        self.forget(contact, "relax", "prefer", "overflow", "callback")
        self.forget_offer(contact)
        contact.state, agent.holds[contact.id].stage, agent.since = "connected", "connected", now
        agent.taken += 1
        self.file(agent)
        return self.done("connected", now - contact.since)

    def decline(self, offer: Offer, reason: str, *, now: int) -> Done | Refused:
        contact = self.contacts.get(offer.contact)
        wanted = "accepted" if reason == "failed" else "offered"
        if not contact:
            return Refused("late", ("none",))
        if contact.state != wanted or contact.generation != offer.generation:
            return Refused("late", (contact.state,))
        if offer.agent and offer.agent not in contact.agents:
            return Refused("late", (contact.state,))
        who = [self.agents[name] for name in ([offer.agent] if offer.agent else contact.agents)]
        gone = [agent for agent in who if self.declines(contact, agent, reason, now)]
        contact.declined = contact.declined[-REMEMBERED:]
        contact.prefer = ""
        for agent in gone:
            self.became_unable(agent, now)
        if not contact.agents:
            self.forget_offer(contact)
            self.forget(contact, "prefer")
            self.seek(contact, now)
        for agent in who:
            self.settle(agent, now)
        return self.done("declined", contact.state)

    def declines(self, contact: Waiter, agent: Person, reason: str, now: int) -> bool:
        """One agent's part; whether they missed so many that they are on break now."""
        contact.agents = [one for one in contact.agents if one != agent.id]
        contact.declined = [*(one for one in contact.declined if one != agent.id), agent.id]
        agent.holds.pop(contact.id)
        agent.since, agent.filed = now, None
        agent.misses += reason == "expired"
        limit = self.queues[contact.queue].misses
        if not limit or agent.misses < limit or agent.status != "available":
            return False
        agent.status, agent.misses = "on_break", 0
        return True

    def end(self, name: str, outcome: str, *, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact:
            return Refused("unknown")
        if contact.state != "connected":
            return Refused("refused", (contact.state,))
        self.finish(contact, outcome)
        self.wrap_up(contact, now)
        return self.done("ended", contact.agents[0])

    # ------------------------------------------------------------------ callbacks

    def promised(self, contact: Waiter, how: str, at_ms: int, now: int) -> None:
        contact.callback, contact.agents, contact.where = how, [], ""
        contact.place = contact.live_place + (LATER_MS if how == "later_today" else 0)
        self.forget(contact, "callback")
        if how != "keep_place" and at_ms:
            self.due[f"callback|{contact.id}|0"] = at_ms
        if how == "at_a_time":
            contact.state = "promised"
        else:
            self.seek(contact, now)

    def promise(self, name: str, how: str, *, at_ms: int, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact:
            return Refused("unknown")
        if contact.state not in {"waiting", "offered", "promised"}:
            return Refused("refused", (contact.state,))
        held_by = contact.agents
        self.forget_offer(contact)
        self.forget(contact, "overflow")
        self.withdraw(contact, held_by)
        self.promised(contact, how, at_ms, now)
        self.settle_all(held_by, now)
        return self.done("promised", contact.state)

    def resume(self, name: str, *, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact or self.due.get(f"callback|{name}|0", now + 1) > now:
            return Refused("not_due", (contact.state if contact else "none",))
        is_waiting = contact.where or contact.state == "promised"
        self.forget(contact, "callback")
        contact.place = contact.live_place
        if is_waiting:
            contact.where = ""
            self.seek(contact, now)
        return self.done("resumed", contact.state)

    def claim(self, name: str, *, claim_ms: int, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact:
            return Refused("unknown")
        if contact.state != "waiting" or not contact.callback:
            return Refused("refused", (contact.state,))
        contact.state, contact.where = "claimed", ""
        contact.generation += 1
        self.due[f"claim|{name}|{contact.generation}"] = now + claim_ms
        return self.done("claimed", contact.generation)

    def dialled(self, name: str, generation: int, result: str, *, at_ms: int, now: int) -> Done | Refused:
        contact = self.contacts.get(name)
        if not contact:
            return Refused("late", ("none",))
        is_again = contact.state == "accepted" and result == "again" and contact.callback
        if not (contact.state == "claimed" or is_again) or contact.generation != generation:
            return Refused("late", (contact.state,))
        held_by = contact.agents if contact.state == "accepted" else []
        self.due.pop(f"claim|{name}|{generation}", None)
        self.forget_offer(contact)
        self.withdraw(contact, held_by)
        if result == "again":
            self.promised(contact, "at_a_time", at_ms, now)
        else:
            if result == "answered":
                contact.callback = ""
                contact.place = contact.live_place
                self.forget(contact, "callback")
            self.seek(contact, now)
        self.settle_all(held_by, now)
        return self.done("dialled", contact.state)

    # ------------------------------------------------------------------ agents

    def sign_in(
        self, name: str, skills: dict[str, int], capacity: dict[str, int], over: set[tuple[str, str]], *, now: int
    ) -> Done | Refused:
        agent = self.agents.get(name)
        if agent and (agent.status != "offline" or agent.holds):
            return Refused("there", (agent.state,))
        self.agents[name] = Person(name, skills, capacity, over, now)
        return self.done("signed_in", "away")

    def set_skills(self, name: str, skills: dict[str, int], *, now: int) -> Done | Refused:
        agent = self.agents.get(name)
        if not agent or agent.status == "offline":
            return Refused("unknown")
        before, agent.skills, agent.filed = self.met(agent), skills, None
        self.note_empty([one for one in before if not self.signed_in(one)], now)
        if agent.status == "available":
            self.note_empty([one for one in before if not self.able(one)], now)
            self.reconsider(before, now)
            self.release_kept(agent, now)
        self.settle(agent, now)
        return self.done("refitted", agent.state)

    def set_status(self, name: str, status: str, *, now: int) -> Done | Refused:
        agent = self.agents.get(name)
        if not agent or agent.status == "offline":
            return Refused("unknown")
        was_able, is_able, was_ready = agent.status == "available", status == "available", agent.state == "ready"
        agent.status = status
        if (is_able and not was_able and not agent.holds) or (was_ready and not is_able):
            agent.since = now
        agent.filed = None
        withdrawn = self.let_go(agent, now) if status == "offline" else []
        for contact in withdrawn:
            self.forget_offer(contact)
            self.forget(contact, "prefer")
            self.seek(contact, now)
        if was_able and not is_able:
            self.became_unable(agent, now)
        if is_able:
            self.settle(agent, now)
        return self.done("set", agent.state)

    def let_go(self, agent: Person, now: int) -> list[Waiter]:
        """What a person who goes does not finish; the contacts that look for somebody else."""
        self.due.pop(f"presence|{agent.id}|0", None)
        alone = []
        for name, hold in list(agent.holds.items()):
            if hold.stage == "wrap_up":
                self.due.pop(f"wrap_up|{agent.id}|{name}.{hold.generation}", None)
                agent.holds.pop(name)
            elif hold.stage == "offered":
                agent.holds.pop(name)
                contact = self.contacts[name]
                contact.agents.remove(agent.id)
                contact.prefer = ""
                alone += [] if contact.agents else [contact]
        self.note_empty([one for one in self.met(agent) if not self.signed_in(one)], now)
        return alone

    def seen(self, name: str, *, absent_ms: int, now: int) -> Done | Refused:
        agent = self.agents.get(name)
        if not agent or agent.status == "offline":
            return Refused("unknown")
        self.due[f"presence|{name}|0"] = now + absent_ms
        return self.done("seen", agent.state)

    def finish_wrap_up(self, name: str, offer_id: str, *, now: int) -> Done | Refused:
        agent = self.agents.get(name)
        if not agent:
            return Refused("refused", ("none",))
        over = {
            contact: f"{contact}.{hold.generation}"
            for contact, hold in agent.holds.items()
            if hold.stage == "wrap_up" and offer_id in {"", f"{contact}.{hold.generation}"}
        }
        if not over:
            return Refused("refused", (agent.state,))
        for contact, offer in over.items():
            agent.holds.pop(contact)
            self.due.pop(f"wrap_up|{name}|{offer}", None)
        agent.since = now
        self.settle(agent, now)
        return self.done("freed", agent.state)

    # ------------------------------------------------------------------ deadlines

    def sweep_one(self, *, now: int) -> Done | Refused | None:
        """Do the first thing that is due; None when nothing is."""
        due = sorted((at_ms, member) for member, at_ms in self.due.items() if at_ms <= now)
        if not due:
            return None
        answer = self.happen(*due[0][1].split("|"), now=now)
        if isinstance(answer, Refused) and self.due.get(due[0][1], now + 1) <= now:
            del self.due[due[0][1]]
        return answer

    def happen(self, kind: str, name: str, generation: str, *, now: int) -> Done | Refused:
        match kind:
            case "offer" | "connect":
                reason = "expired" if kind == "offer" else "failed"
                return self.decline(Offer(name, "", int(generation)), reason, now=now)
            case "wrap_up":
                return self.finish_wrap_up(name, generation, now=now)
            case "claim":
                return self.dialled(name, int(generation), "expired", at_ms=0, now=now)
            case "presence":
                return self.set_status(name, "offline", now=now)
            case "release":
                return self.release_all(name, now=now)
            case "empty":
                return self.vacate(int(name))
        plain = {"relax": self.relax, "prefer": self.release, "overflow": self.overflow, "callback": self.resume}
        return plain[kind](name, now=now)

    def release_all(self, name: str, *, now: int) -> Done:
        agent = self.agents[name]
        if agent.status == "available":
            self.due.pop(f"release|{name}|0")
        else:
            self.release_kept(agent, now)
        return self.done("released", name)

    def vacate(self, number: int) -> Done:
        requirement = self.requirements[number]
        del self.due[f"empty|{number}|0"]
        left = 0
        waiting = [one for where in ("line", "aside") for one in self.standing(where, requirement)]
        for contact in waiting if not self.able(requirement) else []:
            rule = self.queues[contact.queue].leave_agents
            nobody = rule == "none_available" or (rule == "none_signed_in" and not self.signed_in(requirement))
            if nobody and not contact.callback:
                self.finish(contact, "nobody")
                left += 1
        return self.done("vacated", left)
