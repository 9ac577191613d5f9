"""``queues`` of ``center.yaml``: what holds for all callers of a queue.

What decides *between* callers stands here, and is the live program's for all of them; what one call asks for stands in
its ``queue`` step, and what a step leaves out (``require``, ``relax``, ``overflow``) is taken from here. An author may
leave out all of it:

=====================  ==================  ==============================================================
option                 without it          source
=====================  ==================  ==============================================================
group                  main                routing's own
strategy               longest_idle        TaskRouter, FreeSWITCH
service_level          80% in 20s          the common goal (callcentrehelper.com)
wrap_up                15s                 Asterisk's sample
head_start             60s                 a minute for each point of priority
offer                  20s                 Asterisk 15 s, and Genesys 7 to 59 s
misses_before_break    3                   FreeSWITCH mod_callcenter's sample
announce.position      when improved       Asterisk ``announce-position-only-up``
announce.wait          every 90s           Asterisk's sample
announce.every         30s                 half of Asterisk's comfort messages: silence makes callers hang up
callbacks.promises     all three
callbacks.attempts     3                   get2dial, mailroom
callbacks.spacing      15m                 Exotel: 30 to 60 min; a queue's day is shorter
callbacks.delay        10s                 Connect: let the caller hang up first
callbacks.machine      retry               a mailbox is not the customer
callbacks.slot         30m                 half-hour appointments
join_when.agents       signed_in           nobody is queued for people who are not there
leave_when.agents      never               Asterisk ``leavewhenempty=no``
closing                serve               whoever was let in is served
=====================  ==================  ==============================================================

``overflow``, ``hours``, ``waiting`` and ``wait`` of ``join_when`` and ``leave_when`` are off unless given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows import terms
from flows.center.waiting import (
    ANNOUNCE,
    CALLBACKS,
    DAY_S,
    JOIN_WHEN,
    LEAVE_WHEN,
    Announce,
    Callbacks,
    JoinWhen,
    LeaveWhen,
    read_announce,
    read_callbacks,
    read_join_when,
    read_leave_when,
)
from flows.form import NAME, Form, Reading, items
from flows.shapes import Choice, Duration, Fields, Options, Table, Whole, Word
from flows.terms import ANYBODY, Needs, note_asked, read_needs

if TYPE_CHECKING:
    from flows.source import Node

STRATEGIES = (
    "longest_idle", "most_skilled", "least_skilled_first", "round_robin", "fewest_contacts", "ring_all",
)  # fmt: skip
CLOSINGS = ("serve", "overflow", "callback")
MAX_QUEUES = 1_000
SERVICE_LEVEL = re.compile(r"(\d{1,3})% in (\d{1,4})s")
OVERFLOW_AFTER = {"after": Duration("How long a caller waits at most.", default_s=600, least_s=1, most_s=DAY_S)}
OPTIONS = {
    "group": Word("The group of agents that shares its work with other queues; else `main`."),
    "strategy": Choice("Which of the ready agents gets the call.", words=STRATEGIES),
    "service_level": Word("The goal, such as `80% in 20s`."),
    "wrap_up": Duration("How long an agent gets no call after one.", default_s=15, least_s=0, most_s=3_600),
    "head_start": Duration("What a point of priority is worth.", default_s=60, least_s=0, most_s=3_600),
    "offer": Duration("How long an agent has to answer.", default_s=20, least_s=5, most_s=120),
    "misses_before_break": Whole("After how many missed calls an agent is on break.", default=3, least=1, most=99),
    "require": terms.OPTIONS["require"],
    "relax": terms.OPTIONS["relax"],
    "hours": Word("The calendar in which it is open; else always."),
    "announce": Fields("What is heard while waiting.", options=ANNOUNCE),
    "callbacks": Fields("What may be promised, and how customers are rung.", options=CALLBACKS),
    "overflow": Fields("When waiting ends.", options=OVERFLOW_AFTER),
    "closing": Choice("What becomes of those who still wait when the hours end.", words=CLOSINGS),
    "join_when": Fields("Who may join.", options=JOIN_WHEN),
    "leave_when": Fields("Who must leave.", options=LEAVE_WHEN),
}
QUEUES = Table("Each queue with its options; `{}` for none.", each=Fields(options=OPTIONS), key=f"^{NAME.pattern}$")


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """The goal: ``share`` (from 0 to 1) of the calls answered within ``within_s`` seconds."""

    share: float = 0.8
    within_s: int = 20


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue; ``overflow_s`` None never overflows, ``hours`` None is always open."""

    name: str
    group: str = "main"
    strategy: str = "longest_idle"
    service_level: ServiceLevel = ServiceLevel()
    wrap_up_s: int = 15
    head_start_s: int = 60
    offer_s: int = 20
    misses_before_break: int = 3
    needs: Needs = ANYBODY
    hours: str | None = None
    announce: Announce = field(default_factory=Announce)
    callbacks: Callbacks = field(default_factory=Callbacks)
    overflow_s: int | None = None
    closing: str = "serve"
    join_when: JoinWhen = field(default_factory=JoinWhen)
    leave_when: LeaveWhen = field(default_factory=LeaveWhen)


