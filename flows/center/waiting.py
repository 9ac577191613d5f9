"""How callers wait in a queue: what they hear, what may be promised to them, who may join and who must leave.

The defaults and where they come from are listed in ``queues.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.form import Form, items, words
from flows.problems import did_you_mean
from flows.shapes import Choice, Duration, Items, Options, Whole, Word, prompt
from flows.text import SILENT, Prompt, read_prompt, read_recordings

PROMISES = ("keep_place", "later_today", "at_a_time")
MOST_MESSAGES = 10  # Asterisk: periodic-announce
MOST_WAITING = 100_000
DAY_S = 86_400
TOLD = re.compile(r"(never|once|when improved|every (?P<every>\d{1,4})s)")
LEAST_EVERY_S = 15  # Asterisk: min-announce-frequency
TOLD_WHEN = "`never`, `once`, `when improved`, or `every 90s`"
ANNOUNCE = {
    "position": Word(f"When the place in the line is told: {TOLD_WHEN}."),
    "wait": Word(f"When the estimated wait is told: {TOLD_WHEN}."),
    "every": Duration("How far apart the messages are.", default_s=30, least_s=LEAST_EVERY_S, most_s=3_600),
    "messages": Items("What is said in turn.", each=prompt("")),
    "music": Items("The recording that is played, or a list of them.", each=Word()),
}
CALLBACKS = {
    "promises": Items("What may be promised: keep_place, later_today, at_a_time.", each=Word()),
    "attempts": Whole("How often the customer is rung.", default=3, least=1, most=10),
    "spacing": Duration("How far apart the attempts are.", default_s=900, least_s=60, most_s=DAY_S),
    "delay": Duration("How soon the first one is.", default_s=10, least_s=0, most_s=600),
    "machine": Choice("What an answering machine counts as.", words=("retry", "reached")),
    "slot": Duration("How long the time lasts that is promised.", default_s=1_800, least_s=300, most_s=DAY_S),
}
WAIT = Duration("The longest estimate.", default_s=DAY_S, least_s=1, most_s=DAY_S)
JOIN_WHEN = {
    "agents": Choice("Which agents have to be there.", words=("signed_in", "available", "any")),
    "waiting": Whole("Fewer than so many wait.", default=1, least=1, most=MOST_WAITING),
    "wait": WAIT,
}
LEAVE_WHEN = {
    "agents": Choice("When who waits has to leave.", words=("never", "none_signed_in", "none_available")),
    "wait": WAIT,
}


@dataclass(frozen=True, slots=True)
class Told:
    """When something is told to who waits: ``never``, ``once``, ``when improved``, or ``every`` so many seconds."""

    how: str
    every_s: int = 0


@dataclass(frozen=True, slots=True)
class Announce:
    """What is heard while waiting: place and estimate, a message in turn ``every_s`` seconds, and music between."""

    position: Told = Told("when improved")
    wait: Told = Told("every", 90)
    every_s: int = 30
    messages: tuple[Prompt, ...] = ()
    music: Prompt = SILENT


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What may be promised, and how often, how far apart and how soon the customer is rung.

    ``machine`` says what an answering machine counts as: ``retry`` or ``reached``; ``slot_s`` is how long the time
    lasts that is promised.
    """

    promises: tuple[str, ...] = PROMISES
    attempts: int = 3
    spacing_s: int = 900
    delay_s: int = 10
    machine: str = "retry"
    slot_s: int = 1_800


@dataclass(frozen=True, slots=True)
class JoinWhen:
    """A caller may join while ``agents`` are there (``signed_in``, ``available``, or ``any`` number, even none), fewer
    than ``waiting`` wait and the estimate is below ``wait_s``. Else the step is left by ``nobody``, ``full`` or
    ``too_long``."""

    agents: str = "signed_in"
    waiting: int | None = None
    wait_s: int | None = None


@dataclass(frozen=True, slots=True)
class LeaveWhen:
    """A caller leaves by ``nobody`` when agents are ``none_signed_in`` or ``none_available``, and by ``too_long`` when
    the estimate is above ``wait_s``."""

    agents: str = "never"
    wait_s: int | None = None


def _part(form: Form, name: str, what: str, options: Options) -> Form | None:
    mapping = form.reading.mapping(form.value(name), what)
    return None if mapping is None else Form(form.reading, mapping, options)


def read_announce(form: Form) -> Announce:
    """``announce``: what is heard while waiting."""
    option = _part(form, "announce", "a map of what is heard", ANNOUNCE)
    default = Announce()
    if option is None:
        return default
    messages = items(option.value("messages"))
    if len(messages) > MOST_MESSAGES:
        option.reading.problem(messages[MOST_MESSAGES], f"at most {MOST_MESSAGES} messages take turns", "bad-value")
    music = option.value("music")
    return Announce(
        position=_told(option, "position", default.position),
        wait=_told(option, "wait", default.wait),
        every_s=option.duration("every"),
        messages=tuple(read_prompt(form.reading, one) for one in messages[:MOST_MESSAGES]),
        music=default.music if music is None else read_recordings(form.reading, music),
    )


def _told(form: Form, name: str, default: Told) -> Told:
    node, given = form.value(name), form.word(name, "never, once, when improved, or every 90s")
    if node is None or not given:
        return default
    match = TOLD.fullmatch(given)
    every = match["every"] if match else None
    if match and every is None:
        return Told(given)
    if every is not None and int(every) >= LEAST_EVERY_S:
        return Told("every", int(every))
    message = f"never, once, when improved, or every 90s is needed here; not more often than {LEAST_EVERY_S}s"
    form.reading.problem(node, message, "bad-value")
    return default


def read_callbacks(form: Form) -> Callbacks:
    """``callbacks``: what may be promised."""
    option = _part(form, "callbacks", "a map of the callbacks' options", CALLBACKS)
    if option is None:
        return Callbacks()
    return Callbacks(
        promises=_promises(option),
        attempts=option.whole("attempts"),
        spacing_s=option.duration("spacing"),
        delay_s=option.duration("delay"),
        machine=option.choice("machine"),
        slot_s=option.duration("slot"),
    )


def _promises(form: Form) -> tuple[str, ...]:
    node = form.value("promises")
    if node is None:
        return PROMISES
    found = words(form.reading, node, f"one of {', '.join(PROMISES)}")
    for name in found:
        if name not in PROMISES:
            hint = did_you_mean(name, PROMISES) or f"; one of {', '.join(PROMISES)}"
            form.reading.problem(node, f'nothing to promise is named "{name[:60]}"{hint}', "bad-value")
    return found


def read_join_when(form: Form) -> JoinWhen:
    """``join_when``: who may join."""
    option = _part(form, "join_when", "a map of conditions", JOIN_WHEN)
    if option is None:
        return JoinWhen()
    waiting, wait = option.value("waiting"), option.value("wait")
    return JoinWhen(
        agents=option.choice("agents"),
        waiting=None if waiting is None else option.whole("waiting"),
        wait_s=None if wait is None else option.duration("wait"),
    )


def read_leave_when(form: Form) -> LeaveWhen:
    """``leave_when``: who must leave."""
    option = _part(form, "leave_when", "a map of conditions", LEAVE_WHEN)
    if option is None:
        return LeaveWhen()
    wait = option.value("wait")
    return LeaveWhen(
        agents=option.choice("agents"),
        wait_s=None if wait is None else option.duration("wait"),
    )
