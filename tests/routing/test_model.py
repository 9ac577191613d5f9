"""The scripts decide as the model does: random histories, the same answers, partners, places and outcomes throughout.

``SOAK`` (``make soak``) multiplies the number of histories.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from routing import agents, callbacks, contacts, deadlines, offers, registry
from routing.answers import Done, Offer
from routing.checks import PROMISES
from routing.contacts import Contact
from routing.redis import Redis
from routing.registry import Policy
from routing.requirements import Requirement
from tests.routing.floor import SOAK
from tests.routing.model import Model
from tests.routing.stored import Stored, assert_nobody_waits_in_vain, assert_sound, read_stored
from tests.support.engine import flush

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


GROUP = "main"

HARD, EASY = Requirement({"billing": 5}), Requirement({"billing": 1})
ANYBODY = Requirement({})
SPANISH = Requirement({"billing": 1, "spanish": 3}, "most_skilled")
TURNS, FEWEST = Requirement({"billing": 2}, "round_robin"), Requirement({"billing": 2}, "fewest_contacts")
LEAST, ALL = Requirement({"billing": 1}, "least_skilled_first"), Requirement({}, "ring_all")
CHAT, ALL_CHATS = Requirement({}, channel="chat"), Requirement({}, "ring_all", channel="chat")
MAIL = Requirement({}, channel="mail")  # who does nothing else has a single line
REQUIREMENTS = (HARD, EASY, ANYBODY, SPANISH, TURNS, FEWEST, LEAST, ALL, CHAT, ALL_CHATS, MAIL)
QUEUES = {
    "billing": Policy(offer_ms=20_000, wrap_up_ms=15_000, misses=2, ring_most=3),
    "quick": Policy(wrap_up_ms=0, misses=0, ring_most=2, head_start_ms=30_000),
    "strict": Policy(
        join_agents="available_not_in_wrap_up", join_waiting=2, join_wait_ms=30_000, leave_agents="none_available",
        leave_wait_ms=50_000, joins_per_caller=3,
    ),
    "empty": Policy(join_agents="signed_in", leave_agents="none_signed_in"),
}  # fmt: skip

START_MS = 1_760_000_000_000
NAMES = [f"c{number}" for number in range(16)]
PEOPLE = ["ana", "bob", "cy", "di", "eve"]
WHICH = st.integers(0, 63)
LEVELS = st.integers(1, 10)
SKILLS = st.fixed_dictionaries({"billing": LEVELS}, optional={"spanish": LEVELS})
WANTED = st.sampled_from(REQUIREMENTS)
QUEUE = st.sampled_from(["billing", "billing", "quick", "quick", "strict", "empty"])
HOW = st.sampled_from(PROMISES)
PREFER = st.sampled_from(["", "", *PEOPLE])
RELAX = {HARD: ((10_000, EASY), (30_000, ANYBODY)), SPANISH: ((20_000, LEAST),), TURNS: ((5_000, ALL),)}
Room = tuple[dict[str, int], set[tuple[str, str]]]
VOICE_ONLY: Room = ({"voice": 1}, set())
ROOMS: tuple[Room, ...] = (
    VOICE_ONLY, VOICE_ONLY, VOICE_ONLY, ({"chat": 2}, set()), ({"voice": 1, "chat": 3}, {("voice", "chat")}),
    ({"voice": 1, "chat": 2}, set()), ({"voice": 2}, set()), ({"mail": 2}, set()),
)  # fmt: skip


class Histories(RuleBasedStateMachine):
    """One history, lived by both. Most of what happens happens to somebody to whom it can; some of it does not."""

    url = ""

    @initialize(
        skills=st.tuples(*[SKILLS] * 4), rooms=st.tuples(*[st.integers(0, len(ROOMS) - 1)] * 4), ready=st.integers(1, 4)
    )
    def begin(self, skills: tuple[dict[str, int], ...], rooms: tuple[int, ...], ready: int) -> None:
        self.runner = asyncio.Runner()
        self.redis = self.run(Redis.connect(self.url))
        self.run(flush(self.redis))
        self.run(registry.register(self.redis, GROUP, REQUIREMENTS, QUEUES, skills=["billing", "spanish"], now_ms=0))
        numbers = self.run(registry.read_registry(self.redis, GROUP)).requirements
        self.model = Model([numbers[number] for number in sorted(numbers)], QUEUES)
        self.now = START_MS
        self.open: list[Offer] = []
        self.told: Counter[str] = Counter()
        for number, (known, room) in enumerate(zip(skills, rooms, strict=True)):
            self.sign_in(number, known, room)
            if number < ready:
                self.set_status(number, "available")

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def same(self, found: Any, expected: Any) -> None:
        """Both answered the same; offers are remembered, to be answered later or too late."""
        assert found == expected
        self.told[found.tag if isinstance(found, Done) else "refused"] += 1
        if isinstance(found, Done):
            self.open = [*found.offers, *self.open][:8]

    def contact(self, which: int, *states: str) -> str:
        """A contact in one of these states; sometimes, and when there is none, any."""
        fitting = sorted(name for name, one in self.model.contacts.items() if one.state in states)
        return fitting[which % len(fitting)] if fitting and which % 9 != 8 else NAMES[which % len(NAMES)]

    def agent(self, which: int, *states: str) -> str:
        fitting = sorted(name for name, one in self.model.agents.items() if one.state in states)
        return fitting[which % len(fitting)] if fitting and which % 9 != 8 else PEOPLE[which % len(PEOPLE)]

    def offer(self, which: int, state: str) -> Offer:
        """An offer in this state; sometimes, and when there is none, an older one."""
        fitting = [
            Offer(one.id, agent, one.generation)
            for _, one in sorted(self.model.contacts.items())
            for agent in one.agents
            if one.state == state
        ]
        if fitting and which % 5 != 4:
            return fitting[which % len(fitting)]
        return self.open[which % len(self.open)] if self.open else Offer("c0", "ana", 1)

    @rule(ms=st.sampled_from([1, 500, 5_000, 15_000, 20_000, 40_000]))
    def time_goes_by(self, ms: int) -> None:
        self.now += ms
        for _ in range(40):
            expected = self.model.sweep_one(now=self.now)
            found = self.run(deadlines.sweep(self.redis, GROUP, now_ms=self.now, most=1))
            assert found == ([expected] if isinstance(expected, Done) else [])
            self.told.update(f"due {one.tag}" for one in found)
            self.open = [*(offer for one in found for offer in one.offers), *self.open][:8]
            if expected is None:
                return

    @rule(ms=st.sampled_from([1, 3_000]))
    def nobody_sweeps_for_a_while(self, ms: int) -> None:
        self.now += ms

    @rule(
        which=WHICH, queue=QUEUE, wanted=WANTED, priority=st.sampled_from([0, 0, 1, 3, -1]), prefer=PREFER,
        caller=st.sampled_from(["", "+1", "+2"]), relaxes=st.booleans(), goes_on=st.booleans(),
        overflow_ms=st.sampled_from([0, 0, 8_000, 45_000]), return_ms=st.sampled_from([0, 90_000]),
        ago=st.sampled_from([0, 0, 3_000]),
    )  # fmt: skip
    def join(
        self, which: int, queue: str, wanted: Requirement, priority: int, prefer: str, caller: str, relaxes: bool,
        overflow_ms: int, goes_on: bool, return_ms: int, ago: int,
    ) -> None:  # fmt: skip
        to = ("billing", ANYBODY if wanted.channel == "voice" else CHAT) if goes_on and overflow_ms else None
        contact = Contact(
            self.newcomer(which), queue, wanted, caller, priority, prefer, 20_000 if prefer else 0,
            RELAX.get(wanted, ()) if relaxes else (), overflow_ms, to, return_ms, self.now - ago,
        )  # fmt: skip
        found = self.run(contacts.join(self.redis, GROUP, contact, now_ms=self.now))
        self.same(found, self.model.join(contact, now=self.now))

    @rule(which=WHICH, wanted=WANTED)
    def join_plainly(self, which: int, wanted: Requirement) -> None:
        self.join(which, "billing", wanted, 0, "", "", False, 0, False, 0, 0)

    def newcomer(self, which: int) -> str:
        free = [name for name in NAMES if name not in self.model.contacts or self.model.contacts[name].state == "ended"]
        return free[which % len(free)] if free and which % 9 != 8 else NAMES[which % len(NAMES)]

    @rule(which=WHICH, wanted=WANTED, how=HOW, soon=st.sampled_from([0, 1, 7_000, 60_000]))
    def join_to_be_called(self, which: int, wanted: Requirement, how: str, soon: int) -> None:
        at_ms = self.now + soon if soon else 0
        contact = Contact(self.newcomer(which), "strict", wanted, callback=how, callback_ms=at_ms)
        found = self.run(contacts.join(self.redis, GROUP, contact, now_ms=self.now))
        self.same(found, self.model.join(contact, now=self.now))

    @rule(which=WHICH, outcome=st.sampled_from(["abandoned", "voicemail"]))
    def leave(self, which: int, outcome: str) -> None:
        name = self.contact(which, "waiting", "offered", "accepted", "promised", "claimed")
        found = self.run(contacts.leave(self.redis, GROUP, name, outcome, now_ms=self.now))
        self.same(found, self.model.leave(name, outcome, now=self.now))

    @rule(which=WHICH, queue=st.sampled_from(["billing", "quick", "none"]), wanted=WANTED, prefer=PREFER)
    def transfer(self, which: int, queue: str, wanted: Requirement, prefer: str) -> None:
        name = self.contact(which, "waiting", "offered", "accepted", "connected", "connected")
        found = self.run(
            contacts.transfer(self.redis, GROUP, name, queue, wanted, prefer=prefer, prefer_ms=9_000, now_ms=self.now)
        )
        self.same(found, self.model.transfer(name, queue, wanted, prefer=prefer, prefer_ms=9_000, now=self.now))

    @rule(which=WHICH, priority=st.integers(-2, 4))
    def reprioritise(self, which: int, priority: int) -> None:
        name = self.contact(which, "waiting")
        found = self.run(contacts.reprioritise(self.redis, GROUP, name, priority, now_ms=self.now))
        self.same(found, self.model.reprioritise(name, priority))

    @rule(which=WHICH, how=HOW, soon=st.sampled_from([1, 7_000, 20_000]))
    def promise(self, which: int, how: str, soon: int) -> None:
        name, at_ms = self.contact(which, "waiting", "offered", "promised"), self.now + soon
        found = self.run(callbacks.promise(self.redis, GROUP, name, how, at_ms=at_ms, now_ms=self.now))
        self.same(found, self.model.promise(name, how, at_ms=at_ms, now=self.now))

    @rule(which=WHICH)
    def claim(self, which: int) -> None:
        promised = sorted(name for name, one in self.model.contacts.items() if one.callback and one.state == "waiting")
        name = promised[which % len(promised)] if promised else self.contact(which, "waiting")
        found = self.run(callbacks.claim(self.redis, GROUP, name, claim_ms=30_000, now_ms=self.now))
        self.same(found, self.model.claim(name, claim_ms=30_000, now=self.now))

    @rule(which=WHICH, result=st.sampled_from(callbacks.RESULTS), soon=st.integers(1, 30_000))
    def dialled(self, which: int, result: str, soon: int) -> None:
        name, at_ms = self.contact(which, "claimed", "accepted"), self.now + soon
        known = self.model.contacts.get(name)
        generation = (known.generation if known else 0) - (which % 7 == 0)
        found = self.run(callbacks.dialled(self.redis, GROUP, name, generation, result, at_ms=at_ms, now_ms=self.now))
        self.same(found, self.model.dialled(name, generation, result, at_ms=at_ms, now=self.now))

    @rule(which=WHICH)
    def accept(self, which: int) -> None:
        offer = self.offer(which, "offered")
        found = self.run(offers.accept(self.redis, GROUP, offer, now_ms=self.now))
        self.same(found, self.model.accept(offer, now=self.now))

    @rule(which=WHICH, reason=st.sampled_from(["declined", "declined", "expired", "failed"]))
    def decline(self, which: int, reason: str) -> None:
        offer = self.offer(which, "accepted" if reason == "failed" else "offered")
        found = self.run(offers.decline(self.redis, GROUP, offer, reason, now_ms=self.now))
        self.same(found, self.model.decline(offer, reason, now=self.now))

    @rule(which=WHICH)
    def connect(self, which: int) -> None:
        offer = self.offer(which, "accepted")
        found = self.run(offers.connect(self.redis, GROUP, offer, now_ms=self.now))
        self.same(found, self.model.connect(offer, now=self.now))

    @rule(which=WHICH)
    def end(self, which: int) -> None:
        name = self.contact(which, "connected")
        found = self.run(offers.end(self.redis, GROUP, name, now_ms=self.now))
        self.same(found, self.model.end(name, "handled", now=self.now))

    @rule(which=WHICH, skills=SKILLS, room=st.integers(0, len(ROOMS) - 1))
    def sign_in(self, which: int, skills: dict[str, int], room: int) -> None:
        here = {name for name, one in self.model.agents.items() if one.status != "offline"}
        away = [name for name in PEOPLE if name not in here]
        who = away[which % len(away)] if away and which % 9 != 8 else PEOPLE[which % len(PEOPLE)]
        capacity, over = ROOMS[room]
        found = self.run(agents.sign_in(self.redis, GROUP, who, skills, capacity=capacity, over=over, now_ms=self.now))
        self.same(found, self.model.sign_in(who, skills, capacity, over, now=self.now))

    @rule(
        which=WHICH, status=st.sampled_from(["available", "available", "available", "available", "on_break", "offline"])
    )
    def set_status(self, which: int, status: str) -> None:
        who = self.agent(which, "away") if status == "available" else PEOPLE[which % len(PEOPLE)]
        found = self.run(agents.set_status(self.redis, GROUP, who, status, now_ms=self.now))
        self.same(found, self.model.set_status(who, status, now=self.now))

    @rule(which=WHICH, skills=SKILLS)
    def set_skills(self, which: int, skills: dict[str, int]) -> None:
        who = PEOPLE[which % len(PEOPLE)]
        found = self.run(agents.set_skills(self.redis, GROUP, who, skills, now_ms=self.now))
        self.same(found, self.model.set_skills(who, skills, now=self.now))

    @rule(which=WHICH)
    def finish_wrap_up(self, which: int) -> None:
        who = self.agent(which, "wrap_up")
        found = self.run(agents.finish_wrap_up(self.redis, GROUP, who, now_ms=self.now))
        self.same(found, self.model.finish_wrap_up(who, "", now=self.now))

    @rule(which=WHICH)
    def seen(self, which: int) -> None:
        who = PEOPLE[which % len(PEOPLE)]
        found = self.run(agents.seen(self.redis, GROUP, who, absent_ms=30_000, now_ms=self.now))
        self.same(found, self.model.seen(who, absent_ms=30_000, now=self.now))

    @invariant()
    def all_is_as_the_model_has_it(self) -> None:
        if hasattr(self, "model"):
            stored = self.run(read_stored(self.redis, GROUP))
            assert contacts_of(stored) == contacts_as_modelled(self.model)
            assert agents_of(stored) == agents_as_modelled(self.model)
            assert {name: int(at_ms) for name, at_ms in stored.sets.get("due", [])} == self.model.due
            assert_sound(stored)
            assert_nobody_waits_in_vain(stored)

    def teardown(self) -> None:
        if hasattr(self, "redis"):
            self.run(self.redis.close())
            self.runner.close()


def contacts_of(stored: Stored) -> dict[str, tuple[object, ...]]:
    return {
        name: (
            *(one["state"], one["queue"], stored.requirements[one["req"]], int(one["place"]), int(one["since"])),
            *(one.get("agent", ""), int(one["gen"]), one.get("declined", ""), one.get("prefer", "")),
            *(one.get("where", ""), one.get("callback", ""), one.get("outcome", "")),
        )
        for name, one in stored.contacts.items()
    }


def contacts_as_modelled(model: Model) -> dict[str, tuple[object, ...]]:
    return {
        name: (
            *(one.state, one.queue, one.requirement, one.place, one.since, ",".join(one.agents), one.generation),
            *(",".join(one.declined), one.prefer, one.where, one.callback, one.outcome),
        )
        for name, one in model.contacts.items()
    }


def agents_of(stored: Stored) -> dict[str, tuple[object, ...]]:
    return {
        name: (
            *(one["state"], one["status"], int(one["since"]), int(one["misses"]), int(one["taken"])),
            *(int(one["offered"] or 0), sorted(stored.holds(name))),
        )
        for name, one in stored.agents.items()
    }


def agents_as_modelled(model: Model) -> dict[str, tuple[object, ...]]:
    return {
        name: (
            *(one.state, one.status, one.since, one.misses, one.taken, one.offered),
            sorted((contact, hold.channel, hold.stage, str(hold.generation)) for contact, hold in one.holds.items()),
        )
        for name, one in model.agents.items()
    }


def test_random_histories_are_lived_alike(redis_url: str) -> None:
    """Whatever happens in whatever order, the scripts and the plain rules agree on all of it, step by step."""

    class Here(Histories):
        url = redis_url

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25 * SOAK, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_long_histories_of_a_busy_day_are_lived_alike(redis_url: str) -> None:
    """Thousands of steps, each likely where it stands: everything that can happen does, and both agree on all of it."""
    told: Counter[str] = Counter()
    for seed in range(4 * SOAK):
        random = Random(seed)
        told += live(random, 600, redis_url)
    rare = {tag: told[tag] for tag in WORTH_LIVING if told[tag] < 3}

    assert not rare, told


def live(random: Random, steps: int, url: str) -> Counter[str]:
    """One history, drawn by weight; what it came to."""
    history = Histories()
    history.url = url
    skills = tuple({"billing": random.randint(1, 10), "spanish": random.randint(1, 10)} for _ in range(4))
    history.begin(skills, tuple(random.randrange(len(ROOMS)) for _ in range(4)), 4)
    try:
        for _ in range(steps):
            name = random.choices(list(LIKELY), list(LIKELY.values()))[0]
            getattr(history, name)(**{word: draw(random) for word, draw in DRAWS[name].items()})
            history.all_is_as_the_model_has_it()
    finally:
        history.teardown()
    return history.told


LIKELY = {
    "join_plainly": 16, "join": 14, "accept": 14, "connect": 12, "end": 10, "decline": 8, "set_status": 8, "sign_in": 2,
    "time_goes_by": 8, "nobody_sweeps_for_a_while": 2, "leave": 3, "transfer": 3, "reprioritise": 1, "promise": 2,
    "claim": 2, "dialled": 3, "join_to_be_called": 1, "set_skills": 2, "finish_wrap_up": 6, "seen": 1,
}  # fmt: skip
which = {"which": lambda random: random.randrange(64)}
DRAWS: dict[str, dict[str, Callable[[Random], Any]]] = {
    "time_goes_by": {"ms": lambda random: random.choice([1, 500, 5_000, 5_000, 20_000])},
    "nobody_sweeps_for_a_while": {"ms": lambda random: random.choice([1, 3_000])},
    "join_plainly": which | {"wanted": lambda random: random.choice(REQUIREMENTS)},
    "join": which | {
        "queue": lambda random: random.choice(["billing", "quick", "strict", "empty"]),
        "wanted": lambda random: random.choice([HARD, SPANISH, TURNS, *REQUIREMENTS]),
        "priority": lambda random: random.choice([0, 0, 1, -1]),
        "prefer": lambda random: random.choice(["", "", *PEOPLE]),
        "caller": lambda random: random.choice(["", "+1", "+2"]),
        "relaxes": lambda random: random.random() < 0.7,
        "overflow_ms": lambda random: random.choice([0, 0, 8_000, 45_000]),
        "goes_on": lambda random: random.random() < 0.5,
        "return_ms": lambda random: random.choice([0, 90_000]),
        "ago": lambda random: random.choice([0, 0, 3_000]),
    },
    "join_to_be_called": which | {
        "wanted": lambda random: random.choice(REQUIREMENTS),
        "how": lambda random: random.choice(PROMISES),
        "soon": lambda random: random.choice([0, 1, 7_000, 60_000]),
    },
    "leave": which | {"outcome": lambda random: random.choice(["abandoned", "voicemail"])},
    "transfer": which | {
        "queue": lambda random: random.choice(["billing", "quick", "none"]),
        "wanted": lambda random: random.choice(REQUIREMENTS),
        "prefer": lambda random: random.choice(["", "", *PEOPLE]),
    },
    "reprioritise": which | {"priority": lambda random: random.randint(-2, 4)},
    "promise": which | {
        "how": lambda random: random.choice(PROMISES),
        "soon": lambda random: random.choice([1, 7_000, 20_000]),
    },
    "claim": which,
    "dialled": which | {
        "result": lambda random: random.choice(callbacks.RESULTS),
        "soon": lambda random: random.randint(1, 30_000),
    },
    "accept": which,
    "decline": which | {"reason": lambda random: random.choice(["declined", "declined", "expired", "failed"])},
    "connect": which,
    "end": which,
    "sign_in": which | {
        "skills": lambda random: {"billing": random.randint(1, 10)},
        "room": lambda random: random.randrange(len(ROOMS)),
    },
    "set_status": which | {
        "status": lambda random: random.choice(["available"] * 5 + ["on_break", "offline"]),
    },
    "set_skills": which | {
        "skills": lambda random: {"billing": random.randint(3, 10), "spanish": random.randint(1, 10)},
    },
    "finish_wrap_up": which,
    "seen": which,
}  # fmt: skip
WORTH_LIVING = (
    "joined", "left", "accepted", "connected", "declined", "ended", "freed", "transferred", "moved", "promised",
    "claimed", "dialled", "set", "signed_in", "refitted", "seen", "refused", "due declined", "due freed", "due relaxed",
    "due released", "due overflowed", "due resumed", "due vacated",
)  # fmt: skip