def read_skills(form: Form) -> tuple[str, ...]:
    """``skills``: the names that a requirement may hold."""
    node = form.value("skills")
    found: list[str] = []
    for item in items(node):
        name = form.reading.word(item, "the name of a skill")
        if name in found:
            form.reading.problem(item, f'"{name}" is listed twice', "bad-value")
        elif name and _is_name(form.reading, item, name, "a skill"):
            found.append(name)
    return tuple(found)


def read_queues(form: Form) -> dict[str, Queue]:
    """``queues``, by name; the form's reading knows languages, voices, skills and hours already."""
    mapping = form.reading.mapping(form.value("queues"), "a map of queues")
    found: dict[str, Queue] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        _is_name(form.reading, key, key.text, "a queue")
        options = form.reading.mapping(value, "a map of the queue's options, or {}")
        found[key.text] = Queue(key.text) if options is None else _queue(Form(form.reading, options, OPTIONS), key.text)
    if mapping is not None and len(found) > MAX_QUEUES:
        form.reading.problem(mapping, f"a centre has at most {MAX_QUEUES:,} queues", "bad-value")
    return found


def _is_name(reading: Reading, node: Node, name: str, what: str) -> bool:
    if NAME.fullmatch(name) and name not in reading.center.languages:
        return True
    reading.problem(node, f'"{name[:60]}" cannot name {what}; use small letters, digits and _', "bad-name")
    return False


def _queue(form: Form, name: str) -> Queue:
    needs = read_needs(form, ANYBODY)
    note_asked(form.reading, name, needs)
    return Queue(
        name,
        group=_group(form),
        strategy=form.choice("strategy"),
        service_level=_service_level(form),
        wrap_up_s=form.duration("wrap_up"),
        head_start_s=form.duration("head_start"),
        offer_s=form.duration("offer"),
        misses_before_break=form.whole("misses_before_break"),
        needs=needs,
        hours=_hours(form),
        announce=read_announce(form),
        callbacks=read_callbacks(form),
        overflow_s=read_overflow(form, OVERFLOW_AFTER)[1],
        closing=form.choice("closing"),
        join_when=read_join_when(form),
        leave_when=read_leave_when(form),
    )


def _group(form: Form) -> str:
    node, name = form.value("group"), form.word("group", "the name of a group")
    if node is not None and name:
        _is_name(form.reading, node, name, "a group")
    return name or "main"


def _service_level(form: Form) -> ServiceLevel:
    node, given = form.value("service_level"), form.word("service_level", "a goal such as 80% in 20s")
    match = SERVICE_LEVEL.fullmatch(given)
    if match and 1 <= int(match[1]) <= 100 and int(match[2]) >= 1:
        return ServiceLevel(int(match[1]) / 100, int(match[2]))
    if node is not None and given:
        form.reading.problem(node, f'"{given[:60]}" is not a goal; write it as 80% in 20s', "bad-value")
    return ServiceLevel()


def _hours(form: Form) -> str | None:
    node, name = form.value("hours"), form.word("hours", "the name of some hours")
    if node is None or not name:
        return None
    form.reading.refer("hours", node, name)
    return name


def read_overflow(form: Form, options: Options) -> tuple[Form | None, int | None]:
    """``overflow: {after: 10m}`` with what else it may have; the seconds, None without it."""
    mapping = form.reading.mapping(form.value("overflow"), "a map with after, such as {after: 10m}")
    if mapping is None:
        return None, None
    option = Form(form.reading, mapping, options)
    if option.value("after") is None:
        return option, None
    return option, option.duration("after")
