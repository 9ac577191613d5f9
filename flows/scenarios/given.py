"""What a scenario takes as given: who calls and when, and how the world answers.

What is left out is as plain as can be: a Monday at ten, a caller whom nobody knows, no closure, queues that take the
caller in and of which nothing is known, messages that arrive. How other systems answer (``http``, ``lookup``) has no
default: a flow that asks for what is not given fails the scenario.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from flows.center import E164
from flows.form import NAME, Form, items, whole
from flows.problems import did_you_mean, listed
from flows.scope import CUSTOMER, QUEUE
from flows.shapes import Blank, Choice, Duration, Either, Fields, Flag, Items, Shape, Table, Whole, Word, text
from flows.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from flows.form import Reading
    from flows.program import Program
    from flows.source import Node

CALLER = "+12025550143"
CALLED = "+12025550100"  # where a centre without numbers is called
AT = datetime(2026, 3, 2, 10, 0)  # noqa: DTZ001 - a Monday on the centre's own clock
WITHHELD = "withheld"
SENT = ("sent", "refused", "not_mobile", "failed", "unknown")
PROMISED = ("promised", "refused", "unavailable")
JOINS = ("joined", "nobody", "full", "too_long", "closed", "unavailable")
FAILURES = ("timeout", "failed", "refused", "unknown")
NOT_FOUND, CLOSED = "not_found", "closed"
METHODS = "GET HEAD POST PUT PATCH DELETE"
PATTERN = re.compile(rf"(?:(?P<method>{METHODS.replace(' ', '|')}) +)?(?P<url>\S.*)")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
WORDS_OF_JSON: dict[str, Any] = {"true": True, "false": False, "null": None}
LONGEST_S = 3_600
MAX_REPLIES = 500
STATUS = Whole("The status.", default=200, least=100, most=599)
PROMISES = Whole("How many callbacks are promised.", least=0, most=999)
FIGURE = Whole(least=0, most=999_999)
FACTS = {name: PROMISES if name == "promises" else Items(each=Word()) for name in CUSTOMER if name != "known"}
CLOSURE = {"until": Word("When it opens again, such as 14:00."), "say": text("What callers are told.")}
FIGURES = dict.fromkeys((*QUEUE, "position"), FIGURE)
JOIN = Choice("What becomes of a caller who joins.", words=JOINS)
REPLY = {
    "status": STATUS,
    "body": Shape("The body, as JSON."),
    "after": Duration("How late it comes.", least_s=0, most_s=LONGEST_S),
}
CUSTOMER_FACTS = Either(shapes=(Word(), Fields(options=FACTS)))
OPTIONS = {
    "caller": Word("The number of who calls, or `withheld`."),
    "called": Word("The number that is called."),
    "flow": Word("The flow that the call begins in; else that of the number."),
    "at": Word("When, on the centre's clock, such as `2026-03-02 10:00`."),
    "language": Word("The language in which the call begins."),
    "customer": Either("What is known of who calls, or `unknown`.", shapes=CUSTOMER_FACTS.shapes),
    "hours": Table("Calendars closed by hand.", each=Either(shapes=(Blank(), Fields(options=CLOSURE)))),
    "queues": Table("How each queue stands.", each=Fields(options={**FIGURES, "join": JOIN})),
    "http": Table(
        "How each address answers; several answers come one after another.",
        each=Items(each=Either(shapes=(Word(), Fields(options=REPLY)))),
    ),
    "lookup": Table("Who is found by each value.", each=CUSTOMER_FACTS),
    "sms": Choice("What becomes of messages.", words=SENT),
    "callbacks": Choice("What becomes of promises to call back.", words=PROMISED),
    "surveyed": Flag("Does chance pick this caller for surveys?"),
    "vars": Shape("Variables that the call begins with."),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """How another system answers: a ``status`` with a ``body``, or one of ``FAILURES``; ``after_s`` how late."""

    status: int = 200
    body: Any = None
    fails: str = ""
    after_s: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """``at`` is aware. ``customer`` None is somebody nobody knows; so is a lookup's None, and a text is a failure.

    ``closures`` and ``queues`` have the form of ``Observe``'s answer; ``joins`` maps queues to one of ``JOINS``.
    ``http`` maps patterns (``GET https://shop.example.com/*``) to replies, which are used in turn, the last for ever.
    """

    at: datetime
    caller: str = CALLER
    called: str = CALLED
    flow: str = ""
    language: str = ""
    customer: dict[str, Any] | None = None
    closures: dict[str, dict[str, Any]] = field(default_factory=dict)
    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)
    http: dict[str, tuple[Reply, ...]] = field(default_factory=dict)
    lookups: dict[str, dict[str, Any] | str | None] = field(default_factory=dict)
    sms: str = "sent"
    callbacks: str = "promised"
    surveyed: bool = False
    vars: dict[str, Any] = field(default_factory=dict)


def plain_given(program: Program) -> Given:
    """What holds where a scenario says nothing."""
    return Given(at=AT.replace(tzinfo=program.center.zone).astimezone(UTC), called=_first_number(program))


def _first_number(program: Program) -> str:
    return next(iter(program.center.numbers), CALLED)


def read_given(reading: Reading, node: Node | None, program: Program) -> Given:
    """The ``given`` of a scenario; what is wrong with it are problems."""
    plain = plain_given(program)
    mapping = reading.mapping(node, "a map of what is given")
    if mapping is None:
        return plain
    form = Form(reading, mapping, OPTIONS)
    at = _at(form, plain.at)
    queues, joins = _queues(form)
    return Given(
        at=at,
        caller=_number(form, "caller", plain.caller, may_be_withheld=True),
        called=_called(form, plain.called),
        flow=_one_of(form, "flow", program.flows, "flow"),
        language=_one_of(form, "language", program.center.languages, "language"),
        customer=_customer(reading, form.value("customer")),
        closures=_closures(form, at),
        queues=queues,
        joins=joins,
        http=_http(form),
        lookups=_lookups(form),
        sms=form.choice("sms"),
        callbacks=form.choice("callbacks"),
        surveyed=form.flag("surveyed"),
        vars=_vars(form),
    )


# --- who calls, and when ---------------------------------------------------------------------------------------------


def _number(form: Form, name: str, default: str, *, may_be_withheld: bool = False) -> str:
    node, given = form.value(name), form.word(name, "a telephone number")
    if node is None or not given:
        return default
    if may_be_withheld and given == WITHHELD:
        return ""
    if not E164.fullmatch(given):
        also = f", or {WITHHELD}" if may_be_withheld else ""
        message = f'"{given[:60]}" is not a number such as "+12025550143"{also}'
        form.reading.problem(node, message, "bad-number")
    return given


def _called(form: Form, default: str) -> str:
    """The number that was dialled, which has to be one of the centre's."""
    number, node = _number(form, "called", default), form.value("called")
    numbers = form.reading.center.numbers
    if node is not None and numbers and E164.fullmatch(number) and number not in numbers:
        message = f'"{number}" is not one of the numbers of center.yaml: {listed(numbers)}'
        form.reading.problem(node, message, "unknown-number")
    return number


def _one_of(form: Form, name: str, known: MappingType[str, Any] | tuple[str, ...], what: str) -> str:
    node, given = form.value(name), form.word(name, f"the name of a {what}")
    if node is not None and given and given not in known:
        hint = did_you_mean(given, known) or f"; one of {listed(known)}"
        form.reading.problem(node, f'no {what} named "{given[:60]}"{hint}', f"unknown-{what}")
        return ""
    return given


def _at(form: Form, default: datetime) -> datetime:
    """A day and a time on the centre's clock."""
    node, given = form.value("at"), form.word("at", "a day and a time")
    if node is None or not given:
        return default
    wall = _wall(given)
    if wall is None:
        form.reading.problem(node, "a day and a time such as 2026-03-02 10:00 is needed here", "bad-value")
        return default
    try:
        moment = wall.replace(tzinfo=form.reading.center.zone).astimezone(UTC)
        is_there = moment.astimezone(form.reading.center.zone).replace(tzinfo=None) == wall
    except OverflowError:
        moment, is_there = default, False
    if not is_there:
        form.reading.problem(node, f"{given} does not exist where the centre is: the clock is put forward", "bad-value")
    return moment


def _wall(given: str) -> datetime | None:
    try:
        return datetime.strptime(given.replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the centre's zone follows
    except ValueError:
        return None


def _customer(reading: Reading, node: Node | None) -> dict[str, Any] | None:
    """Facts under the names of ``customer`` in expressions; the word ``unknown`` is nobody."""
    if node is None or (isinstance(node, Scalar) and node.text == "unknown"):
        return None
    mapping = reading.mapping(node, "a map of facts about the customer, or unknown,")
    if mapping is None:
        return None
    Form(reading, mapping, FACTS)
    return {key.text: _fact(reading, key.text, value) for key, value in mapping.pairs}


def _fact(reading: Reading, name: str, node: Node) -> Any:
    if name == "tags":
        return [reading.word(item, "a word") for item in items(node)]
    if name == "promises":
        return whole(reading, node, PROMISES)
    return reading.word(node, "a text")


def _vars(form: Form) -> dict[str, Any]:
    mapping = form.reading.mapping(form.value("vars"), "a map of variables to values")
    for key, _ in mapping.pairs if mapping is not None else ():
        if not NAME.fullmatch(key.text):
            form.reading.problem(key, f'"{key.text[:60]}" cannot name a variable', "bad-name")
    return {key.text: as_json(value) for key, value in mapping.pairs} if mapping is not None else {}


def as_json(node: Node) -> Any:
    """What is written as JSON data: 12, true and null are what JSON has; "12" in quotes and 0123 are texts."""
    if isinstance(node, Mapping):
        return {key.text: as_json(value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return [as_json(item) for item in node.items]
    if node.quoted:
        return node.text
    if NUMBER.fullmatch(node.text):
        return float(node.text) if "." in node.text else int(node.text)
    return WORDS_OF_JSON.get(node.text, node.text)


# --- how the world stands --------------------------------------------------------------------------------------------


def _closures(form: Form, at: datetime) -> dict[str, dict[str, Any]]:
    """Calendars that are closed by hand: ``{office: closed}`` or ``{office: {until: 14:00, say: …}}``."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in _pairs(form, "hours", form.reading.center.hours, "calendar"):
        closed = Form(form.reading, value, CLOSURE) if isinstance(value, Mapping) else None
        if closed is None and form.reading.word(value, "closed, or a map with until and say") not in {"", CLOSED}:
            form.reading.problem(value, "closed, or a map with until and say, is needed here", "bad-value")
        until = at + timedelta(days=1) if closed is None else _until(closed, at)
        found[key.text] = {"until_ms": int(until.timestamp() * 1000), "say": {} if closed is None else _told(closed)}
    return found


def _until(form: Form, at: datetime) -> datetime:
    """The next time that the centre's clock shows it; a day later when nothing is said."""
    node, given = form.value("until"), form.word("until", "a time")
    wall = at.astimezone(form.reading.center.zone)
    try:
        clock = time.fromisoformat(given) if re.fullmatch(r"[0-9]{2}:[0-9]{2}", given) else None
    except ValueError:
        clock = None
    if clock is None:
        if node is not None:
            form.reading.problem(node, "a time such as 14:00 is needed here", "bad-value")
        return at + timedelta(days=1)
    until = wall.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return until if until > wall else until + timedelta(days=1)


def _told(form: Form) -> dict[str, str]:
    """What callers are told, in all languages or by language."""
    node = form.value("say")
    languages = form.reading.center.languages
    if not isinstance(node, Mapping):
        said = form.word("say", "a text")
        return dict.fromkeys(languages, said) if said else {}
    Form(form.reading, node, dict.fromkeys(languages, Word()))
    return {key.text: form.reading.word(value, "a text") for key, value in node.pairs}


def _queues(form: Form) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """By queue its figures, and whether a caller may join it."""
    figures: dict[str, dict[str, Any]] = {}
    joins: dict[str, str] = {}
    for key, value in _pairs(form, "queues", form.reading.center.queues, "queue"):
        mapping = form.reading.mapping(value, "a map of the queue's figures")
        if mapping is None:
            continue
        queue = Form(form.reading, mapping, {**FIGURES, "join": JOIN})
        names = [name for name in FIGURES if queue.value(name) is not None]
        figures |= {key.text: {name: queue.whole(name) for name in names}} if names else {}
        joins |= {key.text: queue.choice("join")} if queue.value("join") is not None else {}
    return figures, joins


def _pairs(form: Form, name: str, known: MappingType[str, Any], what: str) -> tuple[tuple[Scalar, Node], ...]:
    """An option that maps known names to something."""
    mapping = form.reading.mapping(form.value(name), f"a map by the name of the {what}")
    found = []
    for key, value in mapping.pairs if mapping is not None else ():
        if key.text in known:
            found.append((key, value))
        else:
            hint = did_you_mean(key.text, known) or f"; center.yaml has {listed(known)}"
            form.reading.problem(key, f'no {what} named "{key.text[:60]}"{hint}', f"unknown-{what}")
    return tuple(found)


# --- how other systems answer ----------------------------------------------------------------------------------------


def _http(form: Form) -> dict[str, tuple[Reply, ...]]:
    mapping = form.reading.mapping(form.value("http"), "a map of addresses to answers")
    found: dict[str, tuple[Reply, ...]] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if not PATTERN.fullmatch(key.text) or "://" not in key.text:
            message = 'an address such as "https://shop.example.com/orders/*" is needed here'
            form.reading.problem(key, message, "bad-url")
        found[key.text] = tuple(_reply(form.reading, item) for item in items(value)[:MAX_REPLIES])
    return found


def _reply(reading: Reading, node: Node) -> Reply:
    if isinstance(node, Scalar):
        if node.text in FAILURES:
            return Reply(fails=node.text)
        return Reply(status=whole(reading, node, STATUS))
    mapping = reading.mapping(node, f"a status, a map with status and body, or one of {listed(FAILURES)},")
    if mapping is None:
        return Reply()
    form = Form(reading, mapping, REPLY)
    body = form.value("body")
    return Reply(
        status=form.whole("status"),
        body=None if body is None else as_json(body),
        after_s=form.duration("after"),
    )


def _lookups(form: Form) -> dict[str, dict[str, Any] | str | None]:
    """What is looked up, to the facts found; the words not_found, failed and timeout are what they say."""
    mapping = form.reading.mapping(form.value("lookup"), "a map of what is looked up to a customer's facts")
    found: dict[str, dict[str, Any] | str | None] = {}
    for key, value in mapping.pairs if mapping is not None else ():
        if isinstance(value, Scalar) and value.text in {NOT_FOUND, *FAILURES}:
            found[key.text] = None if value.text == NOT_FOUND else value.text
        else:
            found[key.text] = _customer(form.reading, value)
    return found
